//! The pages, their fenced blocks and their links.

use std::path::{Path, PathBuf};

/// A Markdown page.
pub(crate) struct Page {
    /// Relative to the repository.
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

/// A fenced block.
pub(crate) struct Fence {
    /// What stands behind the backticks.
    pub(crate) info: String,
    pub(crate) body: String,
    /// Number of its first line.
    pub(crate) line: usize,
}

impl Fence {
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.info.split_whitespace()
    }

    /// The value of `key=value` behind the backticks.
    pub(crate) fn value(&self, key: &str) -> Option<&str> {
        self.words().find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
    }
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every page at the root and in `docs/`.
pub(crate) fn pages() -> Vec<Page> {
    let mut paths = Vec::new();
    markdown(root(), false, &mut paths);
    markdown(&root().join("docs"), true, &mut paths);
    paths.sort();
    let page = |path: PathBuf| Page {
        text: std::fs::read_to_string(&path).unwrap(),
        path: path.strip_prefix(root()).unwrap().to_owned(),
    };
    paths.into_iter().map(page).collect()
}

fn markdown(folder: &Path, deep: bool, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && deep {
            markdown(&path, deep, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

/// The fenced blocks of a page.
pub(crate) fn fences(text: &str) -> Vec<Fence> {
    let (mut found, mut open) = (Vec::new(), None::<Fence>);
    for (index, line) in text.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                open = Some(Fence { info: info.trim().to_owned(), body: String::new(), line: index + 1 });
            }
            (Some(_), Some("")) => found.extend(open.take()),
            (Some(fence), _) => fence.body.push_str(&format!("{line}\n")),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    found
}

/// The headings of a page as they are linked to.
fn anchors(text: &str) -> Vec<String> {
    let slug = |heading: &str| -> String {
        let kept = heading.trim().to_lowercase();
        let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    text.lines().filter(|line| line.starts_with('#')).map(|line| slug(line.trim_start_matches('#'))).collect()
}

/// Targets of `[text](target)` outside of fenced blocks.
fn links(text: &str) -> Vec<String> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in text.lines() {
        fenced ^= line.starts_with("```");
        if !fenced {
            let targets = line.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
            found.extend(targets.map(|(target, _)| target.to_owned()));
        }
    }
    found
}

#[test]
fn links_lead_somewhere() {
    let mut broken = Vec::new();
    for page in pages() {
        for link in links(&page.text).into_iter().filter(|link| !link.starts_with("http")) {
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = root().join(page.path.parent().unwrap()).join(file);
            let text = if file.is_empty() { Some(page.text.clone()) } else { read_if_page(&target) };
            let there = file.is_empty() || target.exists();
            let anchored =
                anchor.is_empty() || text.is_some_and(|text| anchors(&text).contains(&anchor.to_owned()));
            if !(there && anchored) {
                broken.push(format!("{}: {link}", page.path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "links that lead nowhere:\n{}", broken.join("\n"));
}

fn read_if_page(path: &Path) -> Option<String> {
    path.is_file().then(|| std::fs::read_to_string(path).ok()).flatten()
}

#[test]
fn every_page_is_in_the_index() {
    let index = read("docs/README.md");
    for page in pages() {
        if let Ok(inside) = page.path.strip_prefix("docs") {
            let inside = inside.to_str().unwrap();
            assert!(
                inside == "README.md" || index.contains(&format!("({inside})")),
                "docs/README.md lacks {inside}"
            );
        }
    }
}
