//! From a dispatched plan to a better one, within a budget of iterations. Each search is deterministic by
//! its seed; none looks at a clock.

mod annealing;
mod critical;
mod graph;
mod tabu;

use super::decoder::{Beyond, Decoder, Order, Standard};
use super::objective::Objective;
use super::planner::PlanOptions;
use super::problem::{Problem, count};
use super::rules::{Known, Rule};

/// The best plan found, and by what.
pub fn best<'p>(
    problem: &'p Problem,
    options: &PlanOptions,
) -> Result<(Decoder<'p>, String), Beyond> {
    let known = Known::new(problem);
    let mut decoder = Decoder::new(problem);
    let mut best: Option<(f64, Vec<u32>, Rule)> = None;
    let rules = match options.rules.as_slice() {
        [] => &[Rule::EarliestDue],
        rules => rules,
    };
    for rule in rules {
        let index = |candidate: &_| rule.index(problem, &known, candidate);
        decoder.by_dispatch(&Order::Rule(&index), &Standard)?;
        let value = options.objective.with_ends(problem, &decoder);
        if best.as_ref().is_none_or(|(least, _, _)| value < *least) {
            best = Some((value, decoder.dispatched.clone(), *rule));
        }
    }
    let (_, order, rule) = best.expect("there is at least one rule");
    let made_by = rule.as_str().to_owned();
    match options.objective {
        Objective::WeightedLateness => {
            let order = annealing::improve(&mut decoder, order, options)?;
            decoder.by_dispatch(&Order::Ranks(&ranks(problem, &order)), &Standard)?;
        }
        Objective::Makespan => {
            decoder.by_dispatch(&Order::Ranks(&ranks(problem, &order)), &Standard)?;
            let dispatched = options.objective.of(problem, &decoder);
            let sequences = tabu::improve(problem, &decoder, options);
            // The tabu search knows neither hours nor downtime: with them, its sequences may be worse.
            let found = decoder.by_sequences(&sequences, &Standard).is_ok();
            if !found || options.objective.of(problem, &decoder) > dispatched {
                decoder.by_dispatch(&Order::Ranks(&ranks(problem, &order)), &Standard)?;
            }
        }
    }
    Ok((decoder, made_by))
}

/// Each operation's place in the order. What is not in it comes last, and has nothing to do.
pub fn ranks(problem: &Problem, order: &[u32]) -> Vec<u32> {
    let mut ranks = vec![u32::MAX; problem.ops.len()];
    for (place, op) in order.iter().enumerate() {
        ranks[*op as usize] = count(place);
    }
    ranks
}
