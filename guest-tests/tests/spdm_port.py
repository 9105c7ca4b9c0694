# SPDX-License-Identifier: GPL-2.0-or-later
"""A stock QEMU's "-device nvme,spdm_port=" gets our responder."""
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from qspdm.env import BUILD, GUEST
from qspdm.guest import Guest, ssd
from qspdm.tap import Row, Skip, Suite, true

from .machine import make_disk

NEWER = BUILD / "newer-qemu"
RESPONDER = BUILD / "tools/spdm-responder"
PATIENCE = ("--timeout", "30")


@dataclass
class Port:
    guest: Guest
    root: Path


@contextmanager
def responder(root: Path) -> Iterator[int]:
    """Runs until the block ends; the port that it listens on."""
    with subprocess.Popen(
            [RESPONDER, "--port", "0", "--profile", "ssd", "--keep-running",
             "--identity-out", root], stdout=subprocess.PIPE,
            text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline().rsplit(":", 1)[1])
        finally:
            process.terminate()


def firmware() -> tuple[str, ...]:
    """Where the unpacked packages have what QEMU looks for."""
    return tuple(word for name in ("qemu", "seabios")
                 for word in ("-L", str(NEWER / "usr/share" / name)))


@contextmanager
def boot(qemu: Path) -> Iterator[Port]:
    if not qemu.exists():
        raise Skip("no QEMU with spdm_port (scripts/newer-qemu says why)")
    disk, root = GUEST / "spdm-port.img", GUEST / "spdm-port.pem"
    make_disk(disk)
    try:
        with responder(root) as port:
            device = ssd("nvme", "ssd", disk)
            device.props["spdm_port"] = port
            with Guest(qemu, [device], name="spdm-port",
                       extra=firmware()) as guest:
                yield Port(guest, root)
    finally:
        disk.unlink(missing_ok=True)
        root.unlink(missing_ok=True)


def ask(m: Port, *words: str) -> str:
    path = "/tmp/root.pem"
    m.guest.sh(f"cat >{path}", stdin=m.root.read_bytes())
    return m.guest.run(
        ["spdm-requester", *PATIENCE, "--device", m.guest.bdf("ssd"),
         "--trust", path, *words], check=True).out


def attests(m: Port) -> None:
    out = ask(m, "attest")
    true("CHALLENGE_AUTH" in out and "its root is trusted" in out, out)


def session(m: Port) -> None:
    out = ask(m, "session", "--sigma", "--key-update", "all",
              "--measurements")
    true("FINISH_RSP" in out and "END_SESSION_ACK" in out, out)


ROWS: list[Row] = [
    ("a stock QEMU's nvme with spdm_port attests through spdm-responder",
     attests),
    ("... and opens a session through it", session),
]


def suites() -> list[Suite]:
    qemu = NEWER / "usr/bin/qemu-system-x86_64"
    return [Suite("spdm_port of a stock QEMU", lambda: boot(qemu), ROWS)]
