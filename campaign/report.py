# SPDX-License-Identifier: GPL-2.0-or-later
"""The outcome for people and for machines."""
import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO
from xml.sax.saxutils import escape, quoteattr

from .case import CLASSES
from .verdict import Outcome, Verdict


@dataclass
class Result:
    """All of a run."""
    outcomes: list[Outcome] = field(default_factory=list)
    known: set[str] = field(default_factory=set)    # the baseline's failures
    seconds: float = 0.0            # wall clock, without waiting cases
    waited: float = 0.0             # ... of those that wait on purpose
    place: str = ""
    requester: str = ""
    seed: str = ""
    mutants: int = 0
    killed: int = 0
    redundant: int = 0              # of those not killed: proved
    survivors: list[dict[str, str]] = field(default_factory=list)
    facts: dict[str, object] = field(default_factory=dict)

    def failed(self) -> list[Outcome]:
        return [o for o in self.outcomes if not o.passed and not o.skipped]

    def news(self) -> list[Outcome]:
        """Failures that the baseline does not know."""
        return [o for o in self.failed() if o.case.name not in self.known]

    def mended(self) -> list[str]:
        """Of the baseline, and passing now."""
        return sorted(o.case.name for o in self.outcomes
                      if o.passed and o.case.name in self.known)

    def per_second(self) -> float:
        """Of those that do not wait on purpose."""
        quick = len(self.outcomes) - self.waiting()
        return quick / self.seconds if self.seconds else 0.0

    def waiting(self) -> int:
        return sum(o.case.wait for o in self.outcomes)

    def summary(self) -> dict:
        failed = self.failed()
        return {
            "cases": len(self.outcomes),
            "pass": sum(o.passed for o in self.outcomes),
            "fail": len(failed),
            "unfired": sum(o.verdict == Verdict.UNFIRED
                           for o in self.outcomes),
            "skipped": sum(o.skipped for o in self.outcomes),
            "known": len(failed) - len(self.news()),
            "seconds": round(self.seconds + self.waited, 3),
            "cases_per_second": round(self.per_second(), 2),
            "waiting": {"cases": self.waiting(),
                        "seconds": round(self.waited, 3)},
            "mutants": self.mutants,
            "killed": self.killed,
            "redundant": self.redundant,
            "place": self.place,
            "requester": self.requester,
            "seed": self.seed,
            "verdicts": {v.value: n for v, n in
                         Counter(o.verdict for o in self.outcomes).items()},
            **self.facts,
        }


def status(outcome: Outcome, known: set[str]) -> str:
    if outcome.passed:
        return "ok"
    if outcome.skipped:
        return "skip"
    return "known" if outcome.case.name in known else "FAIL"


class Progress:
    """A line a case on a terminal or in a log."""

    def __init__(self, total: int, known: set[str],
                 out: TextIO = sys.stdout) -> None:
        self.total, self.known, self.out = total, known, out
        self.done = 0
        self.width = len(str(total))

    def show(self, outcome: Outcome) -> None:
        self.done += 1
        print(f"{status(outcome, self.known):5} {self.done:{self.width}}/"
              f"{self.total} {outcome.case.letter} "
              f"{outcome.case.name:<44} {outcome.verdict.value:<12} "
              f"{outcome.said.seconds * 1000:6.0f} ms", file=self.out)
        if not outcome.passed:
            print(f"      {outcome.case.why}\n      expected: "
                  f"{outcome.case.expect}; {outcome.reason}", file=self.out)
        self.out.flush()


def table(result: Result) -> str:
    """Classes by verdicts."""
    verdicts = [v for v in Verdict
                if any(o.verdict == v for o in result.outcomes)]
    lines = ["class".ljust(42) + "".join(v.value.rjust(13)
                                         for v in verdicts)]
    for letter, title in CLASSES.items():
        row = [o for o in result.outcomes if o.case.letter == letter]
        if row:
            counts = Counter(o.verdict for o in row)
            lines.append(f"{letter}  {title}".ljust(42) + "".join(
                str(counts[v] or ".").rjust(13) for v in verdicts))
    return "\n".join(lines)


