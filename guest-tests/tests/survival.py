# SPDX-License-Identifier: GPL-2.0-or-later
"""Which sessions an event ends, and that it ends no other.

Every device is in a session with a requester that waits.  Something happens
to one of them.  The sessions that had to end have ended, none of their keys
is left in QEMU, and the requester is not answered any more; all the others
are as they were, and can be used.
"""
import hmac
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from qspdm import memory
from qspdm.agent import Command
from qspdm.env import GUEST
from qspdm.guest import Device, Guest, plain
from qspdm.qmp import QmpError
from qspdm.tap import Row, Skip, Suite, comment, equal, true

from . import machine
from .doe import answers, poke
from .drivers import disk_reads
from .lifecycle import until
from .machine import Machine, Models, make_disk
from .sessions import HURRY, NOT_BELIEVED, PATIENCE, STATUS

DISCOVERY = "00000000"
HANG_GUARD = 600
# The devices have heartbeats, and a requester that waits sends none.
QUIET = ("--flags", "-HBEAT")
SPARE = "spare"
USE = ("key-update:all", "measurements")
UNANSWERED = "!measurements"


# ---- a session that waits ------------------------------------------------

@dataclass
class Session:
    """A requester in a session that waits, and goes on when it may."""
    guest: Guest
    device: str
    command: Command | None
    waits: int = 1

    def file(self) -> str:
        return f"/tmp/{self.device}.{self.waits}"

    def arrive(self) -> None:
        """At the WAIT that is next."""
        def there() -> bool:
            if self.guest.run(["test", "-e", self.file()]).ok:
                return True
            if self.command and not self.command.running:
                raise AssertionError(self.command.wait().describe())
            return False

        until(f"session with {self.device}", there, HANG_GUARD)

    def go_on(self) -> None:
        self.guest.sh(f"rm {self.file()}")
        self.waits += 1

    def moved(self, guest: Guest) -> None:
        """It goes on there; what it prints is not heard any more."""
        self.guest, self.command = guest, None

    def end(self) -> None:
        assert self.command
        result = self.command.wait()
        true(result.ok, result.describe())


def open_session(guest: Guest, device: str, *steps: str,
                 timeout: float = HANG_GUARD) -> Session:
    """The session, and these steps in it; WAIT is where it waits."""
    guest.sh(f"rm -f /tmp/{device}.*")
    words, waits = [], 0
    for step in steps:
        waits += step == "WAIT"
        words.append(f"wait:file=/tmp/{device}.{waits}" if step == "WAIT"
                     else step)
    command = guest.launch(
        ["spdm-requester", *PATIENCE, *QUIET, "--device",
         guest.bdf(device), "run", "connect", "digests", "certificate",
         "key-exchange", "finish", *words], timeout=timeout)
    return Session(guest, device, command)


@dataclass
class World:
    machine: Machine
    ids: list[str]
    sessions: dict[str, Session] = field(default_factory=dict)

    @property
    def guest(self) -> Guest:
        return self.machine.guest

    def status(self, device: str) -> dict[str, Any]:
        return self.guest.qom_get(device, STATUS)

    def open(self, *devices: str, steps: tuple[str, ...]) -> None:
        for device in devices:
            self.sessions[device] = open_session(self.guest, device, *steps)
        for device in devices:
            self.sessions[device].arrive()
            equal(len(self.status(device)["sessions"]), 1,
                  f"sessions with {device}")


# ---- its keys ------------------------------------------------------------

def keylog_path(name: str, device: str) -> Path:
    return GUEST / f"{name}.{device}.keys"


def expand(secret: bytes, version: str, label: str, length: int) -> bytes:
    """One block of HKDF-Expand (DSP0274 and DSP0277, "Key schedule")."""
    info = struct.pack("<H", length) + f"spdm{version} {label}".encode()
    # The hash is as long as its secret.
    name = {32: "sha256", 48: "sha384", 64: "sha512"}[len(secret)]
    return hmac.new(secret, info + b"\1", name).digest()[:length]


