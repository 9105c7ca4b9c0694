#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The combinations, and what happens without a peer, as TAP."""
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import ed448
import extras
import judge
import matrix
import ours
import peer
import support
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
    lines += {matrix.describe(row) for _, row in extras.rows()}
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
    for row in all_rows() + [row for _, row in extras.rows()]:
        words = [*peer.requester(row, 1), *peer.responder(row, 1),
                 *ours.requester(folder, row, 1, folder)]
        if not all(words) or not ours.profile(row, folder):
            return False
    return True


def an_old_library_is_named() -> bool:
    """And no emulator is asked for what we have not."""
    with tempfile.TemporaryDirectory() as name:
        tool = Path(name) / "spdm-responder"
        tool.write_text("#!/bin/sh\necho '{\"asym\": [\"ECDSA-P384\"], "
                        "\"kem\": []}'\n")
        tool.chmod(0o755)
        why = support.lacking({"ML-DSA-65", "ML-KEM-768"}, Path(name),
                              Path("/none"))
    return "1.12" in why["ML-DSA-65"] and "1.11.1" in why["ML-KEM-768"]


def post_quantum_rows_say_so() -> bool:
    found = [matrix.post_quantum(row) for row in all_rows()]
    names = set().union(*found)
    return len(names) == 6 and any(not new for new in found)


def nothing_is_explained_that_passes() -> bool:
    """An explanation needs words that a requester said."""
    return all(known.said and known.why for known in judge.KNOWN)


def what_cannot_be_is_said() -> bool:
    have: dict[str, list[str]] = {"kem": []}
    row = next(row for _, row in extras.rows()
               if row["kem"] != "none")
    return "libgcrypt" in extras.why_not(judge.OUR_RESPONDER, row, have) and \
        not extras.why_not(judge.OUR_RESPONDER, row, {"kem": [row["kem"]]})


def dumps_are_read() -> bool:
    said = ("nonce (0x2) - 01 02 \nsignature (0x3):\n0000: 0a 0b \n"
            "0020: 0c \nm1m2 hash - 0d 0e \n!!! PASS !!!\n")
    return ed448.dumped(said, "signature (0x3):")[:3] == b"\x0a\x0b\x0c" and \
        ed448.dumped(said, "m1m2 hash") == b"\x0d\x0e" and \
        len(ed448.to_be_signed(b"")) == 100


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
    ("what a build has not is said", what_cannot_be_is_said),
    ("post-quantum combinations are told from others",
     post_quantum_rows_say_so),
    ("what a library is too old for is not run, in words",
     an_old_library_is_named),
    ("what the emulators dump is read", dumps_are_read),
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
