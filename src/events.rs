//! The pending events of one group: a few timers, scanned for the earliest.
//!
//! A group has some tens of timers, each for one kind of event at one place, so an array that fits a few cache lines
//! beats any heap. **The tie law lives in the order of the timers**: of several that are due at the same instant the
//! one added first is taken, so whoever lays the agenda out writes down, once, which of two simultaneous events comes
//! first. A timer that is set for the current instant takes its place among those left.

use crate::time::Time;

/// Timers in the order of the tie law; `K` says what each is for.
#[derive(Clone, Debug)]
pub struct Agenda<K> {
    due: Vec<Time>,
    kinds: Vec<K>,
}

impl<K> Default for Agenda<K> {
    fn default() -> Self {
        Agenda { due: Vec::new(), kinds: Vec::new() }
    }
}

impl<K: Copy> Agenda<K> {
    /// Removes all timers.
    pub fn clear(&mut self) {
        self.due.clear();
        self.kinds.clear();
    }

    /// How many timers there are.
    pub fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// Adds a timer that is not set, behind all others in the tie law, and returns its number.
    pub fn add(&mut self, kind: K) -> usize {
        self.due.push(Time::NEVER);
        self.kinds.push(kind);
        self.due.len() - 1
    }

    /// Sets `timer` to `at`, whatever it was set to.
    pub fn set(&mut self, timer: usize, at: Time) {
        self.due[timer] = at;
    }

    /// Unsets `timer`.
    pub fn unset(&mut self, timer: usize) {
        self.due[timer] = Time::NEVER;
    }

    /// When `timer` is due, [`Time::NEVER`] if it is not set.
    pub fn due(&self, timer: usize) -> Time {
        self.due[timer]
    }

    /// When the next timer is due.
    pub fn next_due(&self) -> Time {
        self.due.iter().copied().min().unwrap_or(Time::NEVER)
    }

    /// Takes the earliest timer that is due before `until`, of several the first in the tie law, and unsets it.
    pub fn take_before(&mut self, until: Time) -> Option<(Time, K)> {
        let (due, timer) = earliest(&self.due);
        if due >= until {
            return None;
        }
        self.unset(timer);
        Some((due, self.kinds[timer]))
    }
}

/// The earliest of `due` and where it stands first. Four searches side by side, because each waits for itself.
fn earliest(due: &[Time]) -> (Time, usize) {
    let mut best = [(Time::NEVER, usize::MAX); 4];
    let (fours, rest) = due.as_chunks::<4>();
    for (four, times) in fours.iter().enumerate() {
        for (best, &time) in best.iter_mut().zip(times) {
            if time < best.0 {
                *best = (time, four);
            }
        }
    }
    let in_lane =
        |(lane, (time, four)): (usize, (Time, usize))| (time, four.saturating_mul(4).saturating_add(lane));
    let rest = rest.iter().enumerate().map(|(i, &time)| (time, fours.len() * 4 + i));
    let all = best.into_iter().enumerate().map(in_lane).chain(rest);
    all.min().unwrap_or((Time::NEVER, usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_simultaneous_events_the_first_timer_is_taken() {
        let mut agenda = Agenda::default();
        let (first, second, third) = (agenda.add('a'), agenda.add('b'), agenda.add('c'));
        agenda.set(third, Time(5));
        agenda.set(second, Time(5));
        agenda.set(first, Time(9));
        assert_eq!(agenda.take_before(Time(5)), None);
        assert_eq!(agenda.take_before(Time(6)), Some((Time(5), 'b')));
        agenda.set(first, Time(5));
        let rest = [(); 3].map(|()| agenda.take_before(Time::NEVER));
        assert_eq!(rest, [Some((Time(5), 'a')), Some((Time(5), 'c')), None]);
        assert_eq!(agenda.next_due(), Time::NEVER);
    }

    proptest::proptest! {
        #[test]
        fn timers_are_taken_by_time_then_number(due in proptest::collection::vec(0i64..6, 0..23)) {
            let mut agenda = Agenda::default();
            for (number, &at) in due.iter().enumerate() {
                let timer = agenda.add(number);
                agenda.set(timer, Time(at));
            }
            let mut expected: Vec<_> = due.iter().enumerate().map(|(number, &at)| (Time(at), number)).collect();
            expected.sort();
            let taken: Vec<_> = std::iter::from_fn(|| agenda.take_before(Time::NEVER)).collect();
            proptest::prop_assert_eq!(taken, expected);
        }
    }
}
