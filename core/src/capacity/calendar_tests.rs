//! Claims about staffed time, worked out by hand, and laws that hold for every schedule.

use super::{Calendar, minutes_of};
use crate::domain::Decimal;
use crate::domain::station::{DayOfWeek, OperatingSchedule, Shift};
use DayOfWeek::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;

const WORKDAYS: [DayOfWeek; 5] = [Monday, Tuesday, Wednesday, Thursday, Friday];
const ALL_DAYS: [DayOfWeek; 7] = [
    Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday,
];

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// `shift(&[Monday], "06:00-14:00")`
fn shift(weekdays: &[DayOfWeek], hours: &str) -> Shift {
    let (start, end) = hours.split_once('-').unwrap();
    Shift {
        weekdays: weekdays.to_vec(),
        start: start.parse().unwrap(),
        end: end.parse().unwrap(),
    }
}

fn schedule(time_zone: &str, shifts: Vec<Shift>) -> OperatingSchedule {
    OperatingSchedule {
        time_zone: time_zone.to_owned(),
        shifts,
        holidays: Vec::new(),
    }
}

fn calendar(time_zone: &str, shifts: Vec<Shift>) -> Calendar {
    Calendar::new(&schedule(time_zone, shifts)).unwrap()
}

fn intervals(calendar: &Calendar, from: &str, to: &str) -> Vec<String> {
    let intervals = calendar.intervals(at(from), at(to));
    intervals
        .iter()
        .map(|i| format!("{} {}", i.from, i.to))
        .collect()
}

fn minutes(calendar: &Calendar, from: &str, to: &str) -> u64 {
    let minutes = calendar.available_minutes(at(from), at(to));
    assert_eq!(minutes.millionths() % 1_000_000, 0, "{minutes}");
    minutes.millionths() / 1_000_000
}

#[test]
fn an_operation_of_1440_minutes_on_an_8_hour_day_ends_at_its_third_working_days_end() {
    let calendar = calendar("UTC", vec![shift(&WORKDAYS, "08:00-16:00")]);
    let finish = |start| calendar.finish_after(at(start), Decimal::whole(1_440));
    assert_eq!(
        finish("2026-01-05T08:00:00Z"),
        Some(at("2026-01-07T16:00:00Z"))
    );
    // Before the shift is as good as its start; over a weekend the third working day is Tuesday.
    assert_eq!(
        finish("2026-01-05T03:00:00Z"),
        Some(at("2026-01-07T16:00:00Z"))
    );
    assert_eq!(
        finish("2026-01-09T08:00:00Z"),
        Some(at("2026-01-13T16:00:00Z"))
    );
    assert_eq!(
        finish("2026-01-09T12:00:00Z"),
        Some(at("2026-01-14T12:00:00Z"))
    );
    // One second more, and it is the next morning.
    assert_eq!(
        calendar.finish_after_seconds(at("2026-01-05T08:00:00Z"), 86_401),
        Some(at("2026-01-08T08:00:01Z"))
    );
}

#[test]
fn no_work_is_done_at_once_even_while_the_station_is_closed() {
    let calendar = calendar("UTC", vec![shift(&WORKDAYS, "08:00-16:00")]);
    let sunday = at("2026-01-04T12:00:00Z");
    assert_eq!(
        calendar.finish_after(sunday, Decimal::default()),
        Some(sunday)
    );
}

#[test]
fn a_shift_across_the_spring_change_is_an_hour_shorter() {
    let calendar = calendar("America/Chicago", vec![shift(&[Saturday], "22:00-06:00")]);
    assert_eq!(
        intervals(&calendar, "2026-02-28T12:00:00Z", "2026-03-09T12:00:00Z"),
        [
            "2026-03-01T04:00:00Z 2026-03-01T12:00:00Z",
            "2026-03-08T04:00:00Z 2026-03-08T11:00:00Z",
        ]
    );
    assert_eq!(
        minutes(&calendar, "2026-03-07T12:00:00Z", "2026-03-09T12:00:00Z"),
        420
    );
    // 480 minutes do not fit: the last 60 are done a week later, from 22:00 CDT on.
    assert_eq!(
        calendar.finish_after(at("2026-03-08T04:00:00Z"), Decimal::whole(480)),
        Some(at("2026-03-15T04:00:00Z"))
    );
}

