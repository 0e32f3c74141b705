//! Profiles that come with the program. All are hourly, begin on Monday 00:00 local time and have mean 1.
//!
//! - `flat`: always 1.
//! - `office-week`: remote work. The mean day is drawn between the two figures a public report gives of VPN traffic,
//!   peak 1.54 times the mean at 17 h and trough 0.32 at 1 h, rising through the morning and falling in the evening.
//!   Working days carry it 1.2 times, Saturday and Sunday 0.5 times: an assumption, chosen so that the week's mean
//!   is 1.
//! - `hour-of-week`: measured. Traffic of the UK academic backbone, every five minutes (P. Cortez, M. Rio, M. Rocha,
//!   P. Sousa, "Multi-scale Internet traffic forecasting using neural networks and time series methods", Expert
//!   Systems 29, 2012). Taken were the 28 days from 2004-11-19 09:30, which end before the Christmas dip; in them
//!   every hour of the week has 48 values. Their means were divided by the mean of all and rounded to thousandths
//!   by largest remainders, so that they still add up to 168. Clocks there showed UTC in these weeks.

use super::Profile;

/// The names that [`Profile::preset`] knows.
pub const PROFILE_PRESETS: [&str; 3] = ["flat", "hour-of-week", "office-week"];

pub(super) fn profile(name: &str) -> Option<Profile> {
    match name {
        "flat" => Some(Profile::of_hours(vec![1.0; 24])),
        "hour-of-week" => {
            Some(Profile::of_hours(HOUR_OF_WEEK.as_flattened().iter().map(thousandths).collect()))
        }
        "office-week" => Some(Profile::of_hours(office_week())),
        _ => None,
    }
}

fn thousandths(value: &u16) -> f64 {
    f64::from(*value) / 1e3
}

fn office_week() -> Vec<f64> {
    // Tenths times hundredths are exact thousandths.
    let day = |tenths: u16| OFFICE_DAY.map(|hundredths| thousandths(&(tenths * hundredths)));
    [12, 12, 12, 12, 12, 5, 5].map(day).as_flattened().to_vec()
}

/// The mean day of `office-week` in hundredths, from 0 h to 23 h.
const OFFICE_DAY: [u16; 24] = [
    36, 32, 33, 35, 40, 50, 66, 86, 108, 126, 137, 142, //
    142, 144, 147, 150, 152, 154, 145, 130, 113, 95, 77, 60,
];

/// Thousandths of the mean, a row a day from Monday.
#[rustfmt::skip]
const HOUR_OF_WEEK: [[u16; 24]; 7] = [
    [897, 812, 734, 675, 603, 563, 549, 567, 761, 1186, 1415, 1561, 1607, 1682, 1735, 1697, 1593, 1401, 1290, 1212, 1153, 1089, 1060, 1013],
    [934, 849, 766, 700, 634, 593, 588, 569, 778, 1199, 1424, 1594, 1713, 1775, 1827, 1799, 1649, 1399, 1311, 1239, 1184, 1140, 1107, 1085],
    [1024, 925, 835, 739, 661, 617, 586, 571, 765, 1214, 1445, 1619, 1541, 1699, 1765, 1545, 1417, 1238, 1149, 1100, 1046, 975, 944, 915],
    [856, 763, 685, 623, 572, 527, 526, 541, 747, 1164, 1360, 1498, 1548, 1596, 1653, 1598, 1441, 1268, 1190, 1145, 1095, 1047, 1022, 980],
    [929, 839, 770, 698, 655, 626, 594, 634, 818, 1179, 1341, 1437, 1458, 1465, 1511, 1475, 1303, 1133, 1035, 998, 960, 911, 871, 855],
    [829, 781, 733, 672, 606, 559, 544, 517, 536, 589, 659, 740, 777, 835, 905, 940, 934, 904, 886, 889, 885, 856, 844, 823],
    [808, 769, 721, 662, 613, 521, 480, 467, 471, 503, 546, 638, 728, 814, 885, 938, 1001, 1050, 1051, 1047, 1047, 1023, 1017, 971],
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::HOUR;

    #[test]
    fn presets_are_profiles_of_mean_one() {
        for name in PROFILE_PRESETS {
            let preset = profile(name).unwrap();
            assert_eq!(Profile::new(HOUR, preset.values().to_vec()).as_ref(), Ok(&preset), "{name}");
            assert!((preset.mean() - 1.0).abs() < 1e-12, "{name}: {}", preset.mean());
        }
        assert_eq!(profile("office-hours"), None);
    }

    #[test]
    fn the_mean_day_of_the_office_week_has_the_published_extremes() {
        let values = office_week();
        let mean_day: Vec<f64> =
            (0..24).map(|hour| (0..7).map(|day| values[24 * day + hour]).sum::<f64>() / 7.0).collect();
        let (least, most) = mean_day.iter().fold((9.0, 0.0), |(a, b), &x| (f64::min(a, x), f64::max(b, x)));
        assert!((mean_day[1] - 0.32).abs() < 1e-12 && mean_day[1] == least);
        assert!((mean_day[17] - 1.54).abs() < 1e-12 && mean_day[17] == most);
    }
}
