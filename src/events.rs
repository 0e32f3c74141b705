//! The pending events of one group: a few places, scanned for the earliest.
//!
//! A group has some ten places — one for each outage process, each slot, its rollout — at which at most one event is
//! pending, so an array that fits a few cache lines beats any heap. **The tie law lives here**: of several events that
//! are due at the same instant the one of the lower [`Ranked::rank`] is taken, and of several of one rank the one whose
//! place was added first. An event that is set for the current instant takes its place among those left.

use std::marker::PhantomData;

use crate::time::Time;

/// Kinds of event in the order in which simultaneous ones are taken.
pub trait Ranked: Copy {
    /// The position in that order, below 16.
    fn rank(self) -> u8;

    /// The kind of this rank.
    fn of_rank(rank: u8) -> Self;
}

/// Pending events by place. A key is the instant, then the rank; places without an event have the largest.
#[derive(Clone, Debug)]
pub struct Agenda<K> {
    keys: Vec<i64>,
    kinds: PhantomData<K>,
}

const RANK_BITS: u32 = 4;
const NONE: i64 = i64::MAX;

impl<K> Default for Agenda<K> {
    fn default() -> Self {
        Agenda { keys: Vec::new(), kinds: PhantomData }
    }
}

impl<K: Ranked> Agenda<K> {
    /// With so many places, no event pending.
    pub fn with_places(places: usize) -> Agenda<K> {
        Agenda { keys: vec![NONE; places], kinds: PhantomData }
    }

    /// Makes `kind` the pending event at `place`, whatever was; none if `at` is never.
    pub fn set(&mut self, place: usize, at: Time, kind: K) {
        self.keys[place] = if at == Time::NEVER { NONE } else { key(at, kind) };
    }

    /// No event is pending at `place` any more if it was of this kind.
    pub fn unset(&mut self, place: usize, kind: K) {
        if self.due(place, kind).is_some() {
            self.keys[place] = NONE;
        }
    }

    /// When an event of `kind` is due at `place`, if one is.
    pub fn due(&self, place: usize, kind: K) -> Option<Time> {
        let key = self.keys[place];
        let same = key != NONE && key & ((1 << RANK_BITS) - 1) == i64::from(kind.rank());
        same.then_some(Time(key >> RANK_BITS))
    }

    /// When the next event is due.
    pub fn next_due(&self) -> Time {
        match self.keys.iter().copied().min() {
            None | Some(NONE) => Time::NEVER,
            Some(key) => Time(key >> RANK_BITS),
        }
    }

    /// Takes the first event, if it is due before `until`: when it is due, its kind and its place.
    pub fn take_before(&mut self, until: Time) -> Option<(Time, K, usize)> {
        let (mut first, mut place) = (NONE, 0);
        for (index, &key) in self.keys.iter().enumerate() {
            if key < first {
                (first, place) = (key, index);
            }
        }
        let at = Time(first >> RANK_BITS);
        if first == NONE || at >= until {
            return None;
        }
        self.keys[place] = NONE;
        Some((at, K::of_rank((first & ((1 << RANK_BITS) - 1)) as u8), place))
    }
}

fn key<K: Ranked>(at: Time, kind: K) -> i64 {
    at.0 << RANK_BITS | i64::from(kind.rank())
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Ranked for u8 {
        fn rank(self) -> u8 {
            self
        }
        fn of_rank(rank: u8) -> u8 {
            rank
        }
    }

    #[test]
    fn an_event_set_for_the_current_instant_takes_its_place_among_those_left() {
        let mut agenda = Agenda::with_places(3);
        agenda.set(2, Time(5), 1u8);
        agenda.set(1, Time(5), 1);
        assert_eq!(agenda.take_before(Time(5)), None);
        assert_eq!(agenda.take_before(Time(6)), Some((Time(5), 1, 1)));
        agenda.set(0, Time(5), 2);
        agenda.set(1, Time(5), 0);
        let rest = [(); 4].map(|()| agenda.take_before(Time::NEVER));
        assert_eq!(rest, [Some((Time(5), 0, 1)), Some((Time(5), 1, 2)), Some((Time(5), 2, 0)), None]);
        assert_eq!(agenda.next_due(), Time::NEVER);
    }

    #[test]
    fn only_an_event_of_the_kind_named_is_unset() {
        let mut agenda = Agenda::with_places(1);
        agenda.set(0, Time(7), 3u8);
        agenda.unset(0, 4);
        assert_eq!((agenda.due(0, 4), agenda.due(0, 3)), (None, Some(Time(7))));
        agenda.unset(0, 3);
        assert_eq!(agenda.next_due(), Time::NEVER);
    }

    proptest::proptest! {
        #[test]
        fn events_are_taken_by_time_then_kind_then_place(
            due in proptest::collection::vec((0i64..6, 0u8..4), 0..23),
        ) {
            let mut agenda = Agenda::with_places(due.len());
            for (place, &(at, kind)) in due.iter().enumerate() {
                agenda.set(place, Time(at), kind);
            }
            let places = due.iter().enumerate();
            let mut expected: Vec<_> = places.map(|(place, &(at, kind))| (Time(at), kind, place)).collect();
            expected.sort();
            let taken: Vec<_> = std::iter::from_fn(|| agenda.take_before(Time::NEVER)).collect();
            proptest::prop_assert_eq!(taken, expected);
        }
    }
}