def data_secrets(w: World, device: str, session: int) -> list[bytes]:
    """Of both directions, as the device's key log has them."""
    lines = keylog_path(w.guest.name, device).read_text().splitlines()
    secrets = [bytes.fromhex(line.split()[2]) for line in lines
               if line.startswith("data-") and
               int(line.split()[1], 16) == session]
    true(len(secrets) >= 2, f"no data secrets of {device}")
    return secrets[-2:]


def keys_of(w: World, device: str) -> list[bytes]:
    """Secrets and keys of both directions, before and after a KEY_UPDATE."""
    status = w.status(device)
    session, version = status["sessions"][0], status["version"]
    secrets = data_secrets(w, device, session["id"])
    secrets += [expand(secret, version, "traffic upd", len(secret))
                for secret in secrets]
    length = 16 if "128" in status["aead"] else 32
    return secrets + [expand(secret, version, "key", length)
                      for secret in secrets]


IN_USE = 4      # of them: two secrets, two keys


def in_memory(w: World, keys: list[bytes]) -> int:
    try:
        return len(memory.found(w.guest.pid, keys))
    except PermissionError as error:
        raise Skip(f"QEMU's memory cannot be read here: {error}") from error


# ---- what happens --------------------------------------------------------

Act = Callable[[World], None]


def discovers(w: World, device: str) -> None:
    """The mailbox answers; GET_VERSION would end the sessions."""
    out = poke(w.guest, device, "exchange", "0", DISCOVERY)
    true(out.startswith("0100"), f"{device}: discovery: {out}")


def others_live(w: World, ended: str) -> None:
    for device in w.ids:
        if device != ended:
            discovers(w, device)


def ids_of(w: World) -> dict[str, list[int]]:
    return {device: [s["id"] for s in w.status(device)["sessions"]]
            for device in w.ids}


def survives(act: Act) -> Act:
    """The check: no session ends by it."""
    def check(w: World) -> None:
        before = ids_of(w)
        equal([d for d in w.ids if len(before[d]) != 1], [],
              "devices without a session")
        act(w)
        equal(ids_of(w), before, "sessions")
        others_live(w, "")

    return check


def ends(device: str, act: Act) -> Act:
    """The check: those of @device end by it, and no others."""
    def check(w: World) -> None:
        before, counted = ids_of(w), w.status(device)["sessions-ended"]
        keys = keys_of(w, device)
        equal(in_memory(w, keys), IN_USE, "keys before")
        act(w)
        until("end of the session",
              lambda: not w.status(device)["sessions"])
        equal(ids_of(w), before | {device: []}, "sessions")
        equal(w.status(device)["sessions-ended"], counted + 1, "ended")
        equal(in_memory(w, keys), 0, "keys afterwards")
        others_live(w, device)

    return check


def opens(*devices: str, steps: tuple[str, ...]) -> Act:
    return lambda w: w.open(*(devices or w.ids), steps=steps)


def work(w: World) -> None:
    """Every session is used, and waits again."""
    for session in w.sessions.values():
        session.go_on()
    for session in w.sessions.values():
        session.arrive()


def unanswered(*devices: str) -> Act:
    """The check: what these requesters send in their sessions is lost."""
    def check(w: World) -> None:
        chosen = [w.sessions.pop(device) for device in devices]
        for session in chosen:
            session.go_on()
        for session in chosen:
            session.end()

    return check


# ---- the events ----------------------------------------------------------

def sysfs(w: World, device: str) -> str:
    return f"/sys/bus/pci/devices/{w.guest.bdf(device)}"


def abort_all(w: World) -> None:
    for device in w.ids:
        poke(w.guest, device, "ops", "w4:8=1")


def rebind(device: str, driver: str) -> Act:
    """The mailbox works without a driver, too."""
    def act(w: World) -> None:
        bdf = w.guest.bdf(device)
        path = f"/sys/bus/pci/drivers/{driver}"
        w.guest.sh(f"echo {bdf} >{path}/unbind; test ! -e {path}/{bdf}")
        discovers(w, device)
        w.guest.sh(f"echo {bdf} >{path}/bind && test -e {path}/{bdf}")

    return act


