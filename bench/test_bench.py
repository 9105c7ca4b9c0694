#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The bench's own parts, as TAP; nothing here depends on the time taken."""
import contextlib
import io
import json
import math
import os
import re
import struct
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import draw, figure, main, memory, provider, report  # noqa: E402
from bench import vm, vm_exchange, vm_handshake  # noqa: E402
from bench.figure import Figure, of_samples  # noqa: E402
from bench.provider import Context, Provider, Unavailable  # noqa: E402

KEYS = {"name", "value", "unit", "floor", "ratio", "goal", "met", "runs",
        "spread", "note", "reason"}
BUILD = os.environ.get("BENCH_BUILD")
FEWEST = {"handshake": ("--runs", "1", "p256", "psk"),
          "secured": ("--runs", "1", "64", "4k"),
          "memory": ("--runs", "1")}


# ---- figures -------------------------------------------------------------

def ratio_is_of_each_run() -> bool:
    """A run that was slow as a whole does not bend it."""
    f = of_samples("a", "us", [11, 110, 11], [10, 100, 10],
                   figure.ratio_at_most(1.1))
    return f.ratio == 1.1 and f.met is True and f.runs == 3 and \
        f.spread < 1e-9


def floors_belong_to_values() -> bool:
    try:
        of_samples("a", "us", [1, 2], [1])
    except ValueError as error:
        return "2 values, 1 floors" in str(error)
    return False


def nothing_measured_is_no_figure() -> bool:
    try:
        of_samples("a", "us", [])
    except ValueError:
        return True
    return False


def spread_is_of_the_middle() -> bool:
    many = [100.0] * 98 + [1.0, 1000.0]
    return figure.spread(many) == 0 and figure.spread([5]) == 0 and \
        figure.spread([9, 10, 11]) == 0.2


def goals_are_bounds() -> bool:
    most, least = figure.ratio_at_most(1.1), figure.ratio_at_least(0.7)
    return most.met_by(1.1) and not most.met_by(1.11) and \
        least.met_by(0.7) and not least.met_by(0.69)


def without_a_goal_nothing_is_met() -> bool:
    return of_samples("a", "us", [1]).met is None


def value_goals_look_at_the_value() -> bool:
    f = of_samples("a", "B", [20], [40], figure.value_at_most(16))
    return f.met is False


# ---- providers -----------------------------------------------------------

def lines_are_runs() -> bool:
    found = provider.parse(
        '{"figure": "x", "unit": "us", "value": 3, "floor": 2}\n'
        '{"figure": "y", "unit": "B", "value": 9}\n'
        '{"figure": "x", "unit": "us", "value": 5, "floor": 4}\n')
    return found["x"].values == [3, 5] and found["x"].floors == [2, 4] and \
        found["y"].floors_or_none() is None


def only_takes_parts_of_names() -> bool:
    context = Context(only=("secured.64",))
    return context.wants("secured") and context.wants("secured.64") and \
        not context.wants("memory") and Context().wants("memory")


def giving(*made: Figure) -> Callable[[Context], Iterator[Figure]]:
    return lambda context: iter(made)


def failing(context: Context) -> Iterator[Figure]:
    yield of_samples("half.one", "us", [1])
    raise Unavailable("no such thing here")


def measured(rows: tuple[Provider, ...], context: Context) -> report.Report:
    usual = main.PROVIDERS
    main.PROVIDERS = rows
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            return main.measure(context)
    finally:
        main.PROVIDERS = usual


def what_cannot_be_is_left_out() -> bool:
    result = measured((
        Provider("slow", "", giving(), slow=True),
        Provider("peer", "", giving(), needs_peer=True),
        Provider("half", "", failing),
        Provider("good", "", giving(of_samples("good", "us", [1]))),
    ), Context(quick=True))
    return result.left_out == [("slow", "--quick"),
                               ("peer", "needs --peer DIR"),
                               ("half", "no such thing here")] and \
        [f.name for f in result.figures] == ["half.one", "good"]


def figures_are_named_after_providers() -> bool:
    names = [p.name for p in main.PROVIDERS]
    return len(set(names)) == len(names)


def is_well_formed(samples: provider.Samples) -> bool:
    numbers = samples.values + samples.floors
    return bool(samples.unit) and len(samples.values) >= 1 and \
        len(samples.floors) in (0, len(samples.values)) and \
        all(math.isfinite(n) and n > 0 for n in numbers)


def programs_print_figures() -> bool:
    """Of a build: by hand there may be none."""
    if not BUILD:
        return True
    context = Context(build=Path(BUILD))
    found = {name: context.program(name, *words)
             for name, words in FEWEST.items()}
    return all(rows and all(map(is_well_formed, rows.values()))
               for rows in found.values()) and \
        {"connection.p256", "answer-ahead.p256", "session.psk"} <= \
        set(found["handshake"]) and \
        {"responder.64", "responder.4k", "both.4k"} <= \
        set(found["secured"]) and found["memory"]["session.p256"].unit == "B"


def providers_make_json() -> bool:
    """From a program to the file, as scripts/bench does it."""
    if not BUILD:
        return True
    context = Context(build=Path(BUILD), quick=True)
    result = measured(memory.PROVIDERS, context)
    rows = result.as_json()["figures"]
    return bool(rows) and all(
        set(row) == KEYS and (row["met"] is None) == (row["goal"] is None)
        for row in rows)


def goals_have_reasons() -> bool:
    """Not that of a figure from which nobody expected it."""
    return of_samples("a", "us", [2], None, figure.value_at_most(1)
                      ).as_json()["reason"] == figure.UNEXPECTED


