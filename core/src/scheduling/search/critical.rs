//! The critical way of a selection, and the moves along it: within a block of operations that one machine
//! does in a row, to its front or its back (N6, which holds N5: Balas and Vazacopoulos 1998, Nowicki and
//! Smutnicki 1996), or to another machine (Mastrolilli and Gambardella 2000).

use super::graph::{Graph, seconds_at};
use crate::scheduling::chance::Stream;
use crate::scheduling::problem::NONE;

/// An operation to another place. Places are counted without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    pub op: u32,
    pub machine: u32,
    pub place: usize,
}

/// One critical way, from the first operation to the last; where it forks, by chance.
pub fn critical_way(graph: &Graph, chance: &mut Stream) -> Vec<u32> {
    let problem = graph.problem;
    let is_critical = |op: u32| graph.head[op as usize] + graph.tail[op as usize] == graph.makespan;
    let (mut op, mut starts) = (NONE, 0);
    for (other, state) in (0..).zip(&problem.ops) {
        let begins = graph.head[other as usize] == state.release - problem.now;
        if begins && is_critical(other) {
            starts += 1;
            if chance.index(starts) == 0 {
                op = other;
            }
        }
    }
    if op == NONE {
        return Vec::new();
    }
    let mut way = vec![op];
    let mut next: Vec<u32> = Vec::new();
    loop {
        next.clear();
        let here = graph.head[op as usize];
        for edge in problem.after(op) {
            let reached = here + graph.lag(op, edge.op, edge) == graph.head[edge.op as usize];
            if reached && is_critical(edge.op) {
                next.push(edge.op);
            }
        }
        let after = graph.now.machine_after(op);
        if after != NONE {
            let machine = graph.now.machine_of[op as usize];
            let reached =
                here + graph.machine_lag(op, after, machine) == graph.head[after as usize];
            if reached && is_critical(after) {
                next.push(after);
            }
        }
        if next.is_empty() {
            return way;
        }
        op = next[chance.index(next.len())];
        way.push(op);
    }
}

/// The moves along that way that are sure not to make a circle.
pub fn moves(graph: &Graph, way: &[u32], found: &mut Vec<Move>) {
    found.clear();
    let machine = |op: u32| graph.now.machine_of[op as usize];
    let mut from = 0;
    while from < way.len() {
        let mut to = from + 1;
        while to < way.len()
            && machine(way[to]) != NONE
            && graph.now.machine_before(way[to]) == way[to - 1]
        {
            to += 1;
        }
        block_moves(graph, &way[from..to], found);
        from = to;
    }
    for &op in way {
        reassignments(graph, op, found);
    }
}

fn block_moves(graph: &Graph, block: &[u32], found: &mut Vec<Move>) {
    let [first, .., last] = block else {
        return;
    };
    let place = |op: u32| graph.now.place_of[op as usize] as usize;
    let machine = graph.now.machine_of[*first as usize];
    let mut add = |op: u32, place: usize| {
        let wanted = Move { op, machine, place };
        if !found.contains(&wanted) {
            found.push(wanted);
        }
    };
    for &op in block {
        // To the back: no way may lead from what follows it in its lot to the last of the block.
        if op != *last && follower_allows(graph, op, *last) {
            add(op, place(*last));
        }
        // To the front: likewise from the first of the block to what comes before it in its lot.
        if op != *first && predecessor_allows(graph, op, *first) {
            add(op, place(*first));
        }
    }
    // Neighbours on a critical way can always change places.
    for pair in [&block[..2], &block[block.len() - 2..]] {
        add(pair[0], place(pair[1]));
    }
}

fn follower_allows(graph: &Graph, op: u32, last: u32) -> bool {
    let after = graph.problem.after(op).iter();
    let longest = after.map(|edge| graph.tail[edge.op as usize]).max();
    longest.is_none_or(|tail| graph.tail[last as usize] >= tail)
}

fn predecessor_allows(graph: &Graph, op: u32, first: u32) -> bool {
    let end = |op: u32| graph.head[op as usize] + graph.now.seconds[op as usize];
    let before = graph.problem.before(op).iter();
    let latest = before.map(|edge| end(edge.op)).max();
    latest.is_none_or(|latest| end(first) >= latest)
}