#[test]
fn a_shift_across_the_autumn_change_is_an_hour_longer() {
    let calendar = calendar("America/Chicago", vec![shift(&[Saturday], "22:00-06:00")]);
    assert_eq!(
        intervals(&calendar, "2026-10-31T12:00:00Z", "2026-11-02T12:00:00Z"),
        ["2026-11-01T03:00:00Z 2026-11-01T12:00:00Z"]
    );
    assert_eq!(
        minutes(&calendar, "2026-10-31T12:00:00Z", "2026-11-02T12:00:00Z"),
        540
    );
}

#[test]
fn a_shift_that_begins_in_the_skipped_hour_begins_at_the_jump() {
    let day = ("2026-03-08T00:00:00Z", "2026-03-09T00:00:00Z");
    let late = calendar("America/Chicago", vec![shift(&[Sunday], "02:30-10:00")]);
    assert_eq!(
        intervals(&late, day.0, day.1),
        ["2026-03-08T08:00:00Z 2026-03-08T15:00:00Z"]
    );
    let gone = calendar("America/Chicago", vec![shift(&[Sunday], "02:00-03:00")]);
    assert_eq!(intervals(&gone, day.0, day.1), Vec::<String>::new());
    // One ends within the skipped hour, the other begins after it: they meet, and do not overlap.
    let both = calendar(
        "America/Chicago",
        vec![
            shift(&[Sunday], "00:00-02:30"),
            shift(&[Sunday], "03:00-08:00"),
        ],
    );
    assert_eq!(minutes(&both, day.0, day.1), 2 * 60 + 5 * 60);
}

#[test]
fn a_handover_in_the_repeated_hour_is_at_its_first_pass_and_loses_nothing() {
    let calendar = calendar(
        "America/Chicago",
        vec![
            shift(&[Saturday], "20:00-01:30"),
            shift(&[Sunday], "01:30-08:00"),
        ],
    );
    // 20:00 CDT to 08:00 CST without a break: 13 hours.
    assert_eq!(
        intervals(&calendar, "2026-10-31T12:00:00Z", "2026-11-02T12:00:00Z"),
        ["2026-11-01T01:00:00Z 2026-11-01T14:00:00Z"]
    );
}

#[test]
fn a_change_of_half_an_hour_counts_half_an_hour() {
    // Lord Howe turns its clocks by 30 minutes: on 2026-04-05 they go back.
    let calendar = calendar(
        "Australia/Lord_Howe",
        vec![shift(&[Saturday], "22:00-06:00")],
    );
    assert_eq!(
        minutes(&calendar, "2026-04-04T00:00:00Z", "2026-04-06T00:00:00Z"),
        510
    );
}

#[test]
fn a_zone_that_skips_a_whole_day_skips_its_shift() {
    // Samoa went from Thursday 29 to Saturday 31 December 2011.
    let calendar = calendar("Pacific/Apia", vec![shift(&ALL_DAYS, "08:00-16:00")]);
    assert_eq!(
        intervals(&calendar, "2011-12-29T12:00:00Z", "2011-12-31T12:00:00Z"),
        [
            "2011-12-29T18:00:00Z 2011-12-30T02:00:00Z",
            "2011-12-30T18:00:00Z 2011-12-31T02:00:00Z",
        ]
    );
}

#[test]
fn a_holiday_has_no_shift_of_its_own_but_the_night_before_is_worked_to_its_end() {
    let mut rules = schedule(
        "America/Chicago",
        vec![
            shift(&WORKDAYS, "06:00-14:00"),
            shift(&ALL_DAYS, "22:00-06:00"),
        ],
    );
    rules.holidays = vec!["2026-11-26".parse().unwrap()]; // a Thursday
    let calendar = Calendar::new(&rules).unwrap();
    assert_eq!(
        intervals(&calendar, "2026-11-26T00:00:00Z", "2026-11-27T23:00:00Z"),
        [
            "2026-11-26T04:00:00Z 2026-11-26T12:00:00Z", // Wednesday's night shift
            "2026-11-27T12:00:00Z 2026-11-27T20:00:00Z", // Friday's day shift, no night before it
        ]
    );
}

#[test]
fn a_break_is_a_gap_and_shifts_that_touch_are_one_interval() {
    let calendar = calendar(
        "UTC",
        vec![
            shift(&[Monday], "10:30-14:00"),
            shift(&[Monday], "06:00-10:00"),
            shift(&[Monday], "14:00-22:00"),
        ],
    );
    assert_eq!(
        intervals(&calendar, "2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z"),
        [
            "2026-01-05T06:00:00Z 2026-01-05T10:00:00Z",
            "2026-01-05T10:30:00Z 2026-01-05T22:00:00Z",
        ]
    );
    assert_eq!(
        calendar.finish_after(at("2026-01-05T09:30:00Z"), Decimal::whole(45)),
        Some(at("2026-01-05T10:45:00Z"))
    );
}

