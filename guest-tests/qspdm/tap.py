# SPDX-License-Identifier: GPL-2.0-or-later
"""Sentence-named test cases, reported as TAP.

A suite is a list of rows (sentence, check) that share what their set-up
made; a check passes by returning, fails by raising, and is skipped by
raising Skip.
"""
import sys
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

Check = Callable[[Any], None]
Row = tuple[str, Check]


class Skip(Exception):
    """This case cannot run here; the reason is its text."""


@dataclass(frozen=True)
class Suite:
    title: str
    setup: Callable[[], AbstractContextManager[Any]]
    rows: list[Row]


def equal(got: Any, wanted: Any, what: str = "") -> None:
    if got != wanted:
        raise AssertionError(f"{what}: got {got!r}, wanted {wanted!r}")


def true(condition: Any, why: str) -> None:
    if not condition:
        raise AssertionError(why)


def comment(text: str) -> None:
    for line in text.splitlines() or [""]:
        print(f"# {line}", flush=True)


class Report:
    def __init__(self) -> None:
        self.number = self.passed = self.failed = self.skipped = 0

    def _line(self, word: str, sentence: str, directive: str = "") -> None:
        self.number += 1
        print(f"{word} {self.number} - {sentence.replace('#', '')}"
              f"{directive}", flush=True)

    def ok(self, sentence: str) -> None:
        self.passed += 1
        self._line("ok", sentence)

    def skip(self, sentence: str, reason: str) -> None:
        self.skipped += 1
        self._line("ok", sentence, f" # SKIP {reason}")

    def fail(self, sentence: str, reason: str) -> None:
        self.failed += 1
        self._line("not ok", sentence)
        comment(reason)


def explain(error: Exception) -> str:
    """Where in the test it went wrong, and how."""
    frames = traceback.extract_tb(error.__traceback__)
    at = frames[-1] if frames else None
    for frame in frames:
        if "/tests/" in frame.filename:
            at = frame
    where = f"{at.filename}:{at.lineno}: " if at else ""
    return f"{where}{type(error).__name__}: {error}"


def run_row(report: Report, sentence: str, check: Check, it: Any) -> None:
    try:
        check(it)
    except Skip as reason:
        report.skip(sentence, str(reason))
    except Exception as error:          # a failed case, not a failed run
        report.fail(sentence, explain(error))
    else:
        report.ok(sentence)


def run_suite(report: Report, suite: Suite) -> None:
    comment(suite.title)
    try:
        context = suite.setup()
        it = context.__enter__()
    except Skip as reason:
        for sentence, _ in suite.rows:
            report.skip(sentence, str(reason))
        return
    except Exception as error:
        for index, (sentence, _) in enumerate(suite.rows):
            report.fail(sentence, explain(error) if not index
                        else "its set-up failed, see above")
        return
    try:
        for sentence, check in suite.rows:
            run_row(report, sentence, check, it)
    finally:
        context.__exit__(None, None, None)


def run(suites: list[Suite], only: str = "") -> int:
    """Run all rows whose title or sentence contains the text."""
    report = Report()
    for suite in suites:
        rows = [row for row in suite.rows
                if only in suite.title or only in row[0]]
        if rows:
            run_suite(report, Suite(suite.title, suite.setup, rows))
    print(f"1..{report.number}")
    comment(f"{report.passed} passed, {report.failed} failed, "
            f"{report.skipped} skipped")
    sys.stdout.flush()
    return 1 if report.failed else 0
