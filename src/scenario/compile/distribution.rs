//! Distributions as written to variates in milliseconds.

use super::Compiler;
use super::data::amount;
use crate::random::Variate;
use crate::scenario::document::Path;
use crate::scenario::spec::Distribution;
use crate::time::DAY;

impl Compiler<'_, '_> {
    /// The variate of the distribution at `path`; a constant stands in for one that is reported.
    pub(super) fn variate(&mut self, path: &Path, distribution: &Distribution) -> Variate {
        if let Some(message) = out_of_order(distribution) {
            self.report.meaning(path, &message, "put them in ascending order");
            return stand_in();
        }
        let made = match distribution {
            Distribution::Constant { value } => Variate::constant(value.milliseconds()),
            Distribution::Exponential { mean } => Variate::exponential(mean.milliseconds()),
            Distribution::Weibull { mean, shape } => Variate::weibull(mean.milliseconds(), *shape),
            Distribution::Lognormal { mean, sigma, cv } => {
                let sigma = self.sigma(path, *sigma, *cv);
                Variate::log_normal(mean.milliseconds(), sigma)
            }
            Distribution::Gamma { mean, shape } => Variate::gamma(mean.milliseconds(), *shape),
            Distribution::Uniform { min, max } => Variate::uniform(min.milliseconds(), max.milliseconds()),
            Distribution::Triangular { min, mode, max } => {
                Variate::triangular(min.milliseconds(), mode.milliseconds(), max.milliseconds())
            }
            Distribution::Empirical { file, column, values } => {
                let Some(seconds) =
                    self.measured(path, file.as_deref(), column.as_deref(), values.as_deref())
                else {
                    return stand_in();
                };
                Variate::empirical(seconds.into_iter().map(|second| second * 1e3).collect())
            }
        };
        made.unwrap_or_else(|error| {
            self.report.meaning(path, &error.to_string(), "change its parameters");
            stand_in()
        })
    }

    fn sigma(&mut self, path: &Path, sigma: Option<f64>, cv: Option<f64>) -> f64 {
        match (sigma, cv) {
            (Some(sigma), None) => sigma,
            (None, Some(cv)) => libm::sqrt(libm::log1p(cv * cv)),
            (None, None) => {
                self.report.meaning(path, "a lognormal needs its spread", "give `sigma` or `cv`");
                1.0
            }
            (Some(_), Some(_)) => {
                self.report.meaning(path, "both `sigma` and `cv` are given", "give one of them");
                1.0
            }
        }
    }

    fn measured(
        &mut self,
        path: &Path,
        file: Option<&str>,
        column: Option<&str>,
        values: Option<&[f64]>,
    ) -> Option<Vec<f64>> {
        let seconds = match (file, column, values) {
            (None, None, Some(values)) => {
                if let Some(at) = values.iter().position(|value| !(*value >= 0.0 && value.is_finite())) {
                    self.report.meaning(
                        &path.key("values").index(at),
                        "a duration is 0 or more",
                        "correct it",
                    );
                }
                values.to_vec()
            }
            (Some(file), Some(column), None) => self.measured_file(path, file, column)?,
            _ => {
                let remedy = "give `file` and `column`, or `values` in seconds";
                self.report.meaning(path, "measured durations come from a file or a list", remedy);
                return None;
            }
        };
        if seconds.is_empty() {
            self.report.meaning(path, "there are no measured durations", "give at least one");
            return None;
        }
        Some(seconds)
    }

    fn measured_file(&mut self, path: &Path, file: &str, column: &str) -> Option<Vec<f64>> {
        let data = self.data_file(&path.key("file"), file)?;
        let at = self.column(&data, &path.key("column"), column)?;
        let mut seconds = Vec::with_capacity(data.rows.len());
        for (line, row) in &data.rows {
            match amount(&row[at]) {
                Ok(number) => seconds.push(number),
                Err(message) => {
                    let message = format!("{file} line {line}: {message}");
                    self.report.meaning(&path.key("file"), &message, "give seconds, 0 or more, in every row");
                    return None;
                }
            }
        }
        let inlined = Distribution::Empirical { file: None, column: None, values: Some(seconds.clone()) };
        if let Ok(value) = toml::Value::try_from(inlined) {
            self.contain(path, value);
        }
        Some(seconds)
    }
}

/// What is wrong with the bounds of a distribution, if anything.
fn out_of_order(distribution: &Distribution) -> Option<String> {
    match distribution {
        Distribution::Uniform { min, max } if min.0 > max.0 => {
            Some(format!("`min` {} is above `max` {}", min.0, max.0))
        }
        Distribution::Triangular { min, mode, max } if min.0 > mode.0 || mode.0 > max.0 => {
            Some(format!("`mode` {} is not between `min` {} and `max` {}", mode.0, min.0, max.0))
        }
        _ => None,
    }
}

fn stand_in() -> Variate {
    match Variate::constant(DAY.0 as f64) {
        Ok(variate) => variate,
        Err(_) => unreachable!("a constant of a day is valid"),
    }
}