/// To each place on another machine to which no way leads back.
fn reassignments(graph: &Graph, op: u32, found: &mut Vec<Move>) {
    let problem = graph.problem;
    let alternatives = problem.alternatives(op);
    let here = graph.now.machine_of[op as usize];
    if alternatives.len() < 2 || here == NONE {
        return;
    }
    let end = |op: u32| graph.head[op as usize] + graph.now.seconds[op as usize];
    let followers = problem.after(op).iter();
    let first_follower = followers.map(|edge| end(edge.op)).min().unwrap_or(i64::MAX);
    let predecessors = problem.before(op).iter();
    let last_predecessor = predecessors.map(|edge| graph.head[edge.op as usize]).max();
    for choice in alternatives {
        if choice.machine == here {
            continue;
        }
        let sequence = &graph.now.sequences[choice.machine as usize];
        // Whatever stands after it must not lead to its predecessors, nor its followers to what stands before.
        let earliest = sequence
            .partition_point(|other| last_predecessor.is_some_and(|head| end(*other) <= head));
        let latest = sequence.partition_point(|other| graph.head[*other as usize] < first_follower);
        for place in earliest..=latest.max(earliest).min(sequence.len()) {
            found.push(Move {
                op,
                machine: choice.machine,
                place,
            });
        }
    }
}

/// About how long everything would take after the move: the longest way through what it moves.
pub fn estimate(graph: &Graph, wanted: Move, memory: &mut Vec<(u32, i64)>) -> i64 {
    let Move { op, machine, place } = wanted;
    let sequence = &graph.now.sequences[machine as usize];
    if graph.now.machine_of[op as usize] != machine {
        return estimate_elsewhere(graph, wanted);
    }
    let old = graph.now.place_of[op as usize] as usize;
    let (from, to) = (old.min(place), old.max(place));
    // The stretch of the sequence that changes, in its new order.
    memory.clear();
    if place > old {
        memory.extend(sequence[from + 1..=to].iter().map(|op| (*op, 0)));
        memory.push((op, 0));
    } else {
        memory.push((op, 0));
        memory.extend(sequence[from..to].iter().map(|op| (*op, 0)));
    }
    let mut before = from
        .checked_sub(1)
        .map(|at| (sequence[at], graph.head[sequence[at] as usize]));
    for (op, head) in memory.iter_mut() {
        *head = graph.head_by_lot(*op);
        if let Some((other, at)) = before {
            *head = (*head).max(at + graph.machine_lag(other, *op, machine));
        }
        before = Some((*op, *head));
    }
    let mut after = sequence
        .get(to + 1)
        .map(|op| (*op, graph.tail[*op as usize]));
    let mut longest = 0;
    for (op, head) in memory.iter().rev() {
        let mut tail = graph.tail_by_lot(*op);
        if let Some((other, at)) = after {
            tail = tail.max(graph.machine_lag(*op, other, machine) + at);
        }
        longest = longest.max(head + tail);
        after = Some((*op, tail));
    }
    longest
}

fn estimate_elsewhere(graph: &Graph, wanted: Move) -> i64 {
    let Move { op, machine, place } = wanted;
    let problem = graph.problem;
    let sequence = &graph.now.sequences[machine as usize];
    let seconds = seconds_at(problem, op, machine);
    let setup = |op: u32| problem.ops[op as usize].setup;
    let mut head = graph.head_by_lot(op);
    if let Some(before) = place.checked_sub(1).map(|at| sequence[at]) {
        head = head.max(graph.head[before as usize] + graph.machine_lag(before, op, machine));
    }
    let was = graph.now.seconds[op as usize];
    let mut tail = graph.tail_by_lot(op) - was + seconds;
    if let Some(&after) = sequence.get(place) {
        let changeover = problem.changeover(machine, setup(op), setup(after));
        tail = tail.max(seconds + changeover + graph.tail[after as usize]);
    }
    head + tail
}
