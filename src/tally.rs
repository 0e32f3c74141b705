//! Tallies: statistics that are integers and merge exactly.
//!
//! Every tally is a multiset of what was recorded, reduced to whole counts. Merging adds counts, so it is exact,
//! associative and commutative: replications, blocks of groups and threads may be joined in any order and give the
//! same bytes. What is not an integer by nature is put in a bin first.

mod counts;

pub use counts::Counts;
