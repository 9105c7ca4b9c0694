#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The combinations, and what happens without a peer, as TAP."""
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import judge
import matrix
import ours
import peer
from pairwise import Pairwise, Row

RUN = Path(__file__).resolve().parent / "run"
WANTED = 150


def all_rows() -> list[Row]:
    return matrix.rows(1) + matrix.rows(2)


def enough() -> bool:
    return len(all_rows()) >= WANTED


def every_row_is_allowed() -> bool:
    return all(rule.allows(row) for row in all_rows()
               for rule in matrix.RULES)


def every_value_occurs() -> bool:
    rows = matrix.rows(1)
    return all(any(row[name] == value for row in rows)
               for name, values in matrix.VALUES.items() for value in values)


def every_allowed_pair_occurs() -> bool:
    """Of the three that matter most, counted the slow way."""
    rows = matrix.rows(1)
    pairs = {pair for row in rows for pair in Pairwise.pairs_of(row)}
    wanted = [((a, x), (b, y)) for a, b in (("asym", "transport"),
                                            ("asym", "hash"),
                                            ("hash", "transport"))
              for x in matrix.VALUES[a] for y in matrix.VALUES[b]]
    return all(pair in pairs for pair in wanted)


def the_same_each_time() -> bool:
    return matrix.rows(1) == matrix.rows(1)


def lines_differ() -> bool:
    lines = [matrix.describe(row) for row in matrix.rows(1)]
    return len(set(lines)) == len(lines)


def without_a_peer() -> bool:
    done = subprocess.run([RUN], capture_output=True, text=True, check=False)
    return done.returncode == 77 and "--peer DIR" in done.stderr


def with_an_empty_folder() -> bool:
    with tempfile.TemporaryDirectory() as name:
        done = subprocess.run([RUN, "--peer", name], capture_output=True,
                              text=True, check=False)
    return done.returncode == 77 and peer.REQUESTER in done.stdout


def every_row_has_command_lines() -> bool:
    folder = Path("/peer")
    for row in all_rows():
        words = [*peer.requester(row, 1), *peer.responder(row, 1),
                 *ours.requester(folder, row, 1, folder)]
        if not all(words) or not ours.profile(row, folder):
            return False
    return True


def nothing_is_explained_that_passes() -> bool:
    """An explanation needs words that a requester said."""
    return all(known.said and known.why for known in judge.KNOWN)


ROWS: list[tuple[str, Callable[[], bool]]] = [
    (f"at least {WANTED} combinations", enough),
    ("every combination is one that SPDM allows", every_row_is_allowed),
    ("every value occurs", every_value_occurs),
    ("every pair of signature, hash and transport", every_allowed_pair_occurs),
    ("the same combinations each time", the_same_each_time),
    ("no combination twice", lines_differ),
    ("without a peer it says what it needs, and 77", without_a_peer),
    ("a folder without emulators is no peer", with_an_empty_folder),
    ("every combination has command lines", every_row_has_command_lines),
    ("explanations look at what was said", nothing_is_explained_that_passes),
]


def main() -> int:
    print(f"1..{len(ROWS)}")
    failed = 0
    for number, (name, run) in enumerate(ROWS, 1):
        good = run()
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} {name}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
