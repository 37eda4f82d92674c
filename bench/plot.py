"""Draws the figures of bench/run, and of the forecast's cost: plot.py FIGURES.csv FOLDER. Needs nothing but Python."""

import csv
import statistics
import sys
from collections import defaultdict
from pathlib import Path
from xml.sax.saxutils import escape

COLOURS = ["#1b6ca8", "#c0392b", "#2e8b57", "#8e44ad", "#d68910", "#555555", "#17a2b8"]
WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 760, 420, 80, 60, 50, 210


def read(path):
    """section → variant → clients → measure → the median over the rounds"""
    figures = defaultdict(lambda: defaultdict(lambda: defaultdict(lambda: defaultdict(list))))
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            cell = figures[row["section"]][row["variant"]][int(row["clients"])]
            cell[row["measure"]].append(float(row["value"]))
    return figures


def median(cell, measure):
    values = [value for value in cell.get(measure, []) if value == value]
    return statistics.median(values) if values else None


def ticks(highest):
    step = 10 ** (len(str(int(highest))) - 1)
    while highest / step < 4:
        step /= 2
    return [step * i for i in range(int(highest / step) + 2)]


def text(x, y, what, anchor="middle", extra=""):
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" {extra}>{escape(what)}</text>'


def frame(title, y_title, marks, y_of):
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
           'font-family="sans-serif" font-size="12">')
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
    yield text(LEFT, TOP - 22, title, "start", 'font-size="15"')
    yield text(16, (TOP + HEIGHT - BOTTOM) / 2, y_title, "middle",
               f'transform="rotate(-90 16 {(TOP + HEIGHT - BOTTOM) / 2:.0f})"')
    for mark in marks:
        y = y_of(mark)
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.0f}" y2="{y:.0f}" stroke="#ddd"/>'
        yield text(LEFT - 8, y + 4, f"{mark:,.0f}", "end")


def lines(title, x_title, y_title, series):
    """series: name → {x: y}; the xs stand side by side, whatever their distance."""
    xs = sorted({x for points in series.values() for x in points})
    marks = ticks(max(y for points in series.values() for y in points.values()))
    x_of = lambda x: LEFT + (WIDTH - LEFT - RIGHT) * (xs.index(x) + 0.5) / len(xs)
    y_of = lambda y: HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * y / marks[-1]
    out = list(frame(title, y_title, marks, y_of))
    for x in xs:
        out.append(text(x_of(x), HEIGHT - BOTTOM + 18, f"{x:,}"))
    out.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 18, x_title))
    for index, (name, points) in enumerate(series.items()):
        colour = COLOURS[index % len(COLOURS)]
        places = [(x_of(x), y_of(points[x])) for x in sorted(points)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out.extend(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in places)
        y = TOP + 10 + 20 * index
        out.append(f'<rect x="{WIDTH - RIGHT + 18}" y="{y - 9}" width="12" height="12" fill="{colour}"/>')
        out.append(text(WIDTH - RIGHT + 36, y + 2, name, "start"))
    return "\n".join([*out, "</svg>", ""])


def bars(title, y_title, stacks):
    """stacks: name → [(part, value)]; the parts on top of each other."""
    marks = ticks(max(sum(value for _, value in parts) for parts in stacks.values()))
    y_of = lambda y: HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * y / marks[-1]
    out = list(frame(title, y_title, marks, y_of))
    width = (WIDTH - LEFT - RIGHT) / len(stacks)
    names = []
    for index, (name, parts) in enumerate(stacks.items()):
        base = 0
        for part, value in parts:
            if part not in names:
                names.append(part)
            colour = COLOURS[names.index(part) % len(COLOURS)]
            top = y_of(base + value)
            out.append(f'<rect x="{LEFT + width * (index + 0.15):.1f}" y="{top:.1f}" width="{width * 0.7:.1f}" '
                       f'height="{y_of(base) - top:.1f}" fill="{colour}"/>')
            base += value
        x = LEFT + width * (index + 0.5)
        out.append(text(x, y_of(base) - 6, f"{base:,.0f}"))
        for line, words in enumerate(name.split("\n")):
            out.append(text(x, HEIGHT - BOTTOM + 16 + 13 * line, words, extra='font-size="10"'))
    for index, part in enumerate(names):
        y = TOP + 10 + 20 * index
        colour = COLOURS[index % len(COLOURS)]
        out.append(f'<rect x="{WIDTH - RIGHT + 18}" y="{y - 9}" width="12" height="12" fill="{colour}"/>')
        out.append(text(WIDTH - RIGHT + 36, y + 2, part, "start"))
    return "\n".join([*out, "</svg>", ""])


def main():
    figures, folder = read(sys.argv[1]), Path(sys.argv[2])

    def write(name, svg):
        (folder / name).write_text(svg, encoding="utf-8")
        print(f"{folder / name}", file=sys.stderr)

    on_postgres = figures.get("postgres", {})
    series = {}
    for variant, by_clients in on_postgres.items():
        if not variant.startswith("bare"):
            series[variant] = {clients: median(cell, "scans/s") for clients, cell in by_clients.items()}
    for variant, by_clients in on_postgres.items():
        if variant.startswith("bare") and series:
            ceiling = median(by_clients[1], "scans/s")
            xs = sorted({x for points in series.values() for x in points})
            if variant.endswith("rows"):
                series[variant] = {x: ceiling for x in xs}
    if series:
        write("scans-per-second.svg", lines("Durable scans on PostgreSQL", "clients in flight", "scans/s", series))
        stacks = {}
        for variant, by_clients in on_postgres.items():
            clients = max(by_clients)
            cell = by_clients[clients]
            parts = [(part, median(cell, f"{part} µs")) for part in ("program", "database")]
            words = f"{variant.replace(' (', chr(10) + '(').replace(': ', chr(10))}\n{clients} clients"
            stacks[words] = [(part, value) for part, value in parts if value is not None]
        write("processor-time.svg", bars("Processor time per scan, with the most clients of each", "µs", stacks))
    for section, measure, name, title, x_title, y_title in [
        ("growth", "scans/s", "growth.svg", "Scans per second as the log grows (64 clients)",
         "events in the log when filled to", "scans/s"),
        ("forecast", "seconds", "forecast-cost.svg", "A forecast of 200 futures, one core (each job of 50 sheets, 900 cards)",
         "open jobs", "seconds of processor time"),
    ]:
        series = {variant: {x: median(cell, measure) for x, cell in cells.items()}
                  for variant, cells in figures.get(section, {}).items()}
        if series:
            write(name, lines(title, x_title, y_title, series))


main()
