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
pub use variate::Variate;

use rand::SeedableRng;

/// The stable 128-bit hash of an entity's kind and full name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
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
    pub fn draw(self, entity: Entity, purpose: Purpose, index: u64) -> Generator {
        Generator::from_seed(self.state(entity, purpose, index))
    }

    /// The 32 bytes that [`Streams::draw`] seeds its generator with.
    pub fn state(self, entity: Entity, purpose: Purpose, index: u64) -> [u8; 32] {
        let block =
            philox::block([entity.0[0], entity.0[1], purpose.0, index], [self.seed, self.replication]);
        let mut state = [0; 32];
        for (bytes, word) in state.chunks_exact_mut(8).zip(block) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        state
    }
}
