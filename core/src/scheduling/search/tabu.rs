//! Tabu search for the shortest makespan: the best move along a critical way that is not forbidden, again
//! and again; from good selections anew when nothing better comes (after Nowicki and Smutnicki 1996, Zhang
//! et al. 2008).

use super::critical::{Move, critical_way, estimate, moves};
use super::graph::{Graph, Selection};
use crate::scheduling::chance::Stream;
use crate::scheduling::decoder::Decoder;
use crate::scheduling::planner::PlanOptions;
use crate::scheduling::problem::Problem;
use rustc_hash::FxHashMap;

/// How many steps without anything better, before it starts anew.
const PATIENCE: u32 = 4_000;
/// How many good selections it remembers to start anew from.
const REMEMBERED: usize = 6;

/// The best sequences found, from what the decoder holds.
pub fn improve(problem: &Problem, decoder: &Decoder, options: &PlanOptions) -> Vec<Vec<u32>> {
    let start = Selection::of(problem, decoder);
    let unchanged = start.sequences.clone();
    let Some(mut graph) = Graph::new(problem, start) else {
        return unchanged; // what the decoder holds goes in no circle; this would be its fault
    };
    let bound = graph.lower_bound();
    let mut chance = Stream::new(options.seed);
    let mut best = (graph.makespan, graph.now.clone());
    let mut remembered: Vec<(i64, Selection)> = vec![best.clone()];
    let mut forbidden: FxHashMap<(u32, u32), u32> = FxHashMap::default();
    let mut best_of_run = best.clone();
    let mut better_at = 0;
    let (mut found, mut memory) = (Vec::new(), Vec::new());
    for iteration in 1..=options.iterations {
        if best.0 <= bound || best.0 as f64 <= options.enough_minutes * 60.0 {
            break;
        }
        let way = critical_way(&graph, &mut chance);
        moves(&graph, &way, &mut found);
        let chosen = choose(
            &graph,
            &found,
            &forbidden,
            iteration,
            best_of_run.0.min(best.0),
            &mut chance,
            &mut memory,
        );
        let stuck = chosen.is_none_or(|wanted| {
            forbid(&graph, wanted, &mut forbidden, iteration, &mut chance);
            !graph.relocate(wanted)
        });
        if !stuck && graph.makespan < best_of_run.0 {
            best_of_run = (graph.makespan, graph.now.clone());
            better_at = iteration;
            if graph.makespan < best.0 {
                best = best_of_run.clone();
            }
        }
        if stuck || iteration - better_at > PATIENCE {
            remember(&mut remembered, best_of_run);
            forbidden.clear();
            start_anew(&mut graph, &remembered, &mut chance);
            best_of_run = (graph.makespan, graph.now.clone());
            better_at = iteration;
        }
        if forbidden.len() > 100_000 {
            forbidden.retain(|_, until| *until > iteration);
        }
    }
    best.1.sequences
}

fn remember(remembered: &mut Vec<(i64, Selection)>, found: (i64, Selection)) {
    let known = remembered.iter().any(|(makespan, selection)| {
        *makespan == found.0 && selection.sequences == found.1.sequences
    });
    if !known {
        remembered.push(found);
        remembered.sort_by_key(|(makespan, _)| *makespan);
        remembered.truncate(REMEMBERED);
    }
}

/// From a remembered selection, some chance moves away.
fn start_anew(graph: &mut Graph, remembered: &[(i64, Selection)], chance: &mut Stream) {
    let (_, selection) = &remembered[chance.index(remembered.len())];
    graph.now = selection.clone();
    graph.measure();
    let mut found = Vec::new();
    for _ in 0..3 + chance.index(12) {
        let way = critical_way(graph, chance);
        moves(graph, &way, &mut found);
        if found.is_empty() {
            return;
        }
        let wanted = found[chance.index(found.len())];
        let before = graph.now.clone();
        if !graph.relocate(wanted) {
            graph.now = before;
            graph.measure();
        }
    }
}

fn choose(
    graph: &Graph,
    found: &[Move],
    forbidden: &FxHashMap<(u32, u32), u32>,
    iteration: u32,
    best: i64,
    chance: &mut Stream,
    memory: &mut Vec<(u32, i64)>,
) -> Option<Move> {
    let mut chosen: Option<(i64, Move)> = None;
    let mut ties = 1;
    for &wanted in found {
        let length = estimate(graph, wanted, memory);
        if length >= best && is_forbidden(graph, wanted, forbidden, iteration) {
            continue;
        }
        match chosen {
            Some((least, _)) if length > least => {}
            Some((least, _)) if length == least => {
                ties += 1;
                if chance.index(ties) == 0 {
                    chosen = Some((length, wanted));
                }
            }
            _ => {
                ties = 1;
                chosen = Some((length, wanted));
            }
        }
    }
    let any = (!found.is_empty()).then(|| found[chance.index(found.len())]);
    chosen.map(|(_, wanted)| wanted).or(any)
}

/// The pairs that a move turns round: `(first, then)` as they stand after it.
fn turned(graph: &Graph, wanted: Move, mut each: impl FnMut(u32, u32)) {
    let Move { op, machine, place } = wanted;
    if graph.now.machine_of[op as usize] != machine {
        each(op, u32::MAX - machine);
        return;
    }
    let sequence = &graph.now.sequences[machine as usize];
    let old = graph.now.place_of[op as usize] as usize;
    if place > old {
        for &other in &sequence[old + 1..=place] {
            each(other, op);
        }
    } else {
        for &other in &sequence[place..old] {
            each(op, other);
        }
    }
}

fn is_forbidden(
    graph: &Graph,
    wanted: Move,
    forbidden: &FxHashMap<(u32, u32), u32>,
    iteration: u32,
) -> bool {
    let mut found = false;
    turned(graph, wanted, |first, then| {
        let until = forbidden.get(&(first, then));
        found |= until.is_some_and(|until| *until > iteration);
    });
    found
}

/// What the move turns round is not to be turned back for a while.
fn forbid(
    graph: &Graph,
    wanted: Move,
    forbidden: &mut FxHashMap<(u32, u32), u32>,
    iteration: u32,
    chance: &mut Stream,
) {
    let machines = graph.problem.machines.len().max(1);
    let tenure = 10 + graph.problem.jobs.len() / machines;
    let until = iteration + u32::try_from(tenure + chance.index(tenure)).unwrap_or(u32::MAX / 2);
    if graph.now.machine_of[wanted.op as usize] != wanted.machine {
        let from = graph.now.machine_of[wanted.op as usize];
        forbidden.insert((wanted.op, u32::MAX - from), until);
        return;
    }
    turned(graph, wanted, |first, then| {
        forbidden.insert((then, first), until);
    });
}
