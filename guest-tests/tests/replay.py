# SPDX-License-Identifier: GPL-2.0-or-later
"""A recorded run of a guest is replayed: the same session, to the byte."""
import subprocess
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from qspdm.env import GUEST, LOGS
from qspdm.guest import Device, Guest
from qspdm.tap import Suite, comment, equal, true

from .machine import Models

HANG_GUARD = 1800
SEED: dict[str, object] = {"spdm-seed": "replayed"}


def run(qemu: str, models: Models, name: str, mode: str,
        props: dict[str, object]
        ) -> tuple[subprocess.CompletedProcess, bytes]:
    """QEMU to its end, and the guest's console."""
    device = Device(models.endpoint, "endpoint", props)
    console = LOGS / f"{name}-{mode}.serial.log"
    console.unlink(missing_ok=True)
    line = Guest(qemu, [device]).bare_command_line(
        append="rdinit=/bin/ladder", console=console)
    done = subprocess.run(
        [*line, "-chardev", "null,id=ev", "-icount", f"shift=auto,rr={mode},"
         f"rrfile={GUEST / name}.rr"], check=False, timeout=HANG_GUARD,
        stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return done, console.read_bytes() if console.exists() else b""


def secrets(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines()
            if not line.startswith("#")]


def same_to_the_byte(qemu: str, models: Models, name: str
                     ) -> Callable[[None], None]:
    def check(_: None) -> None:
        consoles, keys = {}, {}
        keylog = GUEST / f"{name}.keys"
        props = SEED | {"spdm-keylog": keylog}
        try:
            for mode in ("record", "replay"):
                done, consoles[mode] = run(qemu, models, name, mode, props)
                equal(done.returncode, 0, done.stderr)
                keys[mode] = secrets(keylog)
        finally:
            keylog.unlink(missing_ok=True)
            (GUEST / f"{name}.rr").unlink(missing_ok=True)
        shown = consoles["record"].decode(errors="replace")
        for word in ("FINISH_RSP", "END_SESSION_ACK", "exit 0"):
            true(word in shown, f"no {word} in\n{shown}")
        equal(consoles["replay"], consoles["record"], "the console")
        true(keys["record"], "no keys")
        equal(keys["replay"], keys["record"], "the keys")
        comment(f"{len(consoles['record'])} bytes of console and "
                f"{len(keys['record'])} secrets are the same")

    return check


def refused(qemu: str, models: Models, name: str, props: dict,
            wanted: str) -> Callable[[None], None]:
    """QEMU does not start, and says so in one line."""
    def check(_: None) -> None:
        done, _console = run(qemu, models, name, "record", props)
        (GUEST / f"{name}.rr").unlink(missing_ok=True)
        true(done.returncode == 1, f"exit {done.returncode}: {done.stderr}")
        true(wanted in done.stderr, done.stderr)

    return check


def suites(qemu: str, models: Models, tag: str) -> list[Suite]:
    name = f"{tag}-replay"
    return [Suite(f"{tag}: record and replay", nullcontext, [
        ("a recorded session is replayed to the byte, its keys too",
         same_to_the_byte(qemu, models, name)),
        ("recording without spdm-seed is refused",
         refused(qemu, models, name, {}, "needs spdm-seed")),
        ("recording with events to a chardev is refused",
         refused(qemu, models, name, SEED | {"spdm-events": "ev"},
                 "has to be a file")),
    ])]
