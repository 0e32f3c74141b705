//! Sets of slots of one group, as bits by ordinal.

use std::fmt;
use std::ops::{BitAnd, BitAndAssign, BitOr, BitOrAssign, Not, Sub};

/// A set of slots of one group; ordinals below [`super::MOST_SLOTS`].
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct SlotSet(u64);

impl SlotSet {
    /// No slot.
    pub const EMPTY: SlotSet = SlotSet(0);

    /// Slots 0 to `n` − 1.
    pub fn first(n: usize) -> SlotSet {
        if n >= 64 { SlotSet(u64::MAX) } else { SlotSet((1 << n) - 1) }
    }

    /// Only `slot`.
    pub fn one(slot: usize) -> SlotSet {
        SlotSet(1 << slot)
    }

    /// How many slots are in the set.
    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether more than `n` slots are; for small sets quicker than to count them.
    pub fn has_more_than(self, n: usize) -> bool {
        let mut rest = self.0;
        for _ in 0..n {
            if rest == 0 {
                return false;
            }
            rest &= rest - 1;
        }
        rest != 0
    }

    /// Whether no slot is.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether `slot` is.
    pub fn contains(self, slot: usize) -> bool {
        self.0 >> slot & 1 == 1
    }

    /// Whether a slot is in both sets.
    pub fn meets(self, other: SlotSet) -> bool {
        self.0 & other.0 != 0
    }

    /// The lowest ordinal.
    pub fn lowest(self) -> Option<usize> {
        (self.0 != 0).then(|| self.0.trailing_zeros() as usize)
    }

    /// Puts `slot` in or takes it out.
    pub fn set(&mut self, slot: usize, present: bool) {
        if present {
            self.insert(slot);
        } else {
            self.remove(slot);
        }
    }

    /// Puts `slot` in.
    pub fn insert(&mut self, slot: usize) {
        self.0 |= 1 << slot;
    }

    /// Takes `slot` out.
    pub fn remove(&mut self, slot: usize) {
        self.0 &= !(1 << slot);
    }

    /// The slots in ordinal order.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            (rest != 0).then(|| {
                let slot = rest.trailing_zeros() as usize;
                rest &= rest - 1;
                slot
            })
        })
    }
}

impl FromIterator<usize> for SlotSet {
    fn from_iter<I: IntoIterator<Item = usize>>(slots: I) -> SlotSet {
        let mut set = SlotSet::EMPTY;
        slots.into_iter().for_each(|slot| set.insert(slot));
        set
    }
}

impl BitAnd for SlotSet {
    type Output = SlotSet;
    fn bitand(self, other: SlotSet) -> SlotSet {
        SlotSet(self.0 & other.0)
    }
}

impl BitAndAssign for SlotSet {
    fn bitand_assign(&mut self, other: SlotSet) {
        self.0 &= other.0;
    }
}

impl BitOr for SlotSet {
    type Output = SlotSet;
    fn bitor(self, other: SlotSet) -> SlotSet {
        SlotSet(self.0 | other.0)
    }
}

impl BitOrAssign for SlotSet {
    fn bitor_assign(&mut self, other: SlotSet) {
        self.0 |= other.0;
    }
}

impl Sub for SlotSet {
    type Output = SlotSet;
    /// The slots of `self` that are not in `other`.
    fn sub(self, other: SlotSet) -> SlotSet {
        SlotSet(self.0 & !other.0)
    }
}

impl Not for SlotSet {
    type Output = SlotSet;
    fn not(self) -> SlotSet {
        SlotSet(!self.0)
    }
}

impl fmt::Debug for SlotSet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_n_slots_are_more_than_n() {
        for set in [SlotSet::EMPTY, SlotSet::one(63), SlotSet::first(3), SlotSet::first(64)] {
            for n in 0..66 {
                assert_eq!(set.has_more_than(n), set.len() > n, "{set:?} {n}");
            }
        }
    }
}
