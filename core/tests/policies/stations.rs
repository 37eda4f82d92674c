//! What a station may be said to be.

use super::*;

#[test]
fn a_planned_downtime_ends_after_it_begins() {
    let downtime = |from: i64, to: i64| {
        let at = |hour: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hour);
        let mut description = station("press");
        description.planned_downtime = vec![PlannedDowntime {
            from: at(from),
            to: at(to),
            reason: "new rollers".into(),
        }];
        Command::RegisterStation {
            station_id: id("PRESS-7"),
            description,
        }
    };
    for (from, to) in [(8, 8), (8, 7)] {
        let refused = Shop::open()
            .when(downtime(from, to))
            .by("OP-4")
            .then_refused("out_of_range");
        assert!(refused.to_string().contains("end after it begins"));
    }
    Shop::open().when(downtime(8, 9)).by("OP-4").then_done();
}
