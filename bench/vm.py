# SPDX-License-Identifier: GPL-2.0-or-later
"""What the figures of a guest share: its QEMU, and the clocks in it."""
import shlex
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .provider import TOP, Context, Unavailable

sys.path.insert(0, str(TOP / "guest-tests"))
from qspdm import accel, image  # noqa: E402
from qspdm.agent import AgentError  # noqa: E402
from qspdm.guest import Device, Guest, GuestError, plain  # noqa: E402

EVERY = TOP / "bench/profiles/all.ini"
P384 = TOP / "bench/profiles/p384.ini"
VERSION = ("1", "10840000")         # object type, GET_VERSION
PLUGIN = "hw/spdm/plugin"
CLOCK = "/tmp/bench-clock.so"       # in the guest
SUMS = "/tmp/sums"


def objects(context: Context) -> Path:
    """The directory of the plug-in, with what is preloaded beside it made."""
    plugin = context.build / PLUGIN
    if not (plugin / "qemu-spdm-preload.so").exists():
        raise Unavailable("the plug-in is not built: run scripts/setup")
    for program in ("lspci", "busybox"):
        if not shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin"):
            raise Unavailable(f"no {program} for the guest: run "
                              "scripts/setup")
    made = subprocess.run(["ninja", "-C", str(context.build),
                           "bench-objects"], capture_output=True, text=True,
                          check=False)
    if made.returncode:
        raise Unavailable(f"bench-objects: {made.stdout.strip()[-300:]}")
    return plugin


def launcher(context: Context, folder: Path, clock: bool = False) -> Path:
    """
    QEMU with the plug-in and bench-null-doe. Not the wrapper: it is a script,
    and what is preloaded is for QEMU only.
    """
    plugin = objects(context)
    preload = [plugin / "qemu-spdm-preload.so",
               plugin / "bench/bench-null-doe.so"]
    if clock:
        preload.append(plugin / "bench/bench-clock.so")
    path = folder / ("qemu-clock" if clock else "qemu")
    words = shlex.quote(":".join(map(str, preload)))
    path.write_text(f"#!/bin/sh\nLD_PRELOAD={words} "
                    'exec "${QEMU_SPDM_QEMU:-qemu-system-x86_64}" "$@"\n')
    path.chmod(0o755)
    return path


@contextmanager
def guest(*arguments: Any, **words: Any) -> Iterator[Guest]:
    """One that cannot be had leaves the figure out, and no more."""
    try:
        with Guest(*arguments, **words) as running:
            yield running
    except (GuestError, AgentError) as error:
        raise Unavailable(str(error)[:300]) from error


def poke(running: Guest, device: str, *words: str) -> str:
    return running.run(["doepoke", running.bdf(device), *words],
                       check=True).out.strip()


def accelerator(qemu: Path) -> str:
    """For the notes: no figure of a guest is comparable without it."""
    return accel.choose(str(qemu))[1].upper()


# ---- clocks (bench/clock.c) ----------------------------------------------

@dataclass(frozen=True)
class Sums:
    """Microseconds in libgcrypt and GnuTLS, and in config space."""
    crypto: float = 0.0
    config: float = 0.0
    accesses: int = 0

    def __sub__(self, other: "Sums") -> "Sums":
        return Sums(self.crypto - other.crypto, self.config - other.config,
                    self.accesses - other.accesses)


def read_sums(data: bytes) -> Sums:
    crypto, _, config, accesses = struct.unpack("<4Q", data)
    return Sums(crypto / 1000, config / 1000, accesses)


def install_clock(running: Guest, plugin: Path) -> None:
    running.run(["sh", "-c", f"cat >{CLOCK}"], check=True,
                stdin=(plugin / "bench/bench-clock.so").read_bytes())


def clocked(running: Guest, argv: list[str]) -> tuple[str, Sums]:
    """What a command in the guest prints, and its sums."""
    words = " ".join(map(shlex.quote, argv))
    out = running.sh(f"rm -f {SUMS}; BENCH_CLOCK={SUMS} LD_PRELOAD={CLOCK} "
                     f"{words} && xxd -p -c 64 {SUMS}")
    text, _, sums = out.rstrip().rpartition("\n")
    return text, read_sums(bytes.fromhex(sums))


__all__ = ["CLOCK", "EVERY", "P384", "VERSION", "AgentError", "Device",
           "Guest", "GuestError", "Sums", "accelerator", "clocked", "guest",
           "image", "install_clock", "launcher", "objects", "plain", "poke",
           "read_sums"]