def d3hot_and_back(device: str) -> Act:
    def act(w: World) -> None:
        bdf = w.guest.bdf(device)
        w.guest.sh(f"setpci -s {bdf} CAP_PM+4.w=3:3 && sleep 0.1 && "
                   f"setpci -s {bdf} CAP_PM+4.w=0:3 && sleep 0.1")

    return act


def reset_by(device: str, method: str) -> Act:
    """Through sysfs: "flr", or "bus", the secondary bus of its port."""
    def act(w: World) -> None:
        path = sysfs(w, device)
        offered = w.guest.sh(f"echo default >{path}/reset_method; "
                             f"cat {path}/reset_method").split()
        if method not in offered:
            raise Skip(f"{device} can be reset by {offered} only")
        # Linux waits for a link state that QEMU's root port does not show
        # while ACPI does its hot-plug; the reset has been done by then.
        w.guest.sh(f"echo {method} >{path}/reset_method; dmesg -c >/dev/null; "
                   f"echo 1 >{path}/reset || "
                   "dmesg | grep -q 'Link Active not set'")

    return act


def pause(w: World) -> None:
    w.guest.qmp("stop")
    w.guest.qmp("cont")


def disk_is_whole(w: World) -> None:
    until("disk", lambda: w.guest.sh(
        f"ls {sysfs(w, 'ssd')}/nvme/nvme*/ | grep -E '^nvme[0-9]+n1$' || true")
        != "")
    disk_reads(w.machine)


def refuses_to_migrate(w: World) -> None:
    """nvme's own doing: its state cannot be saved."""
    try:
        w.guest.qmp("migrate", uri="exec:cat >/dev/null")
    except QmpError as error:
        said = str(error)
    else:
        raise AssertionError("a machine with nvme was migrated")
    said += w.guest.qmp("human-monitor-command",
                        **{"command-line": "savevm x"})
    equal(said.count("/nvme'"), 2, said)
    equal(w.guest.qmp("query-status")["status"], "running", "the machine")


# ---- hot-plug ------------------------------------------------------------

def spare(w: World) -> Device:
    return w.guest.devices[-1]


def plugged(guest: Guest, device: str) -> bool:
    """The guest has it; its address is known from before."""
    path = f"/sys/bus/pci/devices/{guest.bdf(device)}"
    return guest.run(["test", "-e", path]).ok


def unplug(w: World) -> None:
    w.guest.unplug(SPARE)
    until("end of the device in the guest",
          lambda: not plugged(w.guest, SPARE))


def plug(w: World, seed: str) -> None:
    device = replace(spare(w), props=spare(w).props | {"spdm-seed": seed})
    w.guest.plug(device)
    until("device in the guest", lambda: plugged(w.guest, SPARE))


def unplugged_in_session(w: World) -> None:
    others = {d: s for d, s in ids_of(w).items() if d != SPARE}
    keys = keys_of(w, SPARE)
    equal(in_memory(w, keys), IN_USE, "keys before")
    unplug(w)
    until("end of the keys", lambda: not in_memory(w, keys))
    w.ids.remove(SPARE)
    equal(ids_of(w), others, "the others' sessions")
    others_live(w, "")


def comes_back(seed: str, believed: bool) -> Act:
    """The check: it has the root of before, or not."""
    def check(w: World) -> None:
        if SPARE in w.ids:
            unplug(w)
            w.ids.remove(SPARE)
        before = w.machine.root(SPARE)
        w.guest.sh("cat >/tmp/before.pem", stdin=before)
        plug(w, seed)
        w.ids.append(SPARE)
        equal(w.machine.root(SPARE) == before, believed, "the same root")
        result = w.guest.run(
            ["spdm-requester", *PATIENCE, "--device", w.guest.bdf(SPARE),
             "attest", "--trust", "/tmp/before.pem"])
        equal(result.exit, 0 if believed else NOT_BELIEVED,
              result.describe())
        equal(w.status(SPARE)["sessions"], [], "sessions")

    return check


# ---- the whole platform --------------------------------------------------

