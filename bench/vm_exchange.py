# SPDX-License-Identifier: GPL-2.0-or-later
"""A DOE exchange as a guest sees it, and how long a vCPU is kept waiting."""
import json
import re
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from . import vm
from .figure import Figure, of_samples, ratio_at_most, value_at_most
from .provider import Context, Provider
from .vm_handshake import SETS, open_session

EXCHANGE_GOAL = ratio_at_most(1.3)
HELD_GOAL = value_at_most(100)
HEADER = 2                      # dwords of an object before its payload
EXCHANGES = "300"               # in one run; the median counts
HELD = re.compile(r"^.*device: (\w+) took (\d+) ns$", re.M)


def timed(running: vm.Guest, device: str) -> float:
    out = vm.poke(running, device, "time", EXCHANGES, *vm.VERSION)
    return json.loads(out)["median_us"]


def answer_dwords(qemu: Path) -> int:
    with vm.guest(qemu, [vm.plain("spdm-endpoint", "device")],
                  name="bench-answer") as running:
        answer = vm.poke(running, "device", "exchange", *vm.VERSION)
    return HEADER + len(answer) // 8


def exchange(context: Context, folder: Path) -> Iterator[Figure]:
    qemu = vm.launcher(context, folder)
    dwords = answer_dwords(qemu)
    devices = [vm.plain("spdm-endpoint", "device"),
               vm.plain("bench-null-doe", "null", dwords=dwords)]
    values, floors = [], []
    with vm.guest(qemu, devices, name="bench-exchange") as running:
        timed(running, "device")        # keys are made, caches are warm
        for _ in range(context.runs(25, 5)):
            values.append(timed(running, "device"))
            floors.append(timed(running, "null"))
    yield of_samples(
        "exchange.get-version", "us", values, floors, EXCHANGE_GOAL,
        f"GET_VERSION through sysfs, {dwords} dwords back, over a mailbox "
        f"that answers as many at once; {vm.accelerator(qemu)}",
        "each dword is an access of config space, which KVM hands to QEMU; "
        "above the floor are GO, the answer, and its bookkeeping. Tried: "
        "cheap requests answered in the vCPU's own thread")


# ---- how long the big lock is kept ---------------------------------------

def longest(text: str) -> dict[str, float]:
    """The longest of each kind in a trace, microseconds."""
    found: dict[str, float] = {}
    for what, ns in HELD.findall(text):
        found[what] = max(found.get(what, 0.0), int(ns) / 1000)
    return found


def held(context: Context, folder: Path) -> Iterator[Figure]:
    """Of each handshake the longest; the largest of them is in the note."""
    qemu = vm.launcher(context, folder)
    device = vm.plain("spdm-endpoint", "device", spdm_profile=vm.P384)
    runs: list[dict[str, float]] = []
    with vm.guest(qemu, [device], name="bench-held",
                  extra=["-trace", "spdm_held"]) as running:
        open_session(running, "device", SETS["p384"])
        for _ in range(context.runs(15, 3)):
            at = len(running.qemu_log.read_text())
            open_session(running, "device", SETS["p384"])
            runs.append(longest(running.qemu_log.read_text()[at:]))
    tops = [max(run.values()) for run in runs]
    kinds = ", ".join(
        f"{what} {statistics.median(run.get(what, 0.0) for run in runs):.0f}"
        for what in sorted({kind for run in runs for kind in run}))
    yield of_samples(
        "exchange.held", "us", tops, goal=HELD_GOAL,
        note="longest time that the device kept QEMU's lock, and so a vCPU, "
        f"in a P-384 handshake; by kind {kinds}; worst {max(tops):.0f}; "
        f"{vm.accelerator(qemu)}",
        reason="time on the wall: another process that takes the processor "
        "while the lock is held counts. Tried: dear requests in a thread of "
        "their own, cheap ones in the vCPU's")


def measure(context: Context) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        if context.wants("exchange.get-version"):
            yield from exchange(context, Path(folder))
        if context.wants("exchange.held"):
            yield from held(context, Path(folder))


PROVIDERS = (Provider("exchange", "DOE exchanges, as a guest sees them",
                      measure),)
