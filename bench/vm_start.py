# SPDX-License-Identifier: GPL-2.0-or-later
"""What a device adds to QEMU's start and to its memory."""
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import vm
from .figure import Figure, of_samples, value_at_most
from .provider import Context, Provider, cpu_seconds

START_GOAL = value_at_most(5)
MEMORY_GOAL = value_at_most(256)
START_REASON = ("the first device brings along what the others share: a "
                "thread, a profile, the first use of libgcrypt. Tried: keys "
                "and certificates made by another thread or when needed")
MANY = 32
QUIET = 0.5                     # seconds without work: keys are made
QUIET_LIMIT = 60.0


@dataclass(frozen=True)
class Pair:
    """A device, and the same without SPDM."""
    name: str
    ours: Callable[[int], vm.Device]
    bare: Callable[[int], vm.Device]


def disk(model: str) -> Callable[[int], vm.Device]:
    def make(index: int) -> vm.Device:
        backend = ("-drive", f"if=none,id=d{index},format=raw,"
                   "file=null-co://")
        return vm.Device(model, f"ssd{index}", {
            "drive": f"d{index}", "serial": f"s{index}"}, backend)
    return make


def function(model: str) -> Callable[[int], vm.Device]:
    return lambda index: vm.plain(model, f"e{index}")


PAIRS = (
    Pair("ssd", disk("spdm-ssd"), disk("nvme")),
    Pair("endpoint", function("spdm-endpoint"), function("bench-null-doe")),
)


def wait_until_quiet(pid: int) -> None:
    end = time.monotonic() + QUIET_LIMIT
    before = -1.0
    while (now := cpu_seconds(pid)) != before and time.monotonic() < end:
        before = now
        time.sleep(QUIET)


def held_kib(pid: int) -> float:
    """The process's own memory and its part of what it shares."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.M)
    return float(found[1]) if found else 0.0


def cpu_ms(tasks: Iterable[Path]) -> float:
    return sum(int((task / "schedstat").read_text().split()[0])
               for task in tasks) / 1e6


@dataclass(frozen=True)
class Cost:
    """Of a QEMU with some devices, whose guest is never started."""
    wall: float                 # from exec to QMP's greeting, ms
    main: float                 # CPU time of the main thread in it, ms
    others: float               # ... and of other threads
    kib: float

    def __sub__(self, other: "Cost") -> "Cost":
        return Cost(self.wall - other.wall, self.main - other.main,
                    self.others - other.others, self.kib - other.kib)


def cost(qemu: Path, make: Callable[[int], vm.Device], count: int,
         memory: bool) -> Cost:
    devices = [make(index) for index in range(count)]
    with vm.guest(qemu, devices, name="bench-start",
                  paused=True) as running:
        tasks = Path(f"/proc/{running.pid}/task")
        main = cpu_ms([tasks / str(running.pid)])
        others = cpu_ms(tasks.iterdir()) - main
        if memory:
            wait_until_quiet(running.pid)
        return Cost(1000 * running.boot_seconds, main, others,
                    held_kib(running.pid))


def difference(qemu: Path, pair: Pair, count: int, memory: bool,
               turned: bool = False) -> Cost:
    """
    One straight after the other: both see the same machine. @turned: the
    other way round, so that neither is always the first.
    """
    if turned:
        bare = cost(qemu, pair.bare, count, memory)
        return cost(qemu, pair.ours, count, memory) - bare
    return cost(qemu, pair.ours, count, memory) - \
        cost(qemu, pair.bare, count, memory)


def start(context: Context, qemu: Path, pair: Pair, count: int
          ) -> Iterator[Figure]:
    """The median of the pairs' own differences, a device."""
    runs = context.runs(30 if count == 1 else 10, 3)
    difference(qemu, pair, count, False)    # files are in memory now
    added = [difference(qemu, pair, count, False, bool(run % 2))
             for run in range(runs)]
    over = f"over {count} of {pair.bare(0).model}, started in turn"
    others = statistics.median(c.others for c in added) / count
    yield of_samples(
        f"start.{pair.name}.{count}", "ms/device",
        [c.main / count for c in added], goal=START_GOAL,
        note=f"CPU time of the main thread until QMP greets, {over}; keys "
        f"that are made meanwhile {others:.1f}", reason=START_REASON)
    yield of_samples(
        f"start-wall.{pair.name}.{count}", "ms/device",
        [c.wall / count for c in added],
        note=f"on the wall, from exec to QMP's greeting, {over}; keys are "
        "made at the same time, if there is a processor for it")


def memory(context: Context, qemu: Path, pair: Pair) -> Figure:
    values = []
    for _ in range(context.runs(5, 2)):
        one = difference(qemu, pair, 1, True).kib
        many = difference(qemu, pair, MANY, True).kib
        values.append((many - one) / (MANY - 1))
    return of_samples(
        f"memory.{pair.name}", "KiB/device", values, goal=MEMORY_GOAL,
        note=f"PSS of an idle device with its keys made, over "
        f"{pair.bare(0).model}: {MANY} of them less one")


def plug_in(context: Context, qemu: Path) -> Figure:
    """A device's own share leaves out what the first one brings along."""
    values = []
    for _ in range(context.runs(5, 2)):
        with_it = cost(qemu, PAIRS[0].ours, 1, True)
        without = cost(Path("qemu-system-x86_64"), PAIRS[0].bare, 1, True)
        values.append((with_it - without).kib)
    return of_samples(
        "memory.plug-in", "KiB", values, note="PSS of a QEMU with the plug-in "
        "and one spdm-ssd, over the distribution's with an nvme")


@contextmanager
def prepared(context: Context) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        qemu = vm.launcher(context, Path(folder))
        vm.image.kernel()
        vm.image.initramfs()
        yield qemu


def measure_start(context: Context) -> Iterator[Figure]:
    with prepared(context) as qemu:
        for pair in PAIRS:
            for count in (1, MANY):
                if context.wants(f"start.{pair.name}.{count}"):
                    yield from start(context, qemu, pair, count)


def measure_memory(context: Context) -> Iterator[Figure]:
    with prepared(context) as qemu:
        for pair in PAIRS:
            if context.wants(f"memory.{pair.name}"):
                yield memory(context, qemu, pair)
        if context.wants("memory.plug-in"):
            yield plug_in(context, qemu)


PROVIDERS = (Provider("start", "what a device adds to QEMU's start",
                      measure_start),
             Provider("memory", "what a device adds to QEMU's memory",
                      measure_memory))
