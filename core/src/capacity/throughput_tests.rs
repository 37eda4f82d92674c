//! Claims about what a station gets done, worked out by hand.

use super::fixtures::{decimal, station};
use super::{Calendar, Throughput};
use crate::domain::Decimal;
use crate::domain::product::EntityType::{Assembly, CardUnit, Sheet};

fn rated(rate: &str, machines: u16, setup_minutes: u32) -> Throughput {
    Throughput::from(&station("foil", rate, machines, setup_minutes))
}

#[test]
fn all_machines_together_do_their_rate_each_hour_that_is_staffed() {
    let description = station("foil", "500 cards_per_hour", 3, 0);
    let throughput = Throughput::from(&description);
    assert_eq!(throughput.per_hour(), Decimal::whole(1_500));
    let calendar = Calendar::new(&description.operating_hours).unwrap();
    let over = |from: &str, to: &str| {
        throughput.over(&calendar, from.parse().unwrap(), to.parse().unwrap())
    };
    // Monday 14:00 to Tuesday 09:00: two hours, a night, one hour.
    assert_eq!(
        over("2026-01-05T14:00:00Z", "2026-01-06T09:00:00Z"),
        Decimal::whole(4_500)
    );
    assert_eq!(
        over("2026-01-03T00:00:00Z", "2026-01-05T00:00:00Z"),
        Decimal::whole(0)
    );
    // A second: 1,500 / 3,600.
    assert_eq!(
        over("2026-01-05T08:00:00Z", "2026-01-05T08:00:01Z"),
        decimal("0.416666")
    );
}

#[test]
fn sheets_cards_and_sets_are_converted_by_n_up() {
    let cards = rated("600 cards_per_hour", 1, 0);
    assert_eq!(cards.minutes_each(CardUnit, 18), Some(decimal("0.1")));
    assert_eq!(cards.minutes_each(Sheet, 18), Some(decimal("1.8")));
    assert_eq!(cards.minutes_each(Assembly, 18), Some(decimal("1.8")));
    let sheets = rated("120 sheets_per_hour", 1, 0);
    assert_eq!(sheets.minutes_each(Sheet, 18), Some(decimal("0.5")));
    assert_eq!(sheets.minutes_each(Assembly, 18), Some(decimal("0.5")));
    assert_eq!(sheets.minutes_each(CardUnit, 20), Some(decimal("0.025")));
}

#[test]
fn machines_share_the_units_but_divide_none() {
    let throughput = rated("60 sheets_per_hour", 4, 10);
    let minutes = |count, setups| throughput.minutes_for(Sheet, count, 18, setups);
    assert_eq!(minutes(0, 0), Some(Decimal::whole(0)));
    assert_eq!(minutes(1, 0), Some(Decimal::whole(1)));
    assert_eq!(minutes(4, 0), Some(Decimal::whole(1)));
    assert_eq!(minutes(5, 0), Some(Decimal::whole(2)));
    assert_eq!(minutes(1_000, 2), Some(Decimal::whole(270)));
}

#[test]
fn the_last_digit_is_rounded_up_once() {
    // 60 / 7 = 8.571428…; seven of them are exactly an hour.
    let throughput = rated("7 sheets_per_hour", 1, 0);
    assert_eq!(
        throughput.minutes_for(Sheet, 1, 1, 0),
        Some(decimal("8.571429"))
    );
    assert_eq!(
        throughput.minutes_for(Sheet, 7, 1, 0),
        Some(Decimal::whole(60))
    );
}

#[test]
fn a_station_without_rate_or_machines_is_never_done() {
    assert_eq!(
        rated("0 sheets_per_hour", 1, 0).minutes_for(Sheet, 1, 18, 0),
        None
    );
    assert_eq!(
        rated("60 sheets_per_hour", 0, 0).minutes_for(Sheet, 1, 18, 0),
        None
    );
    assert_eq!(
        rated("60 sheets_per_hour", 1, 0).minutes_for(Sheet, 1, 0, 0),
        None
    );
}