#[test]
fn equal_times_are_24_hours() {
    let calendar = calendar("UTC", vec![shift(&ALL_DAYS, "06:00-06:00")]);
    assert_eq!(
        minutes(&calendar, "2026-01-05T00:00:00Z", "2026-01-12T00:00:00Z"),
        7 * 1_440
    );
    assert_eq!(
        calendar
            .intervals(at("2026-01-05T00:00:00Z"), at("2026-01-12T00:00:00Z"))
            .len(),
        1
    );
}

#[test]
fn the_next_opening_is_now_within_a_shift_and_later_at_its_very_end() {
    let calendar = calendar("UTC", vec![shift(&WORKDAYS, "08:00-16:00")]);
    let open = |text| calendar.next_open(at(text)).unwrap().to_string();
    assert_eq!(open("2026-01-05T08:00:00Z"), "2026-01-05T08:00:00Z");
    assert_eq!(open("2026-01-05T15:59:59Z"), "2026-01-05T15:59:59Z");
    assert_eq!(open("2026-01-05T16:00:00Z"), "2026-01-06T08:00:00Z");
    assert_eq!(open("2026-01-09T17:00:00Z"), "2026-01-12T08:00:00Z");
}

#[test]
fn a_station_without_shifts_never_opens_and_never_finishes() {
    let calendar = calendar("UTC", Vec::new());
    let start = at("2026-01-05T08:00:00Z");
    assert_eq!(calendar.next_open(start), None);
    assert_eq!(calendar.finish_after(start, Decimal::whole(1)), None);
    assert_eq!(calendar.available_seconds(start, Timestamp::MAX), 0);
}

#[test]
fn more_work_than_a_hundred_years_hold_has_no_end() {
    let calendar = calendar("UTC", vec![shift(&[Monday], "08:00-09:00")]);
    let start = at("2026-01-05T08:00:00Z");
    assert_eq!(calendar.finish_after_seconds(start, u64::MAX), None);
    assert_eq!(calendar.finish_after_seconds(Timestamp::MAX, 1), None);
}

#[test]
fn a_bad_schedule_names_all_its_problems_at_once() {
    let bad = schedule(
        "America/Chicgo",
        vec![
            shift(&[Monday, Tuesday], "06:00-14:00"),
            shift(&[], "14:00-22:00"),
            shift(&[Tuesday], "13:30-22:00"),
            shift(&[Friday, Friday], "06:00-07:00"),
            shift(&[Sunday], "22:00-06:30"),
        ],
    );
    assert_eq!(
        bad.problems(),
        [
            "\"America/Chicgo\" is no time zone: give an IANA name like America/Chicago",
            "shift 2 (14:00–22:00) has no weekdays",
            "shift 4 (06:00–07:00) lists friday twice",
            "shift 3 (13:30–22:00) begins on tuesday while shift 1 (06:00–14:00) still runs",
            "shift 1 (06:00–14:00) begins on monday while shift 5 (22:00–06:30) still runs",
        ]
    );
    assert_eq!(Calendar::new(&bad).unwrap_err(), bad.problems());
}

#[test]
fn two_shifts_that_begin_together_overlap_and_two_that_touch_do_not() {
    let twice = schedule(
        "UTC",
        vec![
            shift(&[Monday], "06:00-14:00"),
            shift(&[Monday], "06:00-07:00"),
        ],
    );
    assert_eq!(twice.problems().len(), 1);
    let touching = schedule(
        "UTC",
        vec![
            shift(&[Sunday], "22:00-06:00"),
            shift(&[Monday], "06:00-07:00"),
        ],
    );
    assert_eq!(touching.problems(), Vec::<String>::new());
}

#[test]
fn neither_an_unknown_zone_nor_an_offset_is_a_time_zone() {
    for name in [
        "",
        "Etc/Unknown",
        "+02:00",
        "CST6CDT,M3.2.0,M11.1.0",
        "Local",
    ] {
        assert_eq!(schedule(name, Vec::new()).problems().len(), 1, "{name}");
    }
}

