# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest that treats one mailbox badly changes nothing else.

Every row does something to the endpoint's mailbox.  Afterwards the config
space of every function is as it was (the mailbox's own registers aside),
ABORT puts the mailbox in order, it and its neighbours answer, the disk
reads, and QEMU holds not much more memory.
"""
import hashlib
from collections.abc import Callable

from qspdm.guest import Guest
from qspdm.tap import Row, Suite, equal, true

from .doe import CMA, GET_VERSION, answers, poke
from .drivers import block_device
from .machine import Machine, Models, booting

TARGET = "endpoint"
FLOOD = 1 << 20
CAP_SIZE = 0x18
ABORT = "w4:8=1"
# ABORT leaves Interrupt Status alone, and a row may have enabled interrupts.
RECOVER = (ABORT, "w4:c=2")
STATUS = "r4:c"
# Far above what one object may take (1 MiB), far below what a leak makes.
MAX_GROWTH_KIB = 64 << 10


def config(guest: Guest, device_id: str) -> bytes:
    bdf = guest.bdf(device_id)
    return bytes.fromhex(guest.sh(
        f"xxd -p -c 4096 /sys/bus/pci/devices/{bdf}/config"))


def everything(m: Machine) -> dict[str, bytes]:
    """All config spaces, with the target's mailbox registers blanked."""
    spaces = {device_id: config(m.guest, device_id) for device_id in m.ids}
    at = int(poke(m.guest, TARGET, "find"), 16)
    space = bytearray(spaces[TARGET])
    # The capability's header stays in: nobody may change that.
    space[at + 4:at + CAP_SIZE] = bytes(CAP_SIZE - 4)
    return spaces | {TARGET: bytes(space)}


def read_disk(m: Machine) -> None:
    m.guest.sh("echo 3 >/proc/sys/vm/drop_caches")
    out = m.guest.sh(f"sha256sum {block_device(m)}")
    equal(out.split()[0],
          hashlib.sha256(m.disk.read_bytes()).hexdigest(), "the disk")


def harmless(*commands: tuple[str, ...]) -> Callable[[Machine], None]:
    """The check: these doepoke commands do no harm."""
    def check(m: Machine) -> None:
        before, memory = everything(m), m.guest.resident_kib()
        for words in commands:
            poke(m.guest, TARGET, *words)
        equal(everything(m), before, "config spaces")
        equal(poke(m.guest, TARGET, "ops", *RECOVER, STATUS), "00000000",
              "status after ABORT")
        for device_id in m.ids:
            answers(m.guest, device_id)
        read_disk(m)
        true(m.guest.alive, "QEMU has ended")
        growth = m.guest.resident_kib() - memory
        true(growth < MAX_GROWTH_KIB, f"QEMU grew by {growth} KiB")

    return check


def ops(*words: str) -> tuple[str, ...]:
    return ("ops", *words)


def each(size: int, value: str) -> list[str]:
    """A write of this size to every register, header included."""
    return [f"w{size}:{at:x}={value}" for at in range(0, CAP_SIZE, size)
            if not at & (size - 1)]


def empty_reads_zero(m: Machine) -> None:
    out = poke(m.guest, TARGET, "ops", ABORT, "r4:14*64", "w4:14=0*64",
               "r4:14", STATUS)
    equal(out.split(), ["00000000"] * 3, "an empty mailbox")
    harmless(ops("r4:14*1000", "w4:14=ffffffff*1000"))(m)


def abort_mid_answer(m: Machine) -> None:
    poke(m.guest, TARGET, "send", str(CMA), GET_VERSION)
    poke(m.guest, TARGET, "wait")
    out = poke(m.guest, TARGET, "ops", "r4:14", "w4:14=0", ABORT, STATUS,
               "r4:14")
    equal(out.split()[1:], ["00000000"] * 2, "status and data after ABORT")
    harmless()(m)


def overflow_is_error(m: Machine) -> None:
    """More than any object can hold: Error, until ABORT."""
    poke(m.guest, TARGET, "ops", f"w4:10=1*{(1 << 18) + 2}",
         "w4:8=80000000")
    status = int(poke(m.guest, TARGET, "wait"), 16)
    true(status & 4, f"status {status:08x} has no Error")
    harmless()(m)


def disk_during_flood(m: Machine) -> None:
    flood = m.guest.launch(["doepoke", m.guest.bdf(TARGET), "ops",
                            f"w4:10=5a5a5a5a*{FLOOD}"])
    read_disk(m)
    answers(m.guest, "ssd")
    result = flood.wait()
    true(result.ok, result.describe())
    harmless()(m)


def neighbours_in_parallel(m: Machine) -> None:
    """Exchanges on all the others while the target is hammered."""
    hammer = m.guest.launch(["doepoke", m.guest.bdf(TARGET), "ops",
                             "w4:8=80000001*100000"])
    others = [device_id for device_id in m.ids if device_id != TARGET]
    timed = [m.guest.launch(["doepoke", m.guest.bdf(other), "time", "100",
                             str(CMA), GET_VERSION]) for other in others]
    for command in [*timed, hammer]:
        result = command.wait()
        true(result.ok, result.describe())
    harmless()(m)


ROWS: list[Row] = [
    ("2^20 dwords written without GO change nothing else",
     harmless(ops(f"w4:10=deadbeef*{FLOOD}"))),
    ("more dwords than an object can have end in Error", overflow_is_error),
    ("bytes written to every register change nothing else",
     harmless(ops(*each(1, "ff")), ops(*each(1, "0")))),
    ("words written to every register change nothing else",
     harmless(ops(*each(2, "ffff")), ops(*each(2, "0")))),
    ("dwords written to every register change nothing else",
     harmless(ops(*each(4, "ffffffff")), ops(*each(4, "0")))),
    ("bytes and words read from every register change nothing else",
     harmless(ops(*[f"r{size}:{at:x}" for size in (1, 2)
                    for at in range(0, CAP_SIZE, size)]))),
    ("a GO with nothing written changes nothing else",
     harmless(ops("w4:8=80000000*100"))),
    ("an object that is shorter than it says changes nothing else",
     harmless(ops("w4:10=10001", "w4:10=100", "w4:10=8410",
                  "w4:8=80000000"))),
    ("an object that says 2^18 dwords changes nothing else",
     harmless(ops("w4:10=10001", "w4:10=0", "w4:10=8410",
                  "w4:8=80000000"))),
    ("an object of one dword changes nothing else",
     harmless(ops("w4:10=10001", "w4:8=80000000"))),
    ("an object of another vendor changes nothing else",
     harmless(ops("w4:10=11234", "w4:10=3", "w4:10=0", "w4:8=80000000"))),
    ("GO and ABORT in one write change nothing else",
     harmless(ops("w4:10=10001", "w4:8=80000001*1000"))),
    ("an ABORT in the middle of the answer leaves nothing behind",
     abort_mid_answer),
    ("an ABORT right after GO changes nothing else",
     harmless(*[word for _ in range(20) for word in
                (("send", str(CMA), GET_VERSION), ops(ABORT))])),
    ("writes while an answer waits change nothing else",
     harmless(("send", str(CMA), GET_VERSION), ("wait",),
              ops("w4:10=0*100", "w4:8=80000000"))),
    ("an empty mailbox reads zero and pops nothing", empty_reads_zero),
    ("the disk reads while a mailbox is flooded", disk_during_flood),
    ("the other mailboxes answer while one is hammered",
     neighbours_in_parallel),
]


def suites(qemu: str, models: Models, tag: str) -> list[Suite]:
    return [Suite(f"{tag}: a hostile guest",
                  booting(qemu, models, f"{tag}-hostile"), ROWS)]
