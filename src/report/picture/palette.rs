//! All colours of the figures: the palette of Okabe and Ito, which readers with any common colour vision tell apart.
//!
//! Okabe, Ito, "Color universal design", 2008, <https://jfly.uni-koeln.de/color/>.

use crate::fleet::{GroupStatus, Status};

/// A colour: red, green, blue.
pub type Colour = (u8, u8, u8);

/// Text and axes.
pub const INK: Colour = (34, 34, 34);
/// Secondary text.
pub const FAINT: Colour = (110, 110, 110);
/// Grid lines.
pub const GRID: Colour = (226, 226, 226);
/// The background.
pub const PAPER: Colour = (255, 255, 255);
/// What is as it should be, as a background.
pub const CALM: Colour = (186, 226, 214);
/// Thresholds and alarms.
pub const ALARM: Colour = (213, 94, 0);

const ORANGE: Colour = (230, 159, 0);
const SKY: Colour = (86, 180, 233);
const GREEN: Colour = (0, 158, 115);
const YELLOW: Colour = (240, 228, 66);
const BLUE: Colour = (0, 114, 178);
const PURPLE: Colour = (204, 121, 167);
/// Their yellow is too pale for a line on paper.
const BROWN: Colour = (139, 90, 43);
const GREY: Colour = (150, 150, 150);
const LIGHT: Colour = (214, 214, 214);

/// What is too little to have a colour of its own.
pub const OTHERS: Colour = LIGHT;

/// The colours of lines, in order; repeated after the last.
pub fn line(index: usize) -> Colour {
    [BLUE, ORANGE, GREEN, PURPLE, SKY, ALARM, INK, BROWN][index % 8]
}

/// The colour of a connector's status.
pub fn status(status: Status) -> Colour {
    match status {
        Status::Connected => GREEN,
        Status::Disconnected => ALARM,
        Status::Updating => SKY,
        Status::Expired => INK,
        Status::Deploying => ORANGE,
        Status::Announced => YELLOW,
        Status::Disabled => GREY,
        Status::Deleted => LIGHT,
    }
}

/// The colour of a group's status.
pub fn group_status(status: GroupStatus) -> Colour {
    match status {
        GroupStatus::Connected => GREEN,
        GroupStatus::Overloaded => PURPLE,
        GroupStatus::Disconnected => ALARM,
        GroupStatus::Disabled => GREY,
        GroupStatus::Unestablished => LIGHT,
    }
}
