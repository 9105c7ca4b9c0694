# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest that storms one device's config space while others are at work.

On the endpoint doestorm.c does its worst, and a requester opens sessions
with it as well as it can.  Meanwhile bus resets, and the device is unplugged
and plugged in again.  QEMU lives, what it holds does not grow, and the
others notice nothing: every session with them opens, one that was open all
the time can be used, and the disk reads what was written.
"""
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from qspdm import memory
from qspdm.agent import Command
from qspdm.env import GUEST
from qspdm.guest import Guest
from qspdm.memory import Holdings
from qspdm.tap import Row, Suite, comment, equal, true

from . import machine
from .doe import answers, poke
from .drivers import block_device
from .lifecycle import until
from .machine import Machine, Models, make_disk
from .sessions import PATIENCE, STATUS, session_loop
from .survival import QUIET, USE, Session, open_session, plugged

TARGET = "endpoint"
STOP, PROGRESS, VICTIM = "/tmp/stop", "/tmp/progress", "/tmp/victim"
SEED = "1"
HANG_GUARD = 1800
# A round: so many accesses of the storm, then a bus reset or a hot-plug.
ROUND = 150_000
ROUNDS = 2
SOAK_SECONDS = 600
# How often the session that is open all the time is used, and at most.
USE_SECONDS, USES = 30, 60
TRACE_MIB = 1
LIMIT = TRACE_MIB << 20
LARGEST = 32 << 10              # what one record takes at most, as hex
LONG = bytes.fromhex("10900000") + bytes(4000)     # no request there is
# Of a straight line through the samples, the first fifth left out. The heap
# has its ups and downs; what leaks a byte an access would be far above.
MAX_GROWTH_KIB = 16 << 10
MAX_MORE_THREADS = 64 + 4       # QEMU's own pool comes and goes
MAX_MORE_FDS = 8
MAX_LOG = 64 << 10


@dataclass
class Weather:
    """Everything that goes on at once."""
    m: Machine
    soak: bool
    storm: Command | None = None
    victim: Command | None = None
    disk: Command | None = None
    loops: dict[str, Command] = field(default_factory=dict)
    held: Session | None = None
    used: float = 0
    samples: list[tuple[float, Holdings]] = field(default_factory=list)
    rounds: int = 0
    begun: float = field(default_factory=time.monotonic)

    @property
    def guest(self) -> Guest:
        return self.m.guest

    def sample(self) -> None:
        self.samples.append((time.monotonic(), memory.held(self.guest.pid)))


def trace_path(name: str, kind: str) -> Path:
    return GUEST / f"{name}.{TARGET}.{kind}"


@contextmanager
def boot(qemu: str, models: Models, name: str, soak: bool
         ) -> Iterator[Weather]:
    disk = GUEST / f"{name}.img"
    digest = make_disk(disk)
    rows = machine.devices(models, disk)
    files = {f"spdm-{kind}": trace_path(name, kind)
             for kind in ("events", "pcap", "keylog")}
    rows[-1] = replace(rows[-1], props=rows[-1].props | files |
                       {"spdm-trace-limit": TRACE_MIB})
    try:
        with Guest(qemu, rows, name=name, cpus=2, append="iomem=relaxed",
                   code_mib=memory.CODE_MIB) as guest:
            yield Weather(Machine(guest, disk, digest), soak)
    finally:
        for path in (disk, *GUEST.glob(f"{name}.*.pem"), *files.values()):
            path.unlink(missing_ok=True)


# ---- it begins -----------------------------------------------------------

def victim_loop(w: Weather) -> Command:
    """Sessions with the target itself, used in the thick of it."""
    return w.guest.launch(["sh", "-c", f"""
        ok=0; bad=0
        until test -e {STOP}; do
            if spdm-requester --timeout 3 {' '.join(QUIET)} \
                --device {w.guest.bdf(TARGET)} run connect digests \
                certificate key-exchange finish wait:file={VICTIM} \
                key-update:all measurements end-session >/dev/null 2>&1
            then ok=$((ok + 1)); else bad=$((bad + 1)); fi
        done
        echo $ok $bad"""], timeout=HANG_GUARD)


def disk_loop(w: Weather) -> Command:
    return w.guest.launch(["sh", "-c", f"""
        n=0
        until test -e {STOP}; do
            echo 3 >/proc/sys/vm/drop_caches
            set -- $(sha256sum {block_device(w.m)})
            test "$1" = {w.m.disk_sha256} || {{ echo "read $1"; exit 1; }}
            n=$((n + 1))
        done
        echo $n"""], timeout=HANG_GUARD)


def begins(w: Weather) -> None:
    w.guest.sh(f"rm -f {STOP}")
    w.held = open_session(w.guest, "gpu", *["WAIT", *USE] * USES, "WAIT",
                          timeout=HANG_GUARD)
    w.held.arrive()
    for device in ("ssd", "nic"):
        w.loops[device] = session_loop(w.m, device, HANG_GUARD)
    w.disk, w.victim = disk_loop(w), victim_loop(w)
    w.storm = w.guest.launch(["doestorm", w.guest.bdf(TARGET), SEED,
                              PROGRESS, STOP, VICTIM], timeout=HANG_GUARD)
    until("storm", lambda: progress(w) > 0)


def progress(w: Weather) -> int:
    assert w.storm
    true(w.storm.running, "the storm ended early")
    return int(w.guest.sh(f"cat {PROGRESS} || echo 0") or 0)


# ---- and goes on ---------------------------------------------------------

def bus_reset(w: Weather) -> None:
    """Of the port, by its own bit: the storm does not wait for it."""
    port = w.guest.sh(
        f"basename $(dirname $(readlink -f /sys/bus/pci/devices/"
        f"{w.guest.bdf(TARGET)}))").strip()
    w.guest.sh(f"setpci -s {port} BRIDGE_CONTROL.w=40:40 && "
               f"setpci -s {port} BRIDGE_CONTROL.w=0:40")


def use_held(w: Weather) -> None:
    assert w.held
    w.held.go_on()
    w.held.arrive()
    equal(len(w.guest.qom_get("gpu", STATUS)["sessions"]), 1, "sessions")
    w.used = time.monotonic()


def replug(w: Weather) -> None:
    device = w.guest.devices[-1]
    w.guest.unplug(TARGET)
    until("end of the device", lambda: not plugged(w.guest, TARGET))
    w.guest.plug(device)
    until("device", lambda: plugged(w.guest, TARGET))


def one_round(w: Weather) -> None:
    target = progress(w) + ROUND

    def come_so_far() -> bool:
        w.sample()
        for device in w.m.ids:
            w.guest.qom_get(device, STATUS)
        return progress(w) >= target

    until(f"round {w.rounds}", come_so_far, HANG_GUARD)
    (bus_reset, replug)[w.rounds % 2](w)
    w.rounds += 1
    if time.monotonic() > w.used + USE_SECONDS:
        use_held(w)


def rages(w: Weather) -> None:
    """Until all rounds are done; with --soak, the time is over, too."""
    end = time.monotonic() + (SOAK_SECONDS if w.soak else 0)
    while w.rounds < ROUNDS or time.monotonic() < end:
        one_round(w)
    true(w.guest.alive, "QEMU has ended")


# ---- and is over ---------------------------------------------------------

def is_over(w: Weather) -> None:
    assert w.storm and w.victim
    w.guest.sh(f"touch {STOP}")
    result = w.storm.wait()
    w.guest.sh(f"rm -f {VICTIM}")
    true(result.ok, result.describe())
    did = json.loads(result.out)
    comment(f"the storm: {result.out.strip()}")
    count = sum(did["reads"]) + sum(did["writes"])
    comment(f"{count} accesses in {time.monotonic() - w.begun:.0f} s; "
            f"{w.rounds} bus resets and hot-plugs")
    for key in ("objects", "answers", "floods", "aborts", "flrs", "d3s",
                "victims"):
        true(did[key], f"no {key}")
    ok, bad = w.victim.wait().out.split()
    comment(f"sessions with the target meanwhile: {did['victims']} were "
            f"open when the storm came; of all {ok} ended well, {bad} not")


def others_worked(w: Weather) -> None:
    for device, loop in w.loops.items():
        result = loop.wait()
        true(result.ok, result.describe())
        true(int(result.out) > 0, f"no session with {device}")
        work = w.guest.qom_get(device, STATUS)["work"]
        comment(f"{result.out.strip()} sessions with {device} meanwhile, "
                f"all of them well; {work['at-once']} requests answered at "
                f"once, {work['by-worker']} by workers, "
                f"{work['keys-ahead']} keys made ahead were used")


def disk_was_whole(w: Weather) -> None:
    assert w.disk
    result = w.disk.wait()
    true(result.ok, result.describe())
    comment(f"the disk was read {result.out.strip()} times")


def held_session_works(w: Weather) -> None:
    assert w.held and w.held.command
    use_held(w)
    w.held.command.kill()
    comment(f"it was used {w.held.waits - 1} times")


def target_recovers(w: Weather) -> None:
    replug(w)
    poke(w.guest, TARGET, "ops", "w4:8=1", "w4:c=2")
    answers(w.guest, TARGET)
    w.guest.run(["spdm-requester", *PATIENCE, "--device",
                 w.guest.bdf(TARGET), "session", "--sigma"], check=True)


def flat(w: Weather) -> None:
    late = w.samples[len(w.samples) // 5:]
    start = late[0][0]
    growth = memory.slope([(at - start, float(held.kib))
                           for at, held in late]) * (late[-1][0] - start)
    first, last = late[0][1], late[-1][1]
    kibs = [held.kib for _, held in late]
    comment(f"{len(late)} samples in {late[-1][0] - start:.0f} s: "
            f"{min(kibs)} to {max(kibs)} KiB of QEMU's own, the line through "
            f"them rises by {growth:.0f} KiB; threads {first.threads} to "
            f"{last.threads}, descriptors {first.fds} to {last.fds}")
    comment(f"KiB by and by: {kibs[::len(kibs) // 12 + 1]}")
    true(growth < MAX_GROWTH_KIB, f"{growth:.0f} KiB more")
    true(last.threads <= first.threads + MAX_MORE_THREADS, "threads")
    true(last.fds <= first.fds + MAX_MORE_FDS, "descriptors")


def recorded_on(w: Weather) -> None:
    """Twice what may be recorded: objects of 4 KiB, and their answers."""
    before = memory.held(w.guest.pid).kib
    poke(w.guest, TARGET, "time", str(2 * LIMIT // len(LONG)), "1",
         LONG.hex())
    growth = memory.held(w.guest.pid).kib - before
    true(growth < MAX_GROWTH_KIB, f"{growth} KiB more")


def logs_are_bounded(name: str) -> Callable[[Weather], None]:
    def check(w: Weather) -> None:
        sizes = {kind: trace_path(name, kind).stat().st_size
                 for kind in ("events", "pcap")}
        said = w.guest.qemu_log.stat().st_size
        comment(f"recorded of the target: {sizes}; QEMU said {said} bytes")
        for kind, size in sizes.items():
            true(size <= LIMIT, f"{size} bytes of {kind}")
            true(size > LIMIT - LARGEST, f"only {size} bytes of {kind}")
        true(said < MAX_LOG, f"QEMU said {said} bytes")

    return check


def rows(name: str) -> list[Row]:
    return [
        ("a storm on one mailbox begins, with sessions and disk at work",
         begins),
        ("it goes on through bus resets and hot-plugs", rages),
        ("it ends when it is told to", is_over),
        ("every session with the others opened meanwhile", others_worked),
        ("the disk read what was written all the time", disk_was_whole),
        ("a session that was open all the time can be used",
         held_session_works),
        ("what QEMU holds did not grow", flat),
        ("the target answers when it is left in peace", target_recovers),
        ("more traffic than may be recorded is no burden", recorded_on),
        ("what was recorded and said is within its limits",
         logs_are_bounded(name)),
    ]


def suites(qemu: str, models: Models, tag: str, soak: bool) -> list[Suite]:
    name = f"{tag}-storm"
    return [Suite(f"{tag}: a storm",
                  lambda: boot(qemu, models, name, soak), rows(name))]