def platform_reset(w: World) -> None:
    open_on = [device for device in w.ids if w.status(device)["sessions"]]
    keys = [key for device in open_on for key in keys_of(w, device)]
    equal(in_memory(w, keys), IN_USE * len(open_on), "keys before")
    w.guest.reset()
    w.sessions.clear()
    equal(ids_of(w), {device: [] for device in w.ids}, "sessions")
    equal(in_memory(w, keys), 0, "keys afterwards")
    for device in w.ids:
        answers(w.guest, device)
    disk_is_whole(w)


# ---- the table -----------------------------------------------------------

BOTH = ("WAIT", *USE, "WAIT", HURRY, UNANSWERED)

ROWS: list[Row] = [
    ("sessions are open on all devices", opens(steps=BOTH)),
    ("an Abort of every mailbox ends no session", survives(abort_all)),
    ("unbinding and binding nvme ends no session",
     survives(rebind("ssd", "nvme"))),
    ("unbinding and binding e1000e ends no session",
     survives(rebind("nic", "e1000e"))),
    ("D3hot of spdm-ssd, which says No_Soft_Reset, ends no session",
     survives(d3hot_and_back("ssd"))),
    ("stopping the machine ends no session", survives(pause)),
    ("a machine with nvme refuses to migrate, and goes on with its sessions",
     survives(refuses_to_migrate)),
    ("the sessions that survived can be used", work),
    ("D3hot of spdm-nic ends its sessions alone",
     ends("nic", d3hot_and_back("nic"))),
    ("an FLR of spdm-ssd ends its sessions alone",
     ends("ssd", reset_by("ssd", "flr"))),
    ("a secondary bus reset of spdm-gpu ends its sessions alone",
     ends("gpu", reset_by("gpu", "bus"))),
    ("an FLR of spdm-endpoint ends its sessions alone",
     ends("endpoint", reset_by("endpoint", "flr"))),
    ("unplugging a device ends its sessions alone", unplugged_in_session),
    ("in sessions that a reset ended nobody is answered",
     unanswered("nic", "ssd", "gpu", "endpoint", SPARE)),
    ("the disk is whole after all that", disk_is_whole),
    ("plugged in again with its seed a device is the one it was",
     comes_back("one", True)),
    ("plugged in with another seed it is another",
     comes_back("two", False)),
    ("sessions open on all devices again", opens(steps=("WAIT",))),
    ("D3hot of spdm-endpoint ends its sessions alone",
     ends("endpoint", d3hot_and_back("endpoint"))),
    ("a secondary bus reset of spdm-ssd ends its sessions alone",
     ends("ssd", reset_by("ssd", "bus"))),
    ("a secondary bus reset of spdm-nic ends its sessions alone",
     ends("nic", reset_by("nic", "bus"))),
    ("a secondary bus reset of spdm-endpoint ends its sessions alone",
     ends(SPARE, reset_by(SPARE, "bus"))),
    ("a platform reset ends those that are left", platform_reset),
]


@contextmanager
def boot(qemu: str, models: Models, name: str) -> Iterator[World]:
    disk = GUEST / f"{name}.img"
    digest = make_disk(disk)
    rows = machine.devices(models, disk)
    rows.append(plain(models.endpoint, SPARE, spdm_seed="one",
                      spdm_identity_out=machine.root_path(disk, SPARE)))
    rows = [replace(row, props=row.props | {
        "spdm-keylog": keylog_path(name, row.id)}) for row in rows]
    try:
        with Guest(qemu, rows, name=name) as guest:
            comment(f"booted in {guest.boot_seconds:.1f} s")
            yield World(Machine(guest, disk, digest),
                        [row.id for row in rows])
    finally:
        for path in (disk, *GUEST.glob(f"{name}.*.pem"),
                     *GUEST.glob(f"{name}.*.keys")):
            path.unlink(missing_ok=True)


def suites(qemu: str, models: Models, tag: str) -> list[Suite]:
    return [Suite(f"{tag}: what ends sessions",
                  lambda: boot(qemu, models, f"{tag}-survival"), ROWS)]
