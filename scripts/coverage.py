#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Which lines of lib/ the tests reached, from gcc's counters.

usage: coverage.py SOURCE-DIRECTORY BUILD-DIRECTORY GOAL [PREFIX]...

Of the files that begin with a PREFIX alone, if one is given.
Prints a line for each file, then the lines that were not reached, then the
total. Exit status 1 when the total is below GOAL per cent.
"""
import gzip
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

BATCH = 50                  # of counter files for one run of gcov
NOT_OURS = ("lib/tests/", "lib/fuzz/", "lib/bench/")

Lines = dict[int, int]      # line to how often it was reached


def batches(items: list[Path]) -> Iterator[list[Path]]:
    for start in range(0, len(items), BATCH):
        yield items[start:start + BATCH]


def reports(build: Path) -> Iterator[dict]:
    """What gcov says of each counter file that a run has left."""
    with tempfile.TemporaryDirectory() as name:
        for batch in batches(sorted(build.rglob("*.gcda"))):
            subprocess.run(
                ["gcov", "--json-format", *map(str, batch)], cwd=name,
                check=True, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
            for path in Path(name).glob("*.gcov.json.gz"):
                yield json.loads(gzip.decompress(path.read_bytes()))
                path.unlink()


def collect(source: Path, build: Path) -> dict[str, Lines]:
    """A line of a file in several programs was reached if it was in one."""
    found: dict[str, Lines] = defaultdict(lambda: defaultdict(int))
    for report in reports(build):
        base = Path(report["current_working_directory"])
        for file in report["files"]:
            path = (base / file["file"]).resolve()
            if not path.is_relative_to(source / "lib"):
                continue
            name = str(path.relative_to(source))
            if name.startswith(NOT_OURS):
                continue
            for line in file["lines"]:
                found[name][line["line_number"]] += line["count"]
    return found


def ranges(numbers: list[int]) -> str:
    """"3-5, 9"."""
    out: list[list[int]] = []
    for number in sorted(numbers):
        if out and number == out[-1][1] + 1:
            out[-1][1] = number
        else:
            out.append([number, number])
    return ", ".join(f"{a}-{b}" if b > a else str(a) for a, b in out)


def percent(reached: int, total: int) -> float:
    return 100 * reached / total if total else 100.0


def main() -> int:
    source, build = (Path(word).resolve() for word in sys.argv[1:3])
    goal = float(sys.argv[3])
    wanted = tuple(sys.argv[4:]) or ("lib/",)
    files = {name: lines for name, lines in collect(source, build).items()
             if name.startswith(wanted)}
    if not files:
        print(f"no counters in {build}: built with -Db_coverage=true and run?")
        return 1
    missed = {name: [n for n, count in lines.items() if not count]
              for name, lines in files.items()}
    for name, lines in sorted(files.items()):
        good = len(lines) - len(missed[name])
        print(f"{percent(good, len(lines)):6.1f} %  {good:5} of "
              f"{len(lines):5}  {name}")
    print("\nLines not reached:")
    for name, numbers in sorted(missed.items()):
        if numbers:
            print(f"  {name}: {ranges(numbers)}")
    total = sum(map(len, files.values()))
    reached = total - sum(map(len, missed.values()))
    share = percent(reached, total)
    print(f"\n{', '.join(wanted)}: {share:.1f} % of {total} lines reached "
          f"(goal: {goal:g} %)")
    return 0 if share >= goal else 1


if __name__ == "__main__":
    sys.exit(main())
