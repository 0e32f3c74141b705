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

    /// Takes what is due at `at`, the first in the tie law, and unsets it.
    pub fn take(&mut self, at: Time) -> Option<K> {
        let timer = self.due.iter().position(|&due| due == at)?;
        self.unset(timer);
        Some(self.kinds[timer])
    }
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
        assert_eq!((agenda.next_due(), agenda.take(Time(5))), (Time(5), Some('b')));
        agenda.set(first, Time(5));
        assert_eq!(
            (agenda.take(Time(5)), agenda.take(Time(5)), agenda.take(Time(5))),
            (Some('a'), Some('c'), None)
        );
        assert_eq!(agenda.next_due(), Time::NEVER);
    }
}
