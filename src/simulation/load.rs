//! To come.

/// Histograms of offered CPU and demand.
#[derive(Clone, Debug, Default)]
pub struct LoadHistograms {}
