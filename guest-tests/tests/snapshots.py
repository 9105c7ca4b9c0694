# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions in a machine that is saved and loaded, or goes on elsewhere."""
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qspdm.env import GUEST
from qspdm.guest import Device, Guest, nic, plain
from qspdm.tap import Row, Suite, equal, true

from .lifecycle import until
from .machine import Models
from .sessions import STATUS
from .survival import USE, Session, open_session

TAG = "held"
VAULT = "vault"         # the block device that has the snapshot
VAULT_BYTES = 2 << 30   # sparse
HANG_GUARD = 600
STEPS = ("WAIT", *USE, "WAIT", *USE, "end-session", "WAIT")


@dataclass
class Saved:
    guest: Guest
    devices: list[Device]
    path: Path
    sessions: list[Session] = field(default_factory=list)

    def status(self) -> dict[str, list[Any]]:
        return {device.id: self.guest.qom_get(device.id, STATUS)["sessions"]
                for device in self.devices}


def job(guest: Guest, command: str, **arguments: Any) -> None:
    """A QMP command that makes a job, to its end."""
    guest.qmp(command, **{"job-id": "job"}, **arguments)

    def concluded() -> bool:
        return guest.qmp("query-jobs")[0]["status"] == "concluded"

    until(command, concluded, HANG_GUARD)
    done = guest.qmp("query-jobs")[0]
    guest.qmp("job-dismiss", id="job")
    true("error" not in done, f"{command}: {done.get('error')}")


def add_vault(guest: Guest, path: Path) -> None:
    path.write_bytes(b"")
    guest.qmp("blockdev-add", **{"driver": "file", "node-name": "vault-file",
                                 "filename": str(path)})
    job(guest, "blockdev-create", options={
        "driver": "qcow2", "file": "vault-file", "size": VAULT_BYTES})
    guest.qmp("blockdev-add", **{"driver": "qcow2", "node-name": VAULT,
                                 "file": "vault-file"})


@contextmanager
def boot(qemu: str, models: Models, name: str) -> Iterator[Saved]:
    seeds = {"spdm_seed": "saved"}
    rows = [nic(models.nic, "nic", **seeds), plain(models.gpu, "gpu", **seeds),
            plain(models.endpoint, "endpoint", spdm_profile="fpga", **seeds)]
    path = GUEST / f"{name}.vault"
    try:
        with Guest(qemu, rows, name=name) as guest:
            add_vault(guest, path)
            world = Saved(guest, rows, path)
            yield world
            world.guest.stop()      # it may be another one by now
    finally:
        path.unlink(missing_ok=True)


def open_all(w: Saved) -> None:
    w.sessions = [open_session(w.guest, device.id, *STEPS)
                  for device in w.devices]
    for session in w.sessions:
        session.arrive()


def all_go_on(w: Saved) -> None:
    for session in w.sessions:
        session.go_on()
    for session in w.sessions:
        session.arrive()


def saved(w: Saved) -> None:
    open_all(w)
    before = w.status()
    job(w.guest, "snapshot-save", tag=TAG, vmstate=VAULT, devices=[VAULT])
    equal(w.status(), before, "sessions after savevm")
    all_go_on(w)


def loaded(w: Saved) -> None:
    """All sessions have ended meanwhile: they are back."""
    all_go_on(w)
    equal(w.status(), {device.id: [] for device in w.devices}, "sessions")
    job(w.guest, "snapshot-load", tag=TAG, vmstate=VAULT, devices=[VAULT])
    if w.guest.qmp("query-status")["status"] != "running":
        w.guest.qmp("cont")
    equal([len(s) for s in w.status().values()], [1] * len(w.devices),
          "sessions that are back")
    for session in w.sessions:
        session.waits = 1
    all_go_on(w)
    all_go_on(w)
    equal(w.status(), {device.id: [] for device in w.devices}, "sessions")
    for session in w.sessions:
        w.guest.sh(f"rm {session.file()}")
        session.end()


def migrated(w: Saved) -> None:
    """To a file and, in another QEMU, from it."""
    open_all(w)
    all_go_on(w)
    before = w.status()
    w.guest.qmp("blockdev-del", **{"node-name": VAULT})
    w.guest.save(w.path)
    w.guest = Guest(w.guest.qemu, w.devices, name=f"{w.guest.name}-2",
                    incoming=w.path).start()
    equal(w.status(), before, "sessions where it goes on")
    for session in w.sessions:
        session.moved(w.guest)
    all_go_on(w)
    equal(w.status(), {device.id: [] for device in w.devices},
          "sessions after END_SESSION")


ROWS: list[Row] = [
    ("a machine is saved with sessions open, and they go on", saved),
    ("sessions that have ended since are back when it is loaded, and usable",
     loaded),
    ("a machine migrated with sessions open goes on with them in another QEMU",
     migrated),
]


def suites(qemu: str, models: Models, tag: str) -> list[Suite]:
    name = f"{tag}-sessions-saved"
    return [Suite(f"{tag}: sessions in snapshots",
                  lambda: boot(qemu, models, name), ROWS)]
