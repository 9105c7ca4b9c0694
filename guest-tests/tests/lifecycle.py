# SPDX-License-Identifier: GPL-2.0-or-later
"""Resets, hot-plug, and several devices of one kind."""
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from qspdm.env import GUEST
from qspdm.guest import Guest, nic, plain
from qspdm.tap import Row, Skip, Suite, comment, equal, true

from .doe import CMA, GET_VERSION, answers, poke
from .drivers import disk_reads
from .machine import Machine, Models, booting

PLUG_SECONDS = 600      # a hang guard


def half_an_object(m: Machine) -> None:
    """Leave every mailbox in the middle of something."""
    for device_id in m.ids:
        poke(m.guest, device_id, "send", str(CMA), GET_VERSION)
        poke(m.guest, device_id, "wait")
        poke(m.guest, device_id, "ops", "w4:10=10001")


def idle(m: Machine, device_id: str) -> None:
    out = poke(m.guest, device_id, "ops", "r4:8", "r4:c", "r4:14")
    equal(out.split(), ["00000000"] * 3, f"registers of {device_id}")


def platform_reset(m: Machine) -> None:
    half_an_object(m)
    m.guest.reset()
    for device_id in m.ids:
        idle(m, device_id)
        answers(m.guest, device_id)
    disk_reads(m)


def function_reset(m: Machine) -> None:
    """On the endpoint: a driver's device it would pull from under it."""
    path = f"/sys/bus/pci/devices/{m.guest.bdf('endpoint')}"
    if "flr" not in m.guest.sh(f"cat {path}/reset_method || true").split():
        raise Skip("the endpoint offers no function level reset")
    m.guest.sh(f"echo flr >{path}/reset_method")
    poke(m.guest, "endpoint", "send", str(CMA), GET_VERSION)
    poke(m.guest, "endpoint", "wait")
    m.guest.sh(f"echo 1 >{path}/reset")
    idle(m, "endpoint")
    answers(m.guest, "endpoint")
    answers(m.guest, "ssd")


def back_from_d3(m: Machine) -> None:
    """The endpoint's No_Soft_Reset is 0: coming back is a reset."""
    bdf = m.guest.bdf("endpoint")
    poke(m.guest, "endpoint", "send", str(CMA), GET_VERSION)
    poke(m.guest, "endpoint", "wait")
    m.guest.sh(f"setpci -s {bdf} CAP_PM+4.w=3:3 && sleep 0.1 && "
               f"setpci -s {bdf} CAP_PM+4.w=0:3 && sleep 0.1")
    idle(m, "endpoint")
    answers(m.guest, "endpoint")


ROWS: list[Row] = [
    ("a platform reset leaves every mailbox idle and working",
     platform_reset),
    ("a function level reset empties the mailbox", function_reset),
    ("the mailbox is empty when the endpoint is back from D3hot",
     back_from_d3),
]


# ---- several devices ---------------------------------------------------

@contextmanager
def boot_endpoints(qemu: str, models: Models, name: str) -> Iterator[Guest]:
    ids = ("vendor-id", "device-id", "subsystem-vendor-id", "subsystem-id")
    chosen = dict(zip(ids, (0x1234, 0x5678, 0x9abc, 0xdef0)))
    rows = [plain(models.endpoint, "first"),
            plain(models.endpoint, "second", **chosen),
            plain(models.endpoint, "third")]
    with Guest(qemu, rows, name=name) as guest:
        yield guest


def booting_endpoints(qemu: str, models: Models, name: str
                      ) -> Callable[[], AbstractContextManager[Guest]]:
    return lambda: boot_endpoints(qemu, models, name)


def all_answer(guest: Guest) -> None:
    for device in guest.devices:
        answers(guest, device.id)


def chosen_ids(guest: Guest) -> None:
    out = guest.sh(f"lspci -n -vmm -s {guest.bdf('second')}")
    for line in ("Vendor:\t1234", "Device:\t5678", "SVendor:\t9abc",
                 "SDevice:\tdef0"):
        true(line in out, f"no '{line}' in\n{out}")


