# SPDX-License-Identifier: GPL-2.0-or-later
"""Many devices in one machine, all with a session open."""
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from . import vm
from .figure import Figure, of_samples, ratio_at_most
from .provider import Context, Provider, Unavailable
from .vm_handshake import SETS, open_session, whole
from .vm_start import wait_until_quiet

COUNTS = (8, 32, 64)
QUICK = (8,)
FLAT = ratio_at_most(1.2)
LIMIT = 150.0                   # seconds for one count of devices, at most
EXCHANGES = "50"                # of one run; the median counts
REASON = ("a device does no more for being one of many; QEMU and the guest "
          "look through more of them. Tried: nothing, since it is outside of "
          "the devices")


def crowd(qemu: Path, count: int) -> vm.Guest:
    devices = [vm.plain("spdm-endpoint", f"e{i}", spdm_profile=vm.P384)
               for i in range(count)]
    return vm.guest(qemu, devices, name=f"bench-scale-{count}")


def check_sessions(running: vm.Guest, count: int) -> None:
    """All at once: that is what is measured."""
    open_now = [len(running.qom_get(f"e{i}", "spdm-status")["sessions"])
                for i in range(count)]
    if open_now != [1] * count:
        raise Unavailable(f"sessions open: {open_now}")


def handshake(running: vm.Guest, device: str) -> float:
    """Milliseconds; the session takes the place of the last one."""
    return whole(open_session(running, device, SETS["p384"])) / 1000


def get_version(running: vm.Guest, device: str) -> float:
    """It ends the session: for the last step only."""
    out = vm.poke(running, device, "time", EXCHANGES, *vm.VERSION)
    return json.loads(out)["median_us"]


def some_of(count: int, runs: int) -> list[str]:
    """So many devices, from the first to the last."""
    return [f"e{i * (count - 1) // max(runs - 1, 1)}" for i in range(runs)]


class Pairs:
    """A device among many and one alone, one straight after the other."""

    def __init__(self, many: vm.Guest, alone: vm.Guest, names: list[str]
                 ) -> None:
        self.many, self.alone, self.names = many, alone, names

    def run(self, work: Callable[[vm.Guest, str], float]
            ) -> tuple[list[float], list[float]]:
        values, floors = [], []
        for name in self.names:
            values.append(work(self.many, name))
            floors.append(work(self.alone, "e0"))
        return values, floors


def gather(qemu: Path, count: int, runs: int, alone: vm.Guest
           ) -> Iterator[Figure]:
    end = time.monotonic() + LIMIT
    note = (f"of one device among {count} with a session open each, over one "
            f"in a machine of its own; {vm.accelerator(qemu)}")
    with crowd(qemu, count) as many:
        wait_until_quiet(many.pid)
        for index in range(count):
            handshake(many, f"e{index}")
            if time.monotonic() > end:
                raise Unavailable(f"{index + 1} of {count} devices had a "
                                  f"session after {LIMIT:.0f} s")
        pairs = Pairs(many, alone, some_of(count, runs))
        taken = pairs.run(handshake)
        check_sessions(many, count)
        yield of_samples(f"scale.handshakes.{count}", "ms", *taken, FLAT,
                         note, reason=REASON)
        yield of_samples(f"scale.exchanges.{count}", "us",
                         *pairs.run(get_version), FLAT, note, reason=REASON)


def measure(context: Context) -> Iterator[Figure]:
    runs = context.runs(12, 4)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        qemu = vm.launcher(context, Path(folder))
        with crowd(qemu, 1) as alone:
            wait_until_quiet(alone.pid)
            yield of_samples(
                "scale.handshakes.1", "ms",
                [handshake(alone, "e0") for _ in range(runs + 1)][1:],
                note=f"one device alone; {vm.accelerator(qemu)}")
            for count in QUICK if context.quick else COUNTS:
                yield from gather(qemu, count, runs, alone)


PROVIDERS = (Provider("scale", "many devices, all in sessions",
                      measure, slow=True),)
