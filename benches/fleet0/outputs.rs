//! What FLEET-0 puts out, for every program that runs it.

/// Kinds of executed events, as [`Outputs::events`] counts them.
pub(crate) const KINDS: [&str; 8] =
    ["FAIL", "REPAIR", "RENEW", "REPLACE", "RELEASE", "UPDATE_END", "RETRY", "TICK"];

/// Bins of the CPU histogram, of a hundredth of a connector each; the last also takes all beyond.
pub(crate) const BINS: usize = 201;

/// The outputs of one run.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Outputs {
    /// By [`KINDS`]; a tick counts once for each group.
    pub(crate) events: [u64; 8],
    /// Share of connector-time available.
    pub(crate) availability: f64,
    /// Share of group-ticks with a CPU above 0.7.
    pub(crate) overloaded_share: f64,
    /// Share of group-ticks with nobody available.
    pub(crate) zero_share: f64,
    pub(crate) expired: u64,
    pub(crate) completed_rollouts: u64,
    /// In seconds.
    pub(crate) mean_completion: f64,
    pub(crate) max_cpu: f64,
    /// The lower end of the bin that holds it.
    pub(crate) median_cpu: f64,
    /// The lower end of the bin that holds it.
    pub(crate) p99_cpu: f64,
}

impl Outputs {
    /// All executed events.
    pub(crate) fn total(&self) -> u64 {
        self.events.iter().sum()
    }

    /// Tells one result from another: FNV-1a over all fields.
    pub(crate) fn hash(&self) -> u64 {
        let reals = [
            self.availability,
            self.overloaded_share,
            self.zero_share,
            self.mean_completion,
            self.max_cpu,
            self.median_cpu,
            self.p99_cpu,
        ];
        let counts = self.events.into_iter().chain([self.expired, self.completed_rollouts]);
        counts
            .chain(reals.map(f64::to_bits))
            .flat_map(u64::to_le_bytes)
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
            })
    }
}

/// The lower end of the bin in which the cumulative count reaches `q` of all; 0 if there is none.
pub(crate) fn quantile(histogram: &[u64; BINS], q: f64) -> f64 {
    let wanted = q * histogram.iter().sum::<u64>() as f64;
    let mut seen = 0;
    for (bin, count) in histogram.iter().enumerate() {
        seen += count;
        if *count > 0 && seen as f64 >= wanted {
            return bin as f64 / 100.0;
        }
    }
    0.0
}
