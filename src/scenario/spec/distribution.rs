//! Distributions of durations, tagged by `dist` and parametrised by their mean where possible.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Duration, DurationOrZero};

/// A distribution of durations. Every draw is rounded up to the next millisecond.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "dist", rename_all = "lowercase", deny_unknown_fields)]
pub enum Distribution {
    /// Always the same.
    Constant {
        /// The duration.
        value: DurationOrZero,
    },
    /// Memoryless.
    Exponential {
        /// Mean.
        mean: Duration,
    },
    /// Weibull: with a shape below 1 what has lasted long lasts longer.
    Weibull {
        /// Mean.
        mean: Duration,
        /// Shape; 1 is the exponential.
        #[schemars(extend("exclusiveMinimum" = 0), range(max = 100))]
        shape: f64,
    },
    /// Lognormal; exactly one of `sigma` and `cv`.
    Lognormal {
        /// Mean.
        mean: Duration,
        /// Standard deviation of the logarithm.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 0, max = 20))]
        sigma: Option<f64>,
        /// Coefficient of variation: standard deviation divided by mean.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 0, max = 1_000_000))]
        cv: Option<f64>,
    },
    /// Gamma.
    Gamma {
        /// Mean.
        mean: Duration,
        /// Shape; 1 is the exponential.
        #[schemars(extend("exclusiveMinimum" = 0), range(max = 1_000_000))]
        shape: f64,
    },
    /// Uniform.
    Uniform {
        /// Shortest.
        min: DurationOrZero,
        /// Longest.
        max: Duration,
    },
    /// Triangular.
    Triangular {
        /// Shortest.
        min: DurationOrZero,
        /// Most likely.
        mode: DurationOrZero,
        /// Longest.
        max: Duration,
    },
    /// Drawn from measured durations, all equally likely.
    Empirical {
        /// CSV file with a header, relative to the file that names it; or give `values`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<String>,
        /// Column of the file, in seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        column: Option<String>,
        /// The durations themselves, in seconds, instead of a file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        values: Option<Vec<f64>>,
    },
}
