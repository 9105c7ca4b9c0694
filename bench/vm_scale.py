# SPDX-License-Identifier: GPL-2.0-or-later
"""Many devices in one machine, all with a session open."""
import json
import statistics
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import vm
from .figure import Figure, of_samples, ratio_at_most
from .provider import Context, Provider, Unavailable
from .vm_handshake import SETS, open_session, whole
from .vm_start import wait_until_quiet

COUNTS = (1, 8, 16, 32, 64)
QUICK = (1, 16)
FLAT = ratio_at_most(1.2)
ROUNDS = 5                      # of sessions that replace the last ones


@dataclass(frozen=True)
class Crowd:
    """@count devices with a session each."""
    count: int
    handshakes: list[float]     # ms, one for each device and round
    exchanges: list[float]      # us, with all other sessions open


def sessions(running: vm.Guest, device: str) -> int:
    return len(running.qom_get(device, "spdm-status")["sessions"])


def get_version(running: vm.Guest, device: str) -> float:
    """It ends the session: for the last step only."""
    out = vm.poke(running, device, "time", "100", *vm.VERSION)
    return json.loads(out)["median_us"]


def gather(qemu: Path, count: int, rounds: int) -> Crowd:
    devices = [vm.plain("spdm-endpoint", f"e{i}", spdm_profile=vm.P384)
               for i in range(count)]
    handshakes = []
    with vm.guest(qemu, devices, name="bench-scale") as running:
        wait_until_quiet(running.pid)
        for device in devices:
            open_session(running, device.id, SETS["p384"])
        for _ in range(rounds):
            for device in devices:
                report = open_session(running, device.id, SETS["p384"])
                handshakes.append(whole(report) / 1000)
        open_now = [sessions(running, device.id) for device in devices]
        if open_now != [1] * count:
            raise Unavailable(f"sessions open: {open_now}")
        exchanges = [get_version(running, device.id) for device in devices]
    return Crowd(count, handshakes, exchanges)


def measure(context: Context) -> Iterator[Figure]:
    counts = QUICK if context.quick else COUNTS
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        qemu = vm.launcher(context, Path(folder))
        crowds = [gather(qemu, n, max(1, ROUNDS * counts[-1] // 8 // n))
                  for n in counts]
    alone = crowds[0]
    for what, unit in (("handshakes", "ms"), ("exchanges", "us")):
        floor = statistics.median(getattr(alone, what))
        for crowd in crowds:
            values = getattr(crowd, what)
            yield of_samples(
                f"scale.{what}.{crowd.count}", unit, values,
                [floor] * len(values), FLAT, f"of one device among "
                f"{crowd.count} with a session open, over one alone; "
                f"{vm.accelerator(qemu)}")


PROVIDERS = (Provider("scale", "many devices, all in sessions", measure,
                      slow=True),)
