# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases in a guest: a requester and the DOE mailboxes of real devices.

One boot serves all cases, several at a time on devices of their own.  Before
each the device gets its plan and the function is reset; a guest that hangs or
goes down is booted again, and who was at work in it is asked once more, alone.
"""
import contextlib
import json
import os
import shlex
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from . import flows
from .case import PROFILES, Case
from .place import (Limits, Place, PlaceError, Ran, environment, fill,
                    fired_in, kept, ladder, last_line, read_events,
                    read_from, requests_after_fault, said, size_of)
from .verdict import Said, Says, Seen

TOP = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / "guest-tests"))

from qspdm import accel, image  # noqa: E402
from qspdm.agent import AgentError, Command  # noqa: E402
from qspdm.env import REQUESTER, WRAPPER  # noqa: E402
from qspdm.guest import Guest, GuestError, plain  # noqa: E402
from qspdm.qmp import QmpError  # noqa: E402

from . import acts  # noqa: E402

HANG_GRACE = 15.0           # seconds that a guest may be late itself
SETUP_LIMIT = 120.0
PROBE_LIMIT = 30.0
ACT_POLL = 0.01
DYING = 3.0
PROBE = "/run/spdm/doepoke"
MODEL = "spdm-endpoint"
# D3hot and back resets the endpoint as FLR does, and Linux waits 10 ms for
# it and not 100.
FAST_RESET = "echo pm >{dev}/reset_method 2>/dev/null || true"


@dataclass(frozen=True)
class Machine:
    """What the guest is made of; None: ours."""
    qemu: str = str(WRAPPER)
    kernel: Path | None = None
    initramfs: Path | None = None
    append: str = ""
    extra: tuple[str, ...] = ()         # more words for QEMU
    copies: tuple[str, ...] = ()        # HOST[:GUEST]
    setup: str = ""                     # a shell script, once a boot


class Lost(Exception):
    """The guest panicked, or hangs as a whole."""


class Vm:
    """The guest that all places share."""

    def __init__(self, folder: Path, seed: str, profiles: Sequence[str],
                 lanes: int, machine: Machine) -> None:
        self.folder, self.seed = folder, seed
        self.profiles, self.lanes = list(profiles), lanes
        self.machine = machine
        self.guest: Guest | None = None
        self.boots, self.boot_seconds = 0, 0.0
        self._users = 0
        # QEMU dies with the thread that started it (qspdm.guest): not with
        # that of the lane that happened to find the guest gone.
        self._booter = ThreadPoolExecutor(1)
        self._turn = threading.Condition()

    @contextlib.contextmanager
    def shared(self) -> Iterator[Guest]:
        """The guest, with others at work in it."""
        with self._turn:
            guest = self._up()
            self._users += 1
        try:
            yield guest
        finally:
            with self._turn:
                self._users -= 1
                self._turn.notify_all()

    @contextlib.contextmanager
    def alone(self) -> Iterator[Guest]:
        with self._turn:
            self._turn.wait_for(lambda: not self._users)
            yield self._up()

    def drop(self, guest: Guest) -> None:
        """Whoever notices first that it is lost ends it."""
        if self.guest is guest:
            self.guest = None
            guest.stop()

    def _up(self) -> Guest:
        if not self.guest:
            self._booter.submit(self._boot).result()
        assert self.guest
        return self.guest

    def _boot(self) -> None:
        m = self.machine
        devices = [self._device(profile, lane) for profile in self.profiles
                   for lane in range(self.lanes)]
        try:
            begin = time.monotonic()
            self.guest = Guest(
                m.qemu, devices, name=f"campaign-{self.boots}",
                cpus=min(self.lanes, os.cpu_count() or 1), kernel=m.kernel,
                initramfs=m.initramfs, append=m.append,
                extra=m.extra).start()
            self.boots += 1
            self.prepare(self.guest)
            self.boot_seconds += time.monotonic() - begin
        except (GuestError, AgentError, QmpError) as error:
            raise PlaceError(f"the guest does not come up: {error}"
                             ) from error

    def stop(self) -> None:
        if self.guest:
            self.drop(self.guest)

    # ---- its devices

    @staticmethod
    def device_id(profile: str, lane: int) -> str:
        return f"{profile}-{lane}"

    def _device(self, profile: str, lane: int):
        name = self.device_id(profile, lane)
        self.events(name).parent.mkdir(parents=True, exist_ok=True)
        return plain(MODEL, name,
                     spdm_profile=PROFILES / f"{profile}.ini",
                     spdm_seed=self.seed, spdm_identity_out=self.root(name),
                     spdm_events=self.events(name),
                     spdm_keylog=self.keys(name))

    def root(self, name: str) -> Path:
        return self.folder / name / "root.pem"

    def events(self, name: str) -> Path:
        return self.folder / name / "events.jsonl"

    def keys(self, name: str) -> Path:
        return self.folder / name / "keys.log"

    def swapped_events(self, name: str) -> Path:
        """Those of the device that takes its place for a while."""
        return self.folder / name / "swapped.jsonl"

    @staticmethod
    def trust(name: str) -> str:
        """The root, as the guest sees it."""
        return f"/run/spdm/{name}.pem"

    @staticmethod
    def sysfs(guest: Guest, name: str) -> str:
        return f"/sys/bus/pci/devices/{guest.bdf(name)}"

    def prepare(self, guest: Guest) -> None:
        """Roots to trust, files of the user's, quick resets."""
        copy_in(guest, image.compile_static(
            image.SOURCES / "doepoke.c", image.GUEST / "doepoke"), PROBE)
        for device in guest.devices:
            self.prepare_device(guest, device.id)
        for text in self.machine.copies:
            source, _, target = text.partition(":")
            copy_in(guest, Path(source),
                    target or f"/bin/{Path(source).name}")
        if self.machine.setup:
            guest.sh(self.machine.setup, timeout=SETUP_LIMIT)

    def prepare_device(self, guest: Guest, name: str) -> None:
        copy_in(guest, self.root(name), self.trust(name))
        guest.sh(FAST_RESET.format(dev=self.sysfs(guest, name)))

    @property
    def accelerator(self) -> str:
        return accel.choose(self.machine.qemu)[1]


