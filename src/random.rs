//! Keyed random streams: every draw has a name, and no draw is shared.
//!
//! A draw is named by (seed, replication, entity, purpose, index). The entity is a stable hash of the full name
//! of a slot, group, site, region or release, never a position, so permuting or splitting a fleet changes nobody's
//! luck, and a policy that makes one slot draw more often cannot shift another's: common random numbers by
//! construction. Philox 4×64-10 maps the name to the 256-bit state of a small xoshiro256++ generator; the map is a
//! bijection for each (seed, replication), so two draws never share a state.
//!
//! Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.

mod philox;
pub mod variate;

pub use rand_xoshiro::Xoshiro256PlusPlus as Generator;
pub use variate::{Variate, VariateError};

use rand::{Rng, SeedableRng};

/// The stable 128-bit hash of an entity's kind and full name. The default is nobody's, where nothing is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Entity(pub [u64; 2]);

impl Entity {
    /// The entity of a `kind` ("slot", "group", "site", …) with this full name.
    pub fn named(kind: &str, name: &str) -> Entity {
        let mut hasher = blake3::Hasher::new();
        hasher.update(kind.as_bytes()).update(b":").update(name.as_bytes());
        Entity(words(&hasher))
    }
}

/// What a draw is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Purpose(pub u64);

impl Purpose {
    /// The purpose with this name, for instance `"update duration"` or `"time to failure/site_power"`.
    pub fn named(name: &str) -> Purpose {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"purpose:").update(name.as_bytes());
        Purpose(words(&hasher)[0])
    }
}

fn words(hasher: &blake3::Hasher) -> [u64; 2] {
    let hash = hasher.finalize();
    let word = |at: usize| u64::from_le_bytes(std::array::from_fn(|i| hash.as_bytes()[at + i]));
    [word(0), word(8)]
}

/// The streams of one replication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streams {
    /// The scenario's seed.
    pub seed: u64,
    /// The replication's index, from 0.
    pub replication: u64,
}

impl Streams {
    /// The generator of the `index`-th draw of `entity` for `purpose`. A draw may take as many numbers from it as it
    /// needs without shifting the next draw.
    #[inline]
    pub fn draw(self, entity: Entity, purpose: Purpose, index: u64) -> Generator {
        Generator::from_seed(self.state(entity, purpose, index))
    }

    /// The 32 bytes that [`Streams::draw`] seeds its generator with.
    #[inline]
    pub fn state(self, entity: Entity, purpose: Purpose, index: u64) -> [u8; 32] {
        let block =
            philox::block([entity.0[0], entity.0[1], purpose.0, index], [self.seed, self.replication]);
        let mut state = [0; 32];
        for (bytes, word) in state.as_chunks_mut::<8>().0.iter_mut().zip(block) {
            *bytes = word.to_le_bytes();
        }
        state
    }
}

/// A uniform number in the open interval (0, 1): an odd multiple of 2⁻⁵³, from one `u64`.
///
/// The set is symmetric and `1.0 - u` is exact, so both tails of an inverted distribution are equally fine.
#[inline]
pub fn open_unit<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    const STEP: f64 = 1.0 / (1u64 << 53) as f64;
    ((rng.next_u64() >> 11) | 1) as f64 * STEP
}

/// True with probability `p`: never for 0, always for 1. Takes one `u64` whatever `p` is.
#[inline]
pub fn chance<R: Rng + ?Sized>(rng: &mut R, p: f64) -> bool {
    open_unit(rng) < p
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use rand::TryRng;

    use super::*;

    /// A generator that always says the same.
    struct Always(u64);

    impl TryRng for Always {
        type Error = Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Infallible> {
            Ok(self.0 as u32)
        }

        fn try_next_u64(&mut self) -> Result<u64, Infallible> {
            Ok(self.0)
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
            bytes.fill(self.0 as u8);
            Ok(())
        }
    }

    #[test]
    fn the_unit_interval_is_open_and_symmetric() {
        let (least, most) = (open_unit(&mut Always(0)), open_unit(&mut Always(u64::MAX)));
        assert_eq!(least, 2f64.powi(-53));
        assert_eq!(most, 1.0 - 2f64.powi(-53));
        assert_eq!(open_unit(&mut Always(1 << 63)) - 0.5, least);
    }

    #[test]
    fn the_impossible_never_happens_and_the_certain_always() {
        assert!(!chance(&mut Always(0), 0.0));
        assert!(chance(&mut Always(u64::MAX), 1.0));
    }

    /// 100,000 draws: the count of a fair share differs from its mean by five standard deviations or more once in
    /// 1.7 million seeds.
    #[test]
    fn a_chance_comes_true_in_its_share_of_draws() {
        let (n, p) = (100_000, 0.02);
        let mut rng = Generator::seed_from_u64(1);
        let count = (0..n).filter(|_| chance(&mut rng, p)).count() as f64;
        let (mean, deviation) = (f64::from(n) * p, (f64::from(n) * p * (1.0 - p)).sqrt());
        assert!((count - mean).abs() < 5.0 * deviation, "{count}");
    }

    /// Changing any part of a draw's name changes its stream, and the same name gives the same.
    #[test]
    fn streams_differ_by_each_part_of_the_key() {
        let streams = Streams { seed: 7, replication: 3 };
        let (slot, purpose) = (Entity::named("slot", "fra-app-007/1"), Purpose::named("repair"));
        let state = |streams: Streams, entity, purpose, index| streams.state(entity, purpose, index);
        let others = [
            state(streams, slot, purpose, 5),
            state(Streams { seed: 8, ..streams }, slot, purpose, 5),
            state(Streams { replication: 4, ..streams }, slot, purpose, 5),
            state(streams, Entity::named("slot", "fra-app-007/2"), purpose, 5),
            state(streams, Entity::named("group", "fra-app-007/1"), purpose, 5),
            state(streams, slot, Purpose::named("replacement"), 5),
            state(streams, slot, purpose, 6),
        ];
        for (i, one) in others.iter().enumerate() {
            for other in &others[i + 1..] {
                assert_ne!(one, other);
            }
        }
        assert_eq!(streams.draw(slot, purpose, 5), streams.draw(slot, purpose, 5));
    }
}