def closing(result: Result) -> str:
    s = result.summary()
    line = (f"{s['cases']} cases, {s['pass']} as they should be, "
            f"{s['fail']} not ({s['unfired']} unfired), {s['skipped']} "
            f"skipped; {s['seconds']:.1f} s, {s['cases_per_second']} a "
            f"second")
    if s["waiting"]["cases"]:
        line += f" without the {s['waiting']['cases']} that wait on " \
                f"purpose ({result.waited:.1f} s)"
    if result.mutants:
        line += f"; {result.killed} of {result.mutants} weakened requesters " \
                f"caught, {result.redundant} without a check that another " \
                "one stands behind (proved)"
    return line


# ---- files ---------------------------------------------------------------

def write_json(result: Result, out: TextIO) -> None:
    body = result.summary()
    body["results"] = [
        {"name": o.case.name, "class": o.case.letter,
         "expect": o.case.expect, "verdict": o.verdict.value,
         "pass": o.passed, "reason": o.reason, "check": o.said.check,
         "seconds": round(o.said.seconds, 4), "fired": o.seen.fired,
         "after": list(o.seen.after), "bug": o.case.bug}
        for o in result.outcomes]
    body["survivors"] = result.survivors
    json.dump(body, out, indent=1)
    out.write("\n")


def write_tap(result: Result, out: TextIO) -> None:
    print(f"1..{len(result.outcomes)}", file=out)
    for number, o in enumerate(result.outcomes, 1):
        word = "ok" if o.passed or o.skipped else "not ok"
        directive = ""
        if o.skipped:
            directive = f" # SKIP {o.reason}".replace("\n", " ")
        elif not o.passed and o.case.name in result.known:
            directive = " # TODO known: in the baseline"
        print(f"{word} {number} - {o.case.letter} {o.case.name}: "
              f"{o.verdict.value}{directive}", file=out)
        if not o.passed and not o.skipped:
            print(f"# {o.case.why}", file=out)
            print(f"# expected {o.case.expect}: {o.reason}", file=out)


def _junit_case(result: Result, o: Outcome) -> str:
    head = (f"  <testcase classname={quoteattr('spdm.' + o.case.letter)} "
            f"name={quoteattr(o.case.name)} time=\"{o.said.seconds:.4f}\"")
    text = f"{o.case.why}\nexpected {o.case.expect}, {o.verdict.value}: " \
           f"{o.reason}"
    if o.passed:
        return head + "/>"
    if o.skipped or o.case.name in result.known:
        why = o.reason if o.skipped else f"known: {text}"
        return f"{head}>\n   <skipped message={quoteattr(why)}/>\n" \
               "  </testcase>"
    return (f"{head}>\n   <failure type={quoteattr(o.verdict.value)} "
            f"message={quoteattr(o.reason)}>{escape(text)}</failure>\n"
            "  </testcase>")


def write_junit(result: Result, out: TextIO) -> None:
    news = len(result.news())
    skipped = len(result.outcomes) - news - sum(o.passed
                                                for o in result.outcomes)
    print('<?xml version="1.0" encoding="UTF-8"?>', file=out)
    print(f'<testsuite name="spdm-campaign" tests="{len(result.outcomes)}" '
          f'failures="{news}" skipped="{skipped}" errors="0" '
          f'time="{result.seconds + result.waited:.3f}">', file=out)
    for outcome in result.outcomes:
        print(_printable(_junit_case(result, outcome)), file=out)
    print("</testsuite>", file=out)


def _printable(text: str) -> str:
    """XML 1.0 has no place for control characters."""
    return "".join(c if c >= " " or c in "\n\t" else "?" for c in text)


def write_file(path: str, writer, result: Result) -> None:
    if path == "-":
        writer(result, sys.stdout)
        return
    with Path(path).open("w") as out:
        writer(result, out)
