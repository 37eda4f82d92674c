//! The state of a unit of any kind: for whoever folds streams without caring whose they are (a store
//! that loads, a question about a past moment).

use super::assembly::Assembly;
use super::card_unit::CardUnit;
use super::event::{Event, Recorded};
use super::hold::Hold;
use super::job::Job;
use super::memorabilia::Memorabilia;
use super::operator::Operator;
use super::order::ProductionOrder;
use super::pack::Pack;
use super::product::Product;
use super::sheet::Sheet;
use super::station::Station;
use serde::{Deserialize, Serialize};

/// A unit at some moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "aggregate_type", content = "state", rename_all = "snake_case")]
pub enum UnitState {
    ProductionOrder(ProductionOrder),
    Product(Product),
    Job(Job),
    Sheet(Sheet),
    CardUnit(CardUnit),
    Assembly(Assembly),
    Pack(Pack),
    Station(Station),
    Operator(Operator),
    Memorabilia(Memorabilia),
    Hold(Hold),
}

impl UnitState {
    /// The unit after an event of its own stream.
    ///
    /// # Panics
    /// If `before` is another kind of unit, or is missing where the event is not a stream's first.
    #[must_use]
    pub fn evolve(before: Option<Self>, recorded: &Recorded) -> Self {
        macro_rules! kind {
            ($($unit:ident, $state:ident => $after:expr;)+) => {
                match &recorded.event {
                    $(Event::$unit(event) => {
                        let before = before.map(|before| match before {
                            Self::$unit(state) => state,
                            other => panic!("{:?} in the stream of {other:?}", recorded.event),
                        });
                        let $state = (before, event);
                        Self::$unit($after)
                    })+
                }
            };
        }
        let context = &recorded.context;
        kind! {
            ProductionOrder, it => ProductionOrder::evolve(it.0, it.1);
            Product, it => Product::evolve(it.0, it.1);
            Job, it => Job::evolve(it.0, it.1);
            Sheet, it => Sheet::evolve(it.0, it.1, context);
            CardUnit, it => CardUnit::evolve(it.0, it.1, context);
            Assembly, it => Assembly::evolve(it.0, it.1, recorded.sequence_num);
            Pack, it => Pack::evolve(it.0, it.1);
            Station, it => Station::evolve(it.0, it.1);
            Operator, it => Operator::evolve(it.1);
            Memorabilia, it => Memorabilia::evolve(it.0, it.1);
            Hold, it => Hold::evolve(it.0, it.1);
        }
    }

    /// The unit after all of these events of its stream; `None` before the first.
    #[must_use]
    pub fn fold<'a>(
        before: Option<Self>,
        stream: impl IntoIterator<Item = &'a Recorded>,
    ) -> Option<Self> {
        stream.into_iter().fold(before, |state, recorded| {
            Some(Self::evolve(state, recorded))
        })
    }
}