#[test]
fn the_json_of_a_schedule_is_as_a_planner_writes_it() {
    let text = r#"{"time_zone":"America/Chicago","shifts":[{"weekdays":["monday"],"start":"06:00:00","end":"14:00:00"}],"holidays":["2026-12-25"]}"#;
    let schedule: OperatingSchedule = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&schedule).unwrap(), text);
}

#[test]
fn open_times_end_work_at_the_closure_and_not_at_the_next_opening() {
    let calendar = calendar("UTC", vec![shift(&WORKDAYS, "08:00-16:00")]);
    let open = calendar.open_times(at("2026-01-05T00:00:00Z"), at("2026-01-10T00:00:00Z"));
    let finish = |seconds| open.finish_after_seconds(at("2026-01-05T08:00:00Z"), seconds);
    assert_eq!(finish(86_400), Some(at("2026-01-07T16:00:00Z")));
    assert_eq!(finish(86_401), Some(at("2026-01-08T08:00:01Z")));
    assert_eq!(finish(5 * 28_800), Some(at("2026-01-09T16:00:00Z")));
    assert_eq!(finish(5 * 28_800 + 1), None, "the window is over");
}

#[test]
fn open_times_know_how_long_it_is_to_the_closure() {
    let calendar = calendar("UTC", vec![shift(&WORKDAYS, "08:00-16:00")]);
    let open = calendar.open_times(at("2026-01-05T00:00:00Z"), at("2026-01-10T00:00:00Z"));
    assert_eq!(
        open.seconds_to_closure(at("2026-01-05T08:00:00Z")),
        8 * 3_600
    );
    assert_eq!(open.seconds_to_closure(at("2026-01-05T15:59:00Z")), 60);
    assert_eq!(open.seconds_to_closure(at("2026-01-05T16:00:00Z")), 0);
    assert_eq!(open.seconds_to_closure(at("2026-01-05T07:59:59Z")), 0);
}

/// Sound schedules: stretches of a week that do not overlap, each at most a day long, in zones that
/// change their clocks in every way (or not at all), with some holidays.
fn any_schedule() -> impl Strategy<Value = OperatingSchedule> {
    let zones = prop::sample::select(vec![
        "UTC",
        "America/Chicago",
        "Europe/Berlin",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Africa/Casablanca",
    ]);
    let bounds = prop::collection::btree_set(0..7 * 1_440_u16, 2..16);
    let holidays = prop::collection::vec(0..40_i64, 0..4);
    (zones, bounds, holidays).prop_map(|(zone, bounds, holidays)| {
        let bounds: Vec<u16> = bounds.into_iter().collect();
        let time = |minute: u16| {
            let of_day = i8::try_from(minute % 1_440 / 60).unwrap();
            jiff::civil::time(of_day, i8::try_from(minute % 60).unwrap(), 0, 0)
        };
        let shifts = bounds.chunks_exact(2).map(|pair| Shift {
            weekdays: vec![ALL_DAYS[usize::from(pair[0] / 1_440)]],
            start: time(pair[0]),
            end: time(pair[1].min(pair[0] + 1_440)),
        });
        let mut schedule = schedule(zone, shifts.collect());
        let first = jiff::civil::date(2026, 3, 1);
        schedule.holidays = (holidays.into_iter())
            .map(|days| first.saturating_add(jiff::Span::new().days(days)))
            .collect();
        schedule
    })
}

/// Moments of 2026 from shortly before the first change of clocks on, to the millisecond.
fn any_moment() -> impl Strategy<Value = Timestamp> {
    (0..40 * 86_400_000_i64).prop_map(|millisecond| {
        Timestamp::from_millisecond(1_772_323_200_000 + millisecond).unwrap()
    })
}

