//! The shape of demand over time: a step function of the local week, or a sine of simulated time.
//!
//! A profile begins on Monday 00:00 by the site's wall clock and repeats. When the clocks change, it follows them: a
//! repeated hour repeats its values, a skipped one drops them.

use super::local::WEEK;
use super::{LocalClock, ProfileError, presets};
use crate::time::{Span, Time};

/// A step function over a week, or over a part of the week that repeats, such as a day.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    step: Span,
    values: Vec<f64>,
}

impl Profile {
    /// The profile with one of `values` for each `step`, from Monday 00:00 local time.
    ///
    /// # Errors
    /// If the step does not divide a week, if the values do not cover exactly a week or a whole part of it, or if one
    /// is negative, infinite or not a number.
    pub fn new(step: Span, values: Vec<f64>) -> Result<Profile, ProfileError> {
        if step.0 <= 0 || WEEK % step.0 != 0 {
            return Err(ProfileError::Step { step: step.to_string() });
        }
        let steps = WEEK / step.0;
        if values.is_empty() || steps % values.len() as i64 != 0 {
            let covered = Span(step.0.saturating_mul(values.len() as i64)).to_string();
            return Err(ProfileError::Length { values: values.len(), step: step.to_string(), covered });
        }
        let usable = |value: &f64| *value >= 0.0 && value.is_finite();
        if let Some(index) = values.iter().position(|value| !usable(value)) {
            return Err(ProfileError::Value { index, value: values[index] });
        }
        Ok(Profile { step, values })
    }

    /// The preset called `name`, one of [`PROFILE_PRESETS`](super::PROFILE_PRESETS); all have mean 1.
    pub fn preset(name: &str) -> Option<Profile> {
        presets::profile(name)
    }

    pub(super) fn of_hours(values: Vec<f64>) -> Profile {
        Profile { step: crate::time::HOUR, values }
    }

    /// The length of a step.
    pub fn step(&self) -> Span {
        self.step
    }

    /// The values, from Monday 00:00.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The mean over the week.
    pub fn mean(&self) -> f64 {
        self.values.iter().sum::<f64>() / self.values.len() as f64
    }

    /// The index of the value in force at `time`.
    pub fn index(&self, local: &LocalClock, time: Time) -> usize {
        self.index_at_wall(local.wall(time))
    }

    /// The indices in force at `first`, `first + tick`, …, for a `tick` above 0.
    pub fn indices(
        &self,
        local: &LocalClock,
        first: Time,
        tick: Span,
        count: usize,
    ) -> impl Iterator<Item = usize> {
        local.walls(first, tick, count).map(|wall| self.index_at_wall(wall))
    }

    #[inline]
    fn index_at_wall(&self, wall: i64) -> usize {
        let cycle = self.step.0 * self.values.len() as i64;
        (wall.rem_euclid(cycle) / self.step.0) as usize
    }
}

/// 1 + amplitude · sin(2π t / period + phase), t in simulated time, the same in every zone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sine {
    amplitude: f64,
    period: Span,
    phase: f64,
}

impl Sine {
    /// A sine with `amplitude` in [0, 1], a `period` above 0 and a `phase` in radians.
    ///
    /// # Errors
    /// If one of them is not so.
    pub fn new(amplitude: f64, period: Span, phase: f64) -> Result<Sine, ProfileError> {
        if !(0.0..=1.0).contains(&amplitude) || period.0 <= 0 || !phase.is_finite() {
            return Err(ProfileError::Sine { amplitude, period: period.to_string(), phase });
        }
        Ok(Sine { amplitude, period, phase })
    }

    /// The value at `time`.
    pub fn at(&self, time: Time) -> f64 {
        // The remainder is exact, so late ticks are as precise as early ones.
        let cycle = time.0.rem_euclid(self.period.0) as f64 / self.period.0 as f64;
        1.0 + self.amplitude * libm::sin(std::f64::consts::TAU * cycle + self.phase)
    }
}

/// Either shape.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Steps in local time.
    Steps(Profile),
    /// A sine in simulated time.
    Sine(Sine),
}

impl Shape {
    /// The value at `time` where the wall clock is `local`.
    pub fn at(&self, local: &LocalClock, time: Time) -> f64 {
        match self {
            Shape::Steps(profile) => profile.values[profile.index(local, time)],
            Shape::Sine(sine) => sine.at(time),
        }
    }