def copy_in(guest: Guest, source: Path, target: str) -> None:
    guest.sh(f"mkdir -p $(dirname {shlex.quote(target)}) && "
             f"cat >{shlex.quote(target)} && "
             f"chmod 755 {shlex.quote(target)}", stdin=source.read_bytes())


class GuestPlace(Place):
    """One lane of the guest: a device of each profile."""

    name = "guest"

    def __init__(self, vm: Vm, lane: int, limits: Limits,
                 command: Sequence[str] = ()) -> None:
        self.vm, self.lane, self.limits = vm, lane, limits
        self.command = list(command)

    def start(self) -> None:
        with self.vm.shared():
            pass

    def stop(self) -> None:
        self.vm.stop()

    def facts(self) -> dict[str, object]:
        return {"accelerator": self.vm.accelerator, "boots": self.vm.boots,
                "boot_seconds": round(self.vm.boot_seconds, 1)}

    # ---- the command

    def _words(self, case: Case, guest: Guest, name: str) -> list[str]:
        if self.command:
            return fill(self.command, {
                "bdf": guest.bdf(name), "trust": self.vm.trust(name),
                "case": case.name, "flow": case.flow})
        root = self.vm.trust(name) \
            if self.vm.root(name).stat().st_size else ""
        return [REQUESTER.name, "--device", guest.bdf(name),
                *flows.words(case, self.limits.answer, root)]

    def _script(self, case: Case, guest: Guest, name: str) -> str:
        """Reset, then the command with what it is told."""
        env = environment(case, self.limits, SPDM_BDF=guest.bdf(name),
                          SPDM_TRUST=self.vm.trust(name))
        told = " ".join(f"{k}={shlex.quote(v)}" for k, v in env.items())
        return (f"echo 1 >{self.vm.sysfs(guest, name)}/reset; "
                f"{told} exec {shlex.join(self._words(case, guest, name))}")

    def _launch(self, case: Case, guest: Guest, name: str) -> Command:
        return guest.launch(["sh", "-c", self._script(case, guest, name)],
                            timeout=self.limits.case)

    @staticmethod
    def _said(command: Command) -> Said:
        result = command.wait(HANG_GRACE)
        return said(Ran(max(result.exit, 0), result.signal,
                        result.timed_out, result.out, result.err,
                        result.ms / 1000))

    def _told(self, case: Case, guest: Guest, name: str,
              size: int) -> Said:
        command = self._launch(case, guest, name)
        if not case.act:
            return self._said(command)
        events = self.vm.events(name)
        while command.running and not fired_in(read_events(events, size)):
            time.sleep(ACT_POLL)
        if command.running:
            acts.ACTS[case.act](self.vm, name)
        if case.act in acts.ALONE:      # it took the command along
            return self._said(self._launch(case, guest, name))
        first = self._said(command)
        if case.act not in acts.AGAIN or first.says != Says.ERROR:
            return first
        return self._said(self._launch(case, guest, name))

    # ---- the device

    def _set_plan(self, case: Case, guest: Guest, name: str) -> None:
        path = self.vm.events(name).with_name("plan.ini")
        path.write_text(case.plan)
        guest.qom_set(name, "spdm-faults", str(path) if case.plan else "")

    @staticmethod
    def _fired(guest: Guest, name: str) -> dict[str, int]:
        counts = json.loads(guest.qom_get(name, "spdm-fault-counts"))
        return {rule["name"]: rule["fired"] for rule in counts["rules"]}

    @staticmethod
    def _left(guest: Guest, name: str) -> str:
        """What an abort left that the next requester would stumble over.

        Sessions of a requester that went away are ended by GET_VERSION at
        the latest (DSP0274), and their keys with them.
        """
        probe = guest.run([PROBE, guest.bdf(name), "probe"],
                          timeout=PROBE_LIMIT)
        if not probe.ok:
            return f"the mailbox is of no use: {last_line(probe.err)}"
        sessions = guest.qom_get(name, "spdm-status")["sessions"]
        return f"{len(sessions)} sessions are left" if sessions else ""

    def _seen(self, case: Case, guest: Guest, name: str, size: int,
              keys: int, told: Said) -> Seen:
        """The plan is cleared: from here on the device is honest."""
        left, fired = "", {}
        if not case.gone:
            fired = self._fired(guest, name) if case.plan else {}
            guest.qom_set(name, "spdm-faults", "")
            if told.says == Says.ERROR:
                left = self._left(guest, name)
        seen = read_events(self.vm.events(name), size)
        if case.act == "swap":
            seen += read_events(self.vm.swapped_events(name))
        if case.gone:
            fired = fired_in(seen)
        return Seen(fired, requests_after_fault(seen, bool(case.rules)),
                    ladder(seen), left=left, events=kept(seen),
                    keys=read_from(self.vm.keys(name), keys))

    def _restore(self, case: Case, guest: Guest, name: str) -> None:
        """Whoever comes next finds the device that belongs there."""
        if case.gone:
            if acts.is_plugged(self.vm, name):
                acts.unplug(self.vm, name)
            acts.plug(self.vm, name)
            self.vm.prepare_device(guest, name)

    def _try(self, case: Case, guest: Guest) -> tuple[Said, Seen]:
        name = self.vm.device_id(case.profile, self.lane)
        try:
            self._set_plan(case, guest, name)
            size = size_of(self.vm.events(name))
            keys = size_of(self.vm.keys(name))
            told = self._told(case, guest, name, size)
            seen = self._seen(case, guest, name, size, keys, told)
            self._restore(case, guest, name)
            return told, seen
        except (AgentError, GuestError) as error:
            raise Lost(str(error)) from error
        except acts.ActError as error:
            self.vm.drop(guest)
            raise PlaceError(str(error)) from error
        except QmpError as error:
            if not guest.alive:
                raise Lost(str(error)) from error
            if case.gone:               # who knows what is plugged now
                self.vm.drop(guest)
            raise PlaceError(f"QEMU refuses: {error}") from error

    # ---- one case

    @staticmethod
    def _obituary(guest: Guest, error: Lost) -> Said:
        console = guest.serial_log.read_text(errors="replace")
        last = [line for line in console.splitlines()
                if "Kernel panic" in line or "BUG:" in line]
        # One that goes down closes its port a moment before it is gone.
        end = time.monotonic() + DYING
        while guest.alive and not last and time.monotonic() < end:
            time.sleep(ACT_POLL)
        if guest.died_of:               # no guest may do that
            raise PlaceError(f"QEMU died of signal {guest.died_of}")
        if guest.alive and not last:
            return Said(Says.HUNG, f"the guest hangs: {error}")
        words = guest.qemu_log.read_text(errors="replace").splitlines()[1:]
        return Said(Says.CRASHED, last[-1] if last else
                    f"the guest went down: {error} {' '.join(words[-2:])}")

    def _alone(self, case: Case) -> tuple[Said, Seen]:
        with self.vm.alone() as guest:
            events = self.vm.events(
                self.vm.device_id(case.profile, self.lane))
            size = size_of(events)
            try:
                return self._try(case, guest)
            except Lost as error:
                seen = read_events(events, size)    # all that is left
                try:
                    told = self._obituary(guest, error)
                finally:
                    self.vm.drop(guest)
                return told, Seen(fired_in(seen), ladder=ladder(seen),
                                  events=kept(seen))

    def run(self, case: Case) -> tuple[Said, Seen]:
        if case.act in acts.ALONE:
            return self._alone(case)
        with self.vm.shared() as guest:
            try:
                return self._try(case, guest)
            except Lost:
                self.vm.drop(guest)
        return self._alone(case)
