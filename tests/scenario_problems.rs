//! What is wrong with a scenario is said all at once, with its place and a remedy.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use fleetcast::scenario;
use proptest::prelude::*;

const REFERENCE: &str = include_str!("../scenarios/reference.toml");

/// The problems of a broken file as a user sees them.
fn rendered(name: &str) -> String {
    let path = Path::new("tests/broken").join(name).with_extension("toml");
    scenario::load(&path, &[]).expect_err("the file is broken").render(false)
}

macro_rules! broken {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            insta::assert_snapshot!(rendered(stringify!($name)));
        })*
    };
}

broken! {
    unknown_keys wrong_kinds durations words references dates start bounds profiles traces names later syntax imports upgrades
    empty crews rings actions
}

#[test]
fn a_missing_file_and_a_directory_are_said_to_be_so() {
    let message = |name: &str| scenario::load(Path::new(name), &[]).unwrap_err().render(false);
    assert!(message("scenarios/nowhere.toml").contains("there is no such file"));
    assert!(message("scenarios").contains("it is a directory"));
}

#[test]
fn problems_have_a_place_for_programs_too() {
    let problems = scenario::load(Path::new("tests/broken/unknown_keys.toml"), &[]).unwrap_err();
    let json = problems.to_json();
    let first = &json[0];
    assert_eq!(first["path"], "horzion");
    assert_eq!((&first["line"], &first["column"]), (&2.into(), &1.into()));
    assert_eq!(first["value"], "\"30d\"");
    assert_eq!(first["remedy"], "did you mean `horizon`?");
    assert_eq!(json.as_array().map(Vec::len), Some(problems.len()));
    assert!(problems.iter().all(|problem| problem.line > 0 && !problem.message.is_empty()));
}

#[test]
fn colours_are_only_there_when_asked_for() {
    let problems = scenario::load(Path::new("tests/broken/words.toml"), &[]).unwrap_err();
    assert!(problems.render(true).contains('\u{1b}'));
    assert!(!problems.render(false).contains('\u{1b}'));
}

/// A text with some pieces cut out or replaced by others.
fn mutated() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(String::new()),
        "[ -~\n]{1,6}",
        Just("\"\"".to_owned()),
        Just("-1".to_owned()),
        Just("1e308".to_owned()),
        Just("nan".to_owned()),
        Just("[]".to_owned()),
        Just("{}".to_owned()),
        Just("= 0".to_owned()),
        Just("\u{fc}\u{4e2d}".to_owned()),
    ];
    proptest::collection::vec((0..REFERENCE.len(), 0..12usize, piece), 1..4).prop_map(|edits| {
        let mut text: Vec<char> = REFERENCE.chars().collect();
        for (at, cut, piece) in edits {
            let from = at.min(text.len());
            let to = (from + cut).min(text.len());
            text.splice(from..to, piece.chars());
        }
        text.into_iter().collect()
    })
}

/// A line of the reference, its value replaced: more edits of meaning than random ones.
fn revalued() -> impl Strategy<Value = String> {
    let lines = REFERENCE.lines().count();
    let value = prop_oneof![
        Just("\"0s\""),
        Just("\"9999w\""),
        Just("0"),
        Just("-1"),
        Just("9223372036854775807"),
        Just("1e308"),
        Just("nan"),
        Just("\"x\""),
        Just("[]"),
        Just("{}"),
        Just("true"),
    ];
    (0..lines, value).prop_map(|(line, value)| {
        let replace = |(number, text): (usize, &str)| match text.split_once(" = ") {
            Some((key, _)) if number == line => format!("{key} = {value}\n"),
            _ => format!("{text}\n"),
        };
        REFERENCE.lines().enumerate().map(replace).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_text_makes_it_panic(text in prop_oneof![mutated(), revalued()]) {
        if let Err(problems) = scenario::read(&text, "mutated.toml", Path::new("scenarios"), &[]) {
            prop_assert!(!problems.is_empty());
            prop_assert!(!problems.render(false).is_empty());
        }
    }
}