    /// The values at `first`, `first + tick`, …, `count` of them, for a `tick` above 0.
    pub fn series(&self, local: &LocalClock, first: Time, tick: Span, count: usize) -> Vec<f64> {
        match self {
            Shape::Steps(profile) => {
                profile.indices(local, first, tick, count).map(|index| profile.values[index]).collect()
            }
            Shape::Sine(sine) => (0..count).map(|i| sine.at(Time(first.0 + i as i64 * tick.0))).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Clock, Zone};
    use crate::time::{DAY, HOUR, MINUTE};

    /// The hours of the week shown by ticks of `tick` from `from` on, in `zone`.
    fn hours(zone: &str, from: &str, tick: Span, count: usize) -> Vec<usize> {
        let clock = Clock::parse("2026-01-05").unwrap();
        let profile = Profile::new(HOUR, (0..168).map(f64::from).collect()).unwrap();
        let local = clock.local(&Zone::named(zone).unwrap(), Time(365 * DAY.0));
        profile.indices(&local, clock.time(from).unwrap(), tick, count).collect()
    }

    /// Sunday begins at hour 144 of the week. On 29 March 2026 the clocks of Berlin skip the hour from two, on 25
    /// October they repeat it.
    #[test]
    fn a_profile_follows_the_clocks_of_berlin() {
        let spring = hours("Europe/Berlin", "2026-03-28T23:00:00Z", HOUR, 5);
        assert_eq!(spring, [144, 145, 147, 148, 149]);
        let autumn = hours("Europe/Berlin", "2026-10-24T22:00:00Z", HOUR, 6);
        assert_eq!(autumn, [144, 145, 146, 146, 147, 148]);
        let halves = hours("Europe/Berlin", "2026-10-24T23:30:00Z", Span(30 * MINUTE.0), 6);
        assert_eq!(halves, [145, 146, 146, 146, 146, 147]);
    }

    /// In Sydney summer ends on 5 April 2026: three o'clock becomes two. On Lord Howe Island on that day two o'clock
    /// becomes half past one: the half hour repeats, the whole hour does not.
    #[test]
    fn a_profile_follows_the_clocks_of_the_south() {
        let sydney = hours("Australia/Sydney", "2026-04-04T14:00:00Z", HOUR, 4);
        assert_eq!(sydney, [145, 146, 146, 147]);
        let spring = hours("Australia/Sydney", "2026-10-03T14:00:00Z", HOUR, 4);
        assert_eq!(spring, [144, 145, 147, 148]);
        let island = hours("Australia/Lord_Howe", "2026-04-04T14:00:00Z", Span(30 * MINUTE.0), 5);
        assert_eq!(island, [145, 145, 145, 146, 146]);
    }

    #[test]
    fn a_daily_profile_repeats_each_day() {
        let clock = Clock::parse("2026-01-07T00:00:00[Europe/Berlin]").unwrap();
        let profile = Profile::new(Span(6 * HOUR.0), vec![0.0, 1.0, 2.0, 1.0]).unwrap();
        let local = clock.local(clock.zone(), Time(DAY.0));
        let shape = Shape::Steps(profile);
        let series = shape.series(&local, Time(-3 * HOUR.0), Span(6 * HOUR.0), 6);
        assert_eq!(series, [1.0, 0.0, 1.0, 2.0, 1.0, 0.0]);
        assert_eq!(shape.at(&local, Time(12 * HOUR.0)), 2.0);
    }

    #[test]
    fn profiles_that_do_not_fit_a_week_are_refused() {
        let message = |step, count| Profile::new(step, vec![1.0; count]).unwrap_err().to_string();
        assert!(message(Span(5 * HOUR.0), 24).contains("5h does not divide a week"));
        assert!(message(HOUR, 23).contains("cover 23h"));
        assert!(message(DAY, 14).contains("cover 14d"));
        assert!(message(HOUR, 0).contains("0 values"));
        assert!(message(Span::ZERO, 1).contains("0s"));
        let bad = |value| Profile::new(DAY, vec![1.0, 1.0, value, 1.0, 1.0, 1.0, 1.0]).unwrap_err();
        assert!(matches!(bad(-0.5), ProfileError::Value { index: 2, .. }));
        assert!(matches!(bad(f64::NAN), ProfileError::Value { index: 2, .. }));
        assert!(Profile::new(DAY, vec![1.0]).is_ok() && Profile::new(Span(WEEK), vec![1.0]).is_ok());
    }

    #[test]
    fn a_sine_is_one_at_its_start_and_highest_after_a_quarter() {
        let sine = Sine::new(0.6, DAY, 0.0).unwrap();
        assert_eq!(sine.at(Time::ZERO), 1.0);
        assert_eq!(sine.at(Time(6 * HOUR.0)), 1.6);
        assert_eq!(sine.at(Time(6 * HOUR.0)), sine.at(Time(6 * HOUR.0 + 3_000 * DAY.0)));
        let shifted = Sine::new(0.6, DAY, std::f64::consts::FRAC_PI_2).unwrap();
        assert!((shifted.at(Time::ZERO) - 1.6).abs() < 1e-15);
        assert!(Sine::new(1.1, DAY, 0.0).is_err() && Sine::new(0.5, Span::ZERO, 0.0).is_err());
        assert!(Sine::new(f64::NAN, DAY, 0.0).is_err() && Sine::new(0.5, DAY, f64::INFINITY).is_err());
    }
}
