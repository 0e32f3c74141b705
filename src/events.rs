//! The pending events of one group: a few places, and a short list of what is pending in order.
//!
//! A group has some ten places — one for each outage process, each slot, its rollout — at which at most one event is
//! pending. The list is sorted, the first event last, so the next one is at hand, and a new one is put in from the end:
//! what is due soon, as most are, goes in at once. At this size that beats any heap. **The tie law lives here**: of several events that
//! are due at the same instant the one of the lower [`Ranked::rank`] is taken, and of several of one rank the one whose
//! place was added first. An event that is set for the current instant takes its place among those left.

use std::marker::PhantomData;

use crate::time::Time;

/// Kinds of event in the order in which simultaneous ones are taken.
pub trait Ranked: Copy {
    /// The position in that order, below 32.
    fn rank(self) -> u8;

    /// The kind of this rank.
    fn of_rank(rank: u8) -> Self;
}

/// Pending events by place. A key is the instant, the rank and the place, from the highest bits to the lowest, so the
/// least key is the first event and says what and where it is.
#[derive(Clone, Debug)]
pub struct Agenda<K> {
    /// The key at each place, or `NONE`.
    keys: Vec<i64>,
    /// The keys of all pending events, descending.
    pending: Vec<i64>,
    place_bits: u32,
    kinds: PhantomData<K>,
}

const RANK_BITS: u32 = 5;
const NONE: i64 = i64::MAX;

impl<K: Ranked> Agenda<K> {
    /// With so many places, no event pending.
    ///
    /// An event that is due after the last instant that a key can hold is pending at that instant: 9,000 years for up to
    /// 1,024 places, and half of that whenever they double.
    pub fn with_places(places: usize) -> Agenda<K> {
        let place_bits = usize::BITS - places.saturating_sub(1).leading_zeros();
        Agenda {
            keys: vec![NONE; places],
            pending: Vec::with_capacity(places),
            place_bits,
            kinds: PhantomData,
        }
    }

    /// Makes `kind` the pending event at `place`, whatever was; none if `at` is never.
    #[inline]
    pub fn set(&mut self, place: usize, at: Time, kind: K) {
        self.clear(place);
        if at != Time::NEVER {
            let key = self.key(at, kind, place);
            self.keys[place] = key;
            self.insert(key);
        }
    }

    #[inline]
    fn insert(&mut self, key: i64) {
        let mut at = self.pending.len();
        self.pending.push(key);
        while at > 0 && self.pending[at - 1] < key {
            self.pending[at] = self.pending[at - 1];
            at -= 1;
        }
        self.pending[at] = key;
    }

    #[inline]
    fn clear(&mut self, place: usize) {
        let key = std::mem::replace(&mut self.keys[place], NONE);
        if key != NONE {
            self.pending.retain(|&pending| pending != key);
        }
    }

    #[inline]
    fn key(&self, at: Time, kind: K, place: usize) -> i64 {
        let instant = at.0.min((NONE >> self.time_shift()) - 1);
        instant << self.time_shift() | i64::from(kind.rank()) << self.place_bits | place as i64
    }

    #[inline]
    fn time_shift(&self) -> u32 {
        self.place_bits + RANK_BITS
    }

    #[inline]
    fn rank(&self, key: i64) -> u8 {
        (key >> self.place_bits) as u8 & ((1 << RANK_BITS) - 1)
    }

    /// No event is pending at `place` any more if it was of this kind.
    pub fn unset(&mut self, place: usize, kind: K) {
        if self.due(place, kind).is_some() {
            self.clear(place);
        }
    }

    /// When an event of `kind` is due at `place`, if one is.
    pub fn due(&self, place: usize, kind: K) -> Option<Time> {
        let key = self.keys[place];
        let same = key != NONE && self.rank(key) == kind.rank();
        same.then_some(Time(key >> self.time_shift()))
    }

    /// When the next event is due.
    pub fn next_due(&self) -> Time {
        self.pending.last().map_or(Time::NEVER, |key| Time(key >> self.time_shift()))
    }

    /// Takes the first event, if it is due before `until`: when it is due, its kind and its place.
    #[inline]
    pub fn take_before(&mut self, until: Time) -> Option<(Time, K, usize)> {
        let first = *self.pending.last()?;
        let at = Time(first >> self.time_shift());
        if at >= until {
            return None;
        }
        self.pending.pop();
        let place = (first & ((1 << self.place_bits) - 1)) as usize;
        self.keys[place] = NONE;
        Some((at, K::of_rank(self.rank(first)), place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

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

    #[test]
    fn what_is_too_far_away_to_be_told_apart_stays_pending() {
        let mut agenda = Agenda::with_places(3);
        agenda.set(1, Time(i64::MAX - 1), 3u8);
        agenda.set(2, Time::NEVER, 3);
        assert!(agenda.due(1, 3).is_some_and(|due| due > Time::ZERO + Span::LONGEST));
        assert_eq!(agenda.take_before(Time::NEVER).map(|(_, kind, place)| (kind, place)), Some((3, 1)));
        assert_eq!(agenda.take_before(Time::NEVER), None);
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
