//! transitions.csv and group_status.csv, row by row.

use super::{Line, Names};
use crate::recording::{GroupRow, SlotRow};

/// The header of transitions.csv.
pub const TRANSITIONS: &str =
    "policy,replication,time_s,time,region,site,group,slot,from,to,cause,agent,image";

/// The header of group_status.csv.
pub const GROUP_STATUS: &str =
    "policy,replication,time_s,time,group,from,to,warning,version_icon,reasons,cause";

/// Appends a row of transitions.csv.
pub fn transition(out: &mut Vec<u8>, names: &Names, policy: usize, replication: u64, row: &SlotRow) {
    let mut line = Line::of(out, names, policy, replication);
    line.time(names, row.at)
        .raw(names.place(row.group as usize))
        .integer(i64::from(row.slot))
        .raw(row.from.map_or("", |from| from.status.word()))
        .raw(row.to.status.word())
        .raw(names.cause(row.to.cause))
        .integer(i64::from(row.to.agent))
        .integer(i64::from(row.to.image))
        .end();
}

/// Appends a row of group_status.csv.
pub fn group_status(out: &mut Vec<u8>, names: &Names, policy: usize, replication: u64, row: &GroupRow) {
    let mut line = Line::of(out, names, policy, replication);
    line.time(names, row.at)
        .raw(names.group(row.group as usize))
        .raw(row.from.map_or("", |from| from.status.word()))
        .raw(row.to.status.word())
        .truth(row.to.warning)
        .raw(row.to.icon.word())
        .raw(row.to.icon.reasons())
        .raw(names.cause(row.to.cause))
        .end();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{Cause, GroupStatus, Status, VersionIcon};
    use crate::report::sample;
    use crate::simulation::observer::{GroupDisplay, SlotDisplay};
    use crate::time::Time;

    #[test]
    fn a_slots_row_has_the_documented_cells() {
        let names = sample::names();
        let up = SlotDisplay { status: Status::Connected, cause: Cause::None, agent: 1, image: 0 };
        let down = SlotDisplay { status: Status::Disconnected, cause: Cause::Class(0), ..up };
        let mut out = Vec::new();
        let row = SlotRow { at: Time(0), group: 0, slot: 2, from: None, to: up };
        transition(&mut out, &names, 0, 3, &row);
        let row = SlotRow { at: Time(90_500), group: 1, slot: 0, from: Some(up), to: down };
        transition(&mut out, &names, 0, 3, &row);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "default,3,0,2026-01-05T00:00:00Z,eu,fra,app,2,,Connected,,1,0\n\
             default,3,90.5,2026-01-05T00:01:30.500Z,eu,fra,\"db, main\",0,Connected,Disconnected,node,1,0\n"
        );
    }

    #[test]
    fn a_groups_row_has_the_documented_cells() {
        let names = sample::names();
        let good = GroupDisplay {
            status: GroupStatus::Connected,
            warning: false,
            icon: VersionIcon::default(),
            cause: Cause::None,
        };
        let bad = GroupDisplay {
            status: GroupStatus::Disconnected,
            warning: true,
            icon: VersionIcon { update_failed: true, image_vulnerable: true },
            cause: Cause::Update,
        };
        let mut out = Vec::new();
        let row = GroupRow { at: Time(3_600_000), group: 1, from: Some(good), to: bad };
        group_status(&mut out, &names, 0, 0, &row);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "default,0,3600,2026-01-05T01:00:00Z,\"db, main\",Connected,Disconnected,true,yellow,\
             update_failed;image_vulnerable,update\n"
        );
    }
}
