//! The engine against its slow, obviously right twin, which is written from the model's description alone.

mod agreement;
mod auditing;
#[path = "../support/builder.rs"]
mod builder;
mod hand_worked;
mod reference;
#[path = "../support/swarm.rs"]
mod swarm;
