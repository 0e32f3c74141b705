//! fleetcast: a discrete-event simulator of fleets of network connectors.
//!
//! Read from the ground up: [`time`], [`random`], [`calendar`], [`events`], [`tally`] and [`analysis`] know
//! nothing of connectors; [`fleet`] has the nouns; [`environment`] is what happens whatever anyone decides and
//! [`control`] is what operators decide from what they can see; [`simulation`] brings the two together;
//! [`recording`] watches; [`scenario`] reads files; [`experiment`] runs replications; [`results`] and
//! [`report`] turn outcomes into files and pictures; [`cli`] is the program.

pub mod analysis;
pub mod calendar;
pub mod cli;
pub mod control;
pub mod environment;
pub mod events;
pub mod experiment;
pub mod files;
pub mod fleet;
pub mod random;
pub mod recording;
pub mod report;
pub mod results;
pub mod scenario;
pub mod simulation;
pub mod tally;
pub mod time;
