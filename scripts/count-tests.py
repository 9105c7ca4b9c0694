#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Sum single test cases over TAP files and meson's testlog.json.

usage: count-tests.py FILE...     prints "N passed, N failed, N skipped"

Exit status 1 when a case failed or none was there to run.  A program that
ended badly without a failed case of its own counts as one failed case.
"""
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

CASE = re.compile(r"^(not )?ok\b(.*)")
DIRECTIVE = re.compile(r"#\s*(skip|todo)", re.I)
GOOD = ("OK", "EXPECTEDFAIL")


@dataclass
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.passed + other.passed, self.failed + other.failed,
                     self.skipped + other.skipped)

    @property
    def total(self) -> int:
        return self.passed + self.failed + self.skipped


def count_tap(text: str) -> Count:
    count = Count()
    for line in text.splitlines():
        match = CASE.match(line)
        if not match:
            continue
        if DIRECTIVE.search(match.group(2)):
            count.skipped += 1
        elif match.group(1):
            count.failed += 1
        else:
            count.passed += 1
    return count


def planned(text: str) -> int | None:
    match = re.search(r"^1\.\.(\d+)", text, re.M)
    return int(match.group(1)) if match else None


def count_tap_file(path: Path) -> Count:
    text = path.read_text(errors="replace")
    count = count_tap(text)
    if planned(text) != count.total and not count.failed:
        print(f"{path}: ended before its plan was done")
        count.failed += 1
    return count


def count_meson_test(entry: dict) -> Count:
    count = count_tap(entry.get("stdout", ""))
    result = entry["result"]
    good = result in GOOD or result == "SKIP"
    if not count.total and good:
        return Count(skipped=1) if result == "SKIP" else Count(passed=1)
    if not good and not count.failed:
        count.failed += 1
    if count.failed:
        print(f"failed: {entry['name']} ({result})")
    return count


def count_meson_log(path: Path) -> Count:
    lines = path.read_text(errors="replace").splitlines()
    return sum((count_meson_test(json.loads(line)) for line in lines if line),
               Count())


def main() -> int:
    total = Count()
    for name in sys.argv[1:]:
        path = Path(name)
        read = count_meson_log if path.suffix == ".json" else count_tap_file
        total += read(path)
    print(f"{total.passed} passed, {total.failed} failed, "
          f"{total.skipped} skipped")
    return 1 if total.failed or not total.total else 0


if __name__ == "__main__":
    sys.exit(main())
