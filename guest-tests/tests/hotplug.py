# SPDX-License-Identifier: GPL-2.0-or-later
"""Devices come and go, their sessions open, and QEMU holds no more for it."""
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from qspdm import memory
from qspdm.env import GUEST
from qspdm.guest import Guest, plain
from qspdm.memory import Holdings
from qspdm.tap import Row, Suite, comment, equal, true

from .lifecycle import until
from .machine import Models
from .sessions import STATUS
from .survival import QUIET, plugged

DEVICES, SOAK_DEVICES = 4, 8
ROUNDS, SOAK_ROUNDS = 3, 25         # 12 and 200 hot-plugs
WARM_UP = 1                         # rounds that fill heaps and caches
# By all hot-plugs together, and with --soak by each. What QEMU keeps on its
# heap of the code that a guest has run comes and goes by a MiB or two
# meanwhile: 12 devices that were never freed would hide in it, 200 (20 MiB)
# would not. Where there is no guest to run code,
# hw/spdm/tests/test-hotplugs counts every byte.
MAX_GROWTH_KIB = 4 << 10
SOAK_MAX_KIB_EACH = 16
MAX_MORE_THREADS = 64 + 4           # QEMU's own pool comes and goes
HANG_GUARD = 600


@dataclass
class Ports:
    guest: Guest
    rounds: int
    samples: list[Holdings] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        return [device.id for device in self.guest.devices]


@contextmanager
def boot(qemu: str, models: Models, name: str, soak: bool
         ) -> Iterator[Ports]:
    rows = [plain(models.endpoint, f"e{n}",
                  spdm_identity_out=GUEST / f"{name}.{n}.pem")
            for n in range(SOAK_DEVICES if soak else DEVICES)]
    try:
        with Guest(qemu, rows, name=name,
                   code_mib=memory.CODE_MIB) as guest:
            yield Ports(guest, SOAK_ROUNDS if soak else ROUNDS)
    finally:
        for path in GUEST.glob(f"{name}.*.pem"):
            path.unlink(missing_ok=True)


def open_sessions(p: Ports) -> None:
    """And leave them so: the requesters end without END_SESSION."""
    bdfs = " ".join(p.guest.bdf(device) for device in p.ids)
    p.guest.sh(f"""
        for bdf in {bdfs}; do
            spdm-requester --timeout 300 {' '.join(QUIET)} --device $bdf run \
                connect digests certificate key-exchange finish \
                >/tmp/out 2>&1 || {{ cat /tmp/out; exit 1; }}
        done""", timeout=HANG_GUARD)
    for device in p.ids:
        equal(len(p.guest.qom_get(device, STATUS)["sessions"]), 1,
              f"sessions with {device}")


def replug_all(p: Ports) -> None:
    p.guest.unplug(*p.ids)
    until("end of the devices in the guest", lambda: not any(
        plugged(p.guest, device) for device in p.ids))
    for device in p.guest.devices:
        p.guest.plug(device)
    until("devices in the guest", lambda: all(
        plugged(p.guest, device) for device in p.ids))


def settled(p: Ports) -> Holdings:
    """When the threads of devices that are gone have ended."""
    def count() -> int:
        return memory.held(p.guest.pid).threads

    last = count()
    end = time.monotonic() + 5
    while time.monotonic() < end:
        time.sleep(0.2)
        last, before = count(), last
        if last == before:
            break
    return memory.held(p.guest.pid)


def come_and_go(p: Ports) -> None:
    for _ in range(p.rounds):
        open_sessions(p)
        replug_all(p)
        p.samples.append(settled(p))


def flat(p: Ports) -> None:
    late = p.samples[WARM_UP:]
    hot_plugs = len(p.ids) * (len(late) - 1)
    growth = memory.slope([(float(n), float(held.kib))
                           for n, held in enumerate(late)]) * (len(late) - 1)
    first, last = late[0], late[-1]
    comment(f"{hot_plugs} hot-plugs: {first.kib} to {last.kib} KiB of QEMU's "
            f"own, the line through them rises by {growth:.0f} KiB; threads "
            f"{first.threads} to {last.threads}, descriptors {first.fds} to "
            f"{last.fds}")
    kibs = [held.kib for held in p.samples]
    comment(f"KiB by and by: {kibs[::len(kibs) // 12 + 1]}")
    limit = SOAK_MAX_KIB_EACH * hot_plugs if p.rounds == SOAK_ROUNDS else \
        MAX_GROWTH_KIB
    true(growth < limit, f"{growth:.0f} KiB more")
    true(last.threads <= first.threads + MAX_MORE_THREADS, "threads")
    equal(last.fds, first.fds, "descriptors")


ROWS: list[Row] = [
    ("devices with sessions open come and go", come_and_go),
    ("what QEMU holds does not grow by it", flat),
]


def suites(qemu: str, models: Models, tag: str, soak: bool) -> list[Suite]:
    name = f"{tag}-hotplug"
    return [Suite(f"{tag}: many hot-plugs",
                  lambda: boot(qemu, models, name, soak), ROWS)]
