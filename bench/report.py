# SPDX-License-Identifier: GPL-2.0-or-later
"""Figures for people and for machines."""
import json
import shutil
import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .figure import Figure
from .machine import one_line

HEADS = ("figure", "value", "unit", "floor", "ratio", "goal", "met", "runs",
         "spread")


@dataclass
class Report:
    """All of a run."""
    machine: dict[str, object]
    figures: list[Figure] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    taken: str = ""         # date

    def missed(self) -> list[Figure]:
        return [f for f in self.figures if f.met is False]

    def as_json(self) -> dict[str, Any]:
        return {
            "taken": self.taken,
            "machine": self.machine,
            "figures": [f.as_json() for f in self.figures],
            "left_out": [{"name": name, "reason": reason}
                         for name, reason in self.left_out],
        }


def short(number: float | None) -> str:
    if number is None:
        return "-"
    if number and abs(number) < 0.001:
        return f"{number:.1e}"
    digits = max(0, 3 - len(str(int(abs(number)))))
    return f"{number:,.{digits}f}"


def cells(f: Figure) -> tuple[str, ...]:
    met = {None: "-", True: "yes", False: "NO"}[f.met]
    return (f.name, short(f.value), f.unit, short(f.floor), short(f.ratio),
            str(f.goal) if f.goal else "-", met, str(f.runs),
            f"{f.spread * 100:.0f} %")


def table(figures: list[Figure]) -> str:
    rows = [HEADS, *map(cells, figures)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADS))]
    left = {0, 2, 5, 6}
    return "\n".join(
        "  ".join(cell.ljust(width) if i in left else cell.rjust(width)
                  for i, (cell, width) in enumerate(zip(row, widths))).rstrip()
        for row in rows)


def notes(report: Report) -> str:
    width = min(shutil.get_terminal_size().columns, 100)
    lines = [f"{f.name} misses its goal ({f.goal}): "
             f"{f.reason}" for f in report.missed()]
    lines += [f"{name} is left out: {reason}"
              for name, reason in report.left_out]
    return "\n".join(textwrap.fill(line, width, subsequent_indent="  ")
                     for line in lines)


def text(report: Report) -> str:
    parts = [one_line(report.machine), table(report.figures), notes(report)]
    return "\n\n".join(part for part in parts if part)


def write_json(report: Report, path: Path) -> None:
    path.write_text(json.dumps(report.as_json(), indent=1) + "\n")
