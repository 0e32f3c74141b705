//! As many connectors as carry the load that was seen, and k to spare.

use super::View;

/// N + k.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NPlusK {
    /// k: connectors to spare.
    pub spare: usize,
    /// CPU up to which N of them carry the load, in hundredths of a percent.
    pub limit: f64,
}

impl NPlusK {
    pub(super) fn recommends(&self, view: &View) -> Option<usize> {
        Some(view.needed(view.load?, self.limit) + self.spare)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::view;
    use super::*;

    /// Four at 45 % are 180 % of one: at 60 % three carry them, at 59 % four; and one more.
    #[test]
    fn the_load_decides_and_not_the_number_that_carries_it_now() {
        let recommended = |limit, of: View| NPlusK { spare: 1, limit }.recommends(&of);
        assert_eq!(recommended(6_000.0, view(0, 4, 45)), Some(4));
        assert_eq!(recommended(5_900.0, view(0, 4, 45)), Some(5));
        assert_eq!(recommended(6_000.0, view(0, 2, 90)), Some(4));
        assert_eq!(recommended(6_000.0, View { load: None, ..view(0, 4, 45) }), None);
    }
}
