# SPDX-License-Identifier: GPL-2.0-or-later
"""What makes figures, and what it is given to do so."""
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .figure import Figure

TOP = Path(__file__).resolve().parent.parent
PROGRAM_LIMIT = 1800.0      # seconds; only a hang takes as long
TICKS = os.sysconf("SC_CLK_TCK")


class Unavailable(Exception):
    """This cannot be measured here; the text says why."""


@dataclass
class Samples:
    """The runs of one figure, as a program of lib/bench printed them."""
    unit: str = ""
    values: list[float] = field(default_factory=list)
    floors: list[float] = field(default_factory=list)

    def floors_or_none(self) -> list[float] | None:
        return self.floors or None


@dataclass
class Context:
    """Where things are, and how much time there is."""
    build: Path = TOP / "build/meson"
    tools: Path = TOP / "build/tools"
    quick: bool = False
    peer: Path | None = None
    only: tuple[str, ...] = ()

    def say(self, text: str) -> None:
        print(f"bench: {text}", file=sys.stderr, flush=True)

    def runs(self, usual: int, quick: int) -> int:
        return quick if self.quick else usual

    def wants(self, name: str) -> bool:
        """Whether --only leaves this figure in; part of a name will do."""
        return not self.only or any(
            word in name or name in word for word in self.only)

    def program(self, name: str, *arguments: str) -> dict[str, Samples]:
        """
        Runs a program of lib/bench. It prints a JSON object a line and run:
        {"figure": ..., "unit": ..., "value": ..., "floor": ...}.
        """
        path = self.build / "lib/bench" / name
        if not path.exists():
            raise Unavailable(f"{path} is not built")
        made = subprocess.run([path, *arguments], capture_output=True,
                              text=True, timeout=PROGRAM_LIMIT, check=False)
        if made.returncode:
            raise Unavailable(f"{name} ended with {made.returncode}: "
                              f"{made.stderr.strip()[-300:]}")
        return parse(made.stdout)


def parse(text: str) -> dict[str, Samples]:
    found: dict[str, Samples] = defaultdict(Samples)
    for line in text.splitlines():
        row = json.loads(line)
        samples = found[row["figure"]]
        samples.unit = row["unit"]
        samples.values.append(row["value"])
        if "floor" in row:
            samples.floors.append(row["floor"])
    return dict(found)


@dataclass(frozen=True)
class Provider:
    """@name begins the names of its figures: "secured", "secured.4096"."""
    name: str
    title: str
    run: Callable[[Context], Iterator[Figure]]
    slow: bool = False      # left out by --quick
    needs_peer: bool = False


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / TICKS


def stopwatch(work: Callable[[], object]) -> float:
    """Wall seconds of @work."""
    begin = time.monotonic()
    work()
    return time.monotonic() - begin
