"""CP-SAT's makespan for one instance: `cp_sat.py FILE SECONDS`, one worker. A referee for `--bin scheduling`."""

import sys

from ortools.sat.python import cp_model


def read(path):
    """Per job, per operation: (machine, duration) of each alternative."""
    lines = [line.split() for line in open(path) if line.strip() and not line.startswith("#")]
    flexible = path.endswith(".txt")
    jobs = []
    for words in lines[1:]:
        numbers = [int(word) for word in words]
        if not flexible:
            jobs.append([[pair] for pair in zip(numbers[::2], numbers[1::2])])
            continue
        route, at = [], 1
        while at < len(numbers):
            count = numbers[at]
            pairs = numbers[at + 1 : at + 1 + 2 * count]
            route.append(list(zip(pairs[::2], pairs[1::2])))
            at += 1 + 2 * count
        jobs.append(route)
    return jobs


def solve(jobs, seconds):
    model = cp_model.CpModel()
    horizon = sum(max(duration for _, duration in operation) for job in jobs for operation in job)
    makespan = model.new_int_var(0, horizon, "makespan")
    on_machine = {}
    for job in jobs:
        before = 0
        for operation in job:
            start = model.new_int_var(0, horizon, "")
            end = model.new_int_var(0, horizon, "")
            chosen = []
            for machine, duration in operation:
                here = model.new_bool_var("")
                interval = model.new_optional_interval_var(start, duration, end, here, "")
                on_machine.setdefault(machine, []).append(interval)
                chosen.append(here)
            model.add_exactly_one(chosen)
            model.add(start >= before)
            before = end
        model.add(makespan >= before)
    for intervals in on_machine.values():
        model.add_no_overlap(intervals)
    model.minimize(makespan)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 1
    solver.solve(model)
    return int(solver.objective_value)


if __name__ == "__main__":
    print(solve(read(sys.argv[1]), float(sys.argv[2])))