proptest! {
    #[test]
    fn adjacent_windows_add_up(
        schedule in any_schedule(), a in any_moment(), b in any_moment(), c in any_moment(),
    ) {
        let calendar = Calendar::new(&schedule).unwrap();
        let mut moments = [a, b, c];
        moments.sort();
        let [a, b, c] = moments;
        prop_assert_eq!(
            calendar.available_seconds(a, b) + calendar.available_seconds(b, c),
            calendar.available_seconds(a, c)
        );
        prop_assert_eq!(calendar.available_seconds(c, a), 0);
    }

    #[test]
    fn finish_after_and_available_minutes_are_inverse(
        schedule in any_schedule(), start in any_moment(), seconds in 0..2_000_000_u64,
    ) {
        let calendar = Calendar::new(&schedule).unwrap();
        let Some(finish) = calendar.finish_after(start, minutes_of(seconds)) else {
            // A few minutes a week do not come to so much within a hundred years.
            let horizon = start + jiff::SignedDuration::from_hours(36_525 * 24);
            prop_assert!(calendar.available_seconds(start, horizon) < seconds);
            return Ok(());
        };
        prop_assert!(finish >= start);
        prop_assert_eq!(calendar.available_seconds(start, finish), seconds);
        prop_assert_eq!(calendar.available_minutes(start, finish), minutes_of(seconds));
        // It is the first such moment.
        if seconds > 0 {
            let earlier = finish - jiff::SignedDuration::from_secs(1);
            prop_assert_eq!(calendar.available_seconds(start, earlier), seconds - 1);
        }
    }

    #[test]
    fn intervals_are_in_order_apart_and_as_long_as_the_staffed_time(
        schedule in any_schedule(), a in any_moment(), b in any_moment(),
    ) {
        let calendar = Calendar::new(&schedule).unwrap();
        let (a, b) = (a.min(b), a.max(b));
        let intervals = calendar.intervals(a, b);
        for interval in &intervals {
            prop_assert!(a <= interval.from && interval.from < interval.to);
        }
        for pair in intervals.windows(2) {
            prop_assert!(pair[0].to < pair[1].from);
        }
        let total: i64 = intervals.iter().map(|i| i.to.as_second() - i.from.as_second()).sum();
        prop_assert_eq!(u64::try_from(total).unwrap(), calendar.available_seconds(a, b));
        if let Some(first) = intervals.first() {
            prop_assert_eq!(calendar.next_open(a), Some(first.from));
        }
    }

    #[test]
    fn indexed_hours_answer_as_the_calendar_does(
        schedule in any_schedule(), a in any_moment(), b in any_moment(), seconds in 0..500_000_u64,
    ) {
        let calendar = Calendar::new(&schedule).unwrap();
        let (from, to) = (at("2026-02-20T00:00:00Z"), at("2027-02-20T00:00:00Z"));
        let open = calendar.open_times(from, to);
        prop_assert_eq!(open.available_seconds(a, b), calendar.available_seconds(a, b));
        prop_assert_eq!(open.next_open(a), calendar.next_open(a));
        let finish = calendar.finish_after_seconds(a, seconds);
        prop_assert_eq!(open.finish_after_seconds(a, seconds), finish.filter(|at| *at <= to));
    }

    /// The slow way: look at the clock on the wall, minute by minute. Shifts begin and end on full
    /// hours from 4 to 23 o'clock, where no clock is ever changed.
    #[test]
    fn the_clock_on_the_wall_agrees(
        starts in 4..24_i8, ends in 4..24_i8, days in prop::collection::btree_set(0..7_usize, 1..7),
        autumn in any::<bool>(), from in 0..20_000_i64, length in 0..5_000_i64,
    ) {
        let weekdays: Vec<DayOfWeek> = days.iter().map(|day| ALL_DAYS[*day]).collect();
        let clock = |hour| jiff::civil::time(hour, 0, 0, 0);
        let (start, end) = (clock(starts), clock(ends));
        let calendar = calendar("America/Chicago", vec![Shift { weekdays, start, end }]);
        let zone = TimeZone::get("America/Chicago").unwrap();
        let first = at(if autumn { "2026-10-25T00:00:00Z" } else { "2026-03-01T00:00:00Z" });
        let minute = |n: i64| first + jiff::SignedDuration::from_mins(n);
        let worked = (from..from + length).filter(|n| {
            let wall = zone.to_datetime(minute(*n));
            let day = usize::try_from(wall.date().weekday().to_monday_zero_offset()).unwrap();
            let begins_today = days.contains(&day);
            let began_yesterday = days.contains(&((day + 6) % 7));
            if starts < ends {
                begins_today && start <= wall.time() && wall.time() < end
            } else {
                begins_today && start <= wall.time() || began_yesterday && wall.time() < end
            }
        });
        let worked = worked.count() as u64 * 60;
        prop_assert_eq!(calendar.available_seconds(minute(from), minute(from + length)), worked);
    }
}

#[test]
fn a_second_that_no_timestamp_has_is_the_first_or_the_last_one() {
    use super::timestamp_of;
    assert_eq!(timestamp_of(i64::MIN), Timestamp::MIN);
    assert_eq!(timestamp_of(i64::MAX), Timestamp::MAX);
    assert_eq!(timestamp_of(0), Timestamp::UNIX_EPOCH);
}
