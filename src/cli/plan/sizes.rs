//! Sizes as users write them: `3`, `2,3,5`, `2..6`, `2..16:2`.

use crate::fleet::MOST_SLOTS;

/// The sizes, ascending, each once, at least one.
pub(super) fn parse(text: &str) -> Result<Vec<usize>, String> {
    let wrong = || {
        format!(
            "--sizes: `{text}` is no list of sizes from 1 to {MOST_SLOTS}; write `2..6`, `2..16:2` or `2,3,5`"
        )
    };
    let mut sizes = Vec::new();
    for part in text.split(',') {
        sizes.extend(range(part.trim()).ok_or_else(wrong)?);
    }
    sizes.sort_unstable();
    sizes.dedup();
    let inside = sizes.iter().all(|size| (1..=MOST_SLOTS).contains(size));
    if inside && !sizes.is_empty() { Ok(sizes) } else { Err(wrong()) }
}

fn range(part: &str) -> Option<Vec<usize>> {
    let number = |text: &str| text.parse::<usize>().ok().filter(|&number| number <= MOST_SLOTS);
    let Some((first, rest)) = part.split_once("..") else { return Some(vec![number(part)?]) };
    let (last, step) = rest.split_once(':').unwrap_or((rest, "1"));
    let (first, last, step) = (number(first)?, number(last)?, number(step)?);
    (step > 0 && first <= last).then(|| (first..=last).step_by(step).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_lists_and_ranges() {
        assert_eq!(parse("3").unwrap(), [3]);
        assert_eq!(parse("5,2,3,2").unwrap(), [2, 3, 5]);
        assert_eq!(parse("2..6").unwrap(), [2, 3, 4, 5, 6]);
        assert_eq!(parse("1, 4..10:3").unwrap(), [1, 4, 7, 10]);
        for wrong in ["", "0", "65", "6..2", "2..6:0", "a", "1..", "99999999999999999999"] {
            assert!(parse(wrong).unwrap_err().contains("from 1 to 64"), "{wrong}");
        }
    }
}