def until(what: str, done: Callable[[], bool],
          seconds: float = PLUG_SECONDS) -> None:
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise AssertionError(f"still no {what}")
        time.sleep(0.2)


def unplug_and_plug(guest: Guest) -> None:
    bdf = guest.bdf("third")
    path = f"/sys/bus/pci/devices/{bdf}"
    guest.unplug("third")
    answers(guest, "first")
    guest.plug(guest.devices[2])
    until("plugging", lambda: guest.run(["test", "-e", path]).ok)
    answers(guest, "third")


ENDPOINT_ROWS: list[Row] = [
    ("three endpoints in one machine answer", all_answer),
    ("an endpoint takes the ids it is given", chosen_ids),
    ("an endpoint is unplugged and plugged in again", unplug_and_plug),
    ("all three answer afterwards", all_answer),
]


# ---- figures -------------------------------------------------------------

def memory_of_a_device(qemu: str, models: Models, name: str
                       ) -> Callable[[None], None]:
    """No limit is asserted but a leak's: the figure is for people."""
    def resident(count: int) -> int:
        rows = [plain(models.endpoint, f"e{n}") for n in range(count)]
        with Guest(qemu, rows, name=name, paused=True) as guest:
            return guest.resident_kib()

    def check(_: None) -> None:
        each = (resident(9) - resident(1)) / 8
        comment(f"a {models.endpoint} behind its root port adds "
                f"{each:.0f} KiB to QEMU")
        true(each < 64 << 10, f"{each:.0f} KiB for one device")

    return check


# ---- a machine saved and loaded -----------------------------------------

def saved_and_loaded(qemu: str, models: Models, name: str
                     ) -> Callable[[None], None]:
    """The answer of before the snapshot is read after it."""
    rows = [plain(models.endpoint, "endpoint"), nic(models.nic, "nic")]

    def check(_: None) -> None:
        path = GUEST / f"{name}.snapshot"
        try:
            with Guest(qemu, rows, name=name) as guest:
                for device in rows:
                    poke(guest, device.id, "send", str(CMA), GET_VERSION)
                    poke(guest, device.id, "wait")
                guest.qom_set("endpoint", "spdm-firmware-version", "9.9.9")
                guest.save(path)
            with Guest(qemu, rows, name=f"{name}-2", incoming=path) as guest:
                for device in rows:
                    read_waiting(guest, device.id)
                    answers(guest, device.id)
                out = guest.run([
                    "spdm-requester", "--device", guest.bdf("endpoint"),
                    "run", "connect", "digests", "certificate",
                    "measurements:index=3,raw"], check=True).out
                true('"9.9.9"' in out, f"the firmware's version: {out}")
        finally:
            path.unlink(missing_ok=True)

    return check


def read_waiting(guest: Guest, device_id: str) -> None:
    pops = ["r4:14", "w4:14=0"] * 3
    out = poke(guest, device_id, "ops", *pops, "w4:8=1").split()
    equal(out[0], "00010001", "vendor and type of the waiting answer")
    true(out[2].endswith("0410"), f"it begins with {out[2]}")


def suites(qemu: str, models: Models, tag: str) -> list[Suite]:
    return [Suite(f"{tag}: resets", booting(qemu, models, f"{tag}-resets"),
                  ROWS),
            Suite(f"{tag}: several devices",
                  booting_endpoints(qemu, models, f"{tag}-several"),
                  ENDPOINT_ROWS),
            Suite(f"{tag}: snapshots", nullcontext, [
                ("a machine saved with answers waiting has them when loaded",
                 saved_and_loaded(qemu, models, f"{tag}-snapshot"))]),
            Suite(f"{tag}: memory", nullcontext, [
                ("the memory of a device is measured",
                 memory_of_a_device(qemu, models, f"{tag}-memory"))])]