# ---- guests --------------------------------------------------------------

def sums_are_read_back() -> bool:
    data = struct.pack("<4Q", 5000, 7, 9000, 3)
    return vm.read_sums(data) == vm.Sums(5.0, 9.0, 3) and \
        vm.read_sums(data) - vm.Sums(1.0, 4.0, 1) == vm.Sums(4.0, 5.0, 2)


def longest_is_of_each_kind() -> bool:
    trace = ("spdm_held device: write took 1500 ns\n"
             "1@2.3:spdm_held device: read took 100 ns\n"
             "spdm_held device: write took 900 ns\n"
             "spdm_held other: write took 9000 ns\n")
    return vm_exchange.longest(trace) == {"write": 1.5, "read": 0.1}


def answers_belong_to_their_go() -> bool:
    """One that was answered late, by nobody, counts nothing."""
    trace = ("7@1.000100:spdm_doe_go d: object 1, 12 bytes\n"
             "7@1.000150:spdm_doe_ready d: object 1 answered, 28 bytes\n"
             "7@1.999990:spdm_doe_ready d: object 1 answered, 28 bytes\n"
             "7@1.999990:spdm_doe_go d: object 2, 12 bytes\n"
             "7@2.000010:spdm_doe_ready d: object 2 answered, 28 bytes\n")
    return vm_handshake.device_time(trace) == 70.0


def parts_add_up() -> bool:
    steps = [{"at_us": 100, "us": 30}, {"at_us": 200, "us": 50}]
    parts = vm_handshake.take_apart({"steps": steps}, vm.Sums(60.0),
                                    vm.Sums(20.0), 40.0)
    return parts == vm_handshake.Parts(150, 20.0, 60.0, 40.0, 30.0)


# ---- output --------------------------------------------------------------

def a_report() -> report.Report:
    machine = {"processor": "a <fast> one", "processors": 2, "memory_mib": 1,
               "distribution": "d", "libgcrypt": "1", "commit": "c",
               "load": 0.0}
    return report.Report(machine, [
        of_samples("good", "us", [10], [10], figure.ratio_at_most(1.1),
                   reason="not needed"),
        of_samples("bad", "B", [20000], None, figure.value_at_most(16384),
                   "what it is", "because."),
        of_samples("plain", "cases/s", [44]),
    ], [("peer", "needs --peer DIR")], "2001-02-03")


def json_has_the_keys() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "f.json"
        report.write_json(a_report(), path)
        data = json.loads(path.read_text())
    return all(set(f) == KEYS for f in data["figures"]) and \
        [f["met"] for f in data["figures"]] == [True, False, None] and \
        [f["reason"] for f in data["figures"]] == ["", "because.", ""] and \
        data["figures"][0]["goal"] == "ratio <= 1.1" and \
        data["machine"]["commit"] == "c"


def what_misses_is_explained() -> bool:
    lines = " ".join(report.text(a_report()).split())
    return "bad misses its goal (value <= 16384): because." in lines and \
        "peer is left out: needs --peer DIR" in lines and \
        "good misses" not in lines


def drawing_has_a_bar_a_goal() -> bool:
    root = ElementTree.fromstring(draw.svg(a_report().as_json()))
    kinds = [e.get("class") for e in root.iter()
             if e.get("class") in ("met", "missed")]
    return kinds == ["met", "missed"]


def drawing_follows_the_reader() -> bool:
    text = draw.svg(a_report().as_json())
    return "prefers-color-scheme: dark" in text and "<script" not in text


def drawing_is_made_of_the_json() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "f.json", Path(folder) / "f.svg"
        report.write_json(a_report(), source)
        code = main.main(["--from", str(source), "--svg", str(target)])
        return code == 0 and \
            target.read_text() == draw.svg(a_report().as_json())


TABLE: list[tuple[str, Callable[[], bool]]] = [
    ("a ratio is of each run", ratio_is_of_each_run),
    ("each floor belongs to a value", floors_belong_to_values),
    ("nothing measured is no figure", nothing_measured_is_no_figure),
    ("spread leaves the ends out", spread_is_of_the_middle),
    ("a goal is met at its bound", goals_are_bounds),
    ("without a goal nothing is met or missed",
     without_a_goal_nothing_is_met),
    ("a goal of the value does not look at the ratio",
     value_goals_look_at_the_value),
    ("a program's lines are runs", lines_are_runs),
    ("--only takes parts of names", only_takes_parts_of_names),
    ("what cannot be measured is left out, with the reason",
     what_cannot_be_is_left_out),
    ("no two providers have one name", figures_are_named_after_providers),
    ("the programs print figures, each with all its runs",
     programs_print_figures),
    ("what a program prints becomes JSON", providers_make_json),
    ("a goal that is missed is never without a reason", goals_have_reasons),
    ("a clock's sums are read back", sums_are_read_back),
    ("the longest that the lock was held is of each kind",
     longest_is_of_each_kind),
    ("a device's time is from GO to its answer", answers_belong_to_their_go),
    ("the parts of a handshake add up", parts_add_up),
    ("JSON has the keys that are documented", json_has_the_keys),
    ("what misses its goal is named with the reason",
     what_misses_is_explained),
    ("the drawing has a bar for each goal", drawing_has_a_bar_a_goal),
    ("the drawing is light or dark as its reader is",
     drawing_follows_the_reader),
    ("the drawing is made of the JSON", drawing_is_made_of_the_json),
]


def run_all() -> int:
    print(f"1..{len(TABLE)}")
    failed = 0
    for number, (name, run) in enumerate(TABLE, 1):
        good = run()
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} {name}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(run_all())
