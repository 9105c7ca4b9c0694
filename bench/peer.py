# SPDX-License-Identifier: GPL-2.0-or-later
"""One requester, ours, against spdm-responder and the DMTF's emulator."""
import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .figure import Figure, of_samples
from .provider import TOP, Context, Provider, Unavailable
from .scale import cpu_ns

sys.path.insert(0, str(TOP / "interop"))

import live  # noqa: E402
import peer as emulator  # noqa: E402

START = 60.0                # seconds; the emulator reads its keys
PROFILE = """\
[spdm]
min-version=1.2
max-version=1.2
capabilities=CERT;CHAL;MEAS_SIG;MEAS_FRESH;ENCRYPT;MAC;KEY_EX
[algorithms]
hash={hash}
asym={asym}
dhe={dhe}
aead=AES-256-GCM
measurement-hash={hash}
[slot 0]
auto=true
[measurement 1]
type=firmware
value=text:firmware
"""
STEPS = ("connect", "digests", "certificate", "key-exchange", "finish",
         "end-session")


@dataclass(frozen=True)
class Set:
    """The same algorithms, as both call them."""
    name: str
    hash: str
    asym: str
    dhe: str

    def emulator(self) -> list[str]:
        return ["--hash", self.hash.replace("-", "_"),
                "--asym", self.asym.replace("-", "_"),
                "--dhe", emulator.DHE[self.dhe], "--aead", "AES_256_GCM",
                "--meas_hash", self.hash.replace("-", "_"),
                "--key_schedule", "HMAC_HASH"]


SETS = (Set("p256", "SHA-256", "ECDSA-P256", "SECP256R1"),
        Set("p384", "SHA-384", "ECDSA-P384", "SECP384R1"))


@contextlib.contextmanager
def started(words: list[str], folder: Path, port: int) -> Iterator[int]:
    process = subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + START
        while not live.is_listening(port):
            if process.poll() is not None or time.monotonic() > end:
                raise Unavailable(f"{words[0]} does not listen")
            time.sleep(0.02)
        yield process.pid
    finally:
        process.kill()
        process.wait()


@dataclass
class Cost:
    wall_ms: float
    cpu_ms: float


def handshake(context: Context, chosen: Set, pid: int, port: int) -> Cost:
    """From connecting to END_SESSION_ACK, by a process of ours."""
    words = [context.tools / "spdm-requester", "--connect",
             f"127.0.0.1:{port}", "--transport", "doe", "--hash", chosen.hash,
             "--asym", chosen.asym, "--dhe", chosen.dhe, "--aead",
             "AES-256-GCM", "--version", "1.2", "--timeout", "10", "--quiet",
             "run", *STEPS]
    cpu, begin = cpu_ns(pid), time.monotonic()
    made = subprocess.run(words, capture_output=True, text=True, check=False)
    wall = time.monotonic() - begin
    if made.returncode:
        raise Unavailable(f"spdm-requester ended with {made.returncode}: "
                          f"{(made.stderr or made.stdout).strip()[-300:]}")
    return Cost(1000 * wall, (cpu_ns(pid) - cpu) / 1e6)


def measure_set(context: Context, chosen: Set, copy: Path,
                folder: Path) -> Iterator[Figure]:
    """In turn, so that both meet the same machine."""
    profile = folder / f"{chosen.name}.ini"
    profile.write_text(PROFILE.format(**vars(chosen)))
    ours_port = live.free_port()
    ours: list[Cost] = []
    theirs: list[Cost] = []
    runs = context.runs(20, 5)
    with started([str(context.tools / "spdm-responder"), "--keep-running",
                  "--port", str(ours_port), "--profile", str(profile)],
                 folder, ours_port) as our_pid:
        for index in range(runs + 1):
            cost = handshake(context, chosen, our_pid, ours_port)
            their_port = live.free_port()
            words = [str(copy / emulator.RESPONDER), "--trans", "PCI_DOE",
                     "--port", str(their_port), "--ver", "1.2", "--cap",
                     "CERT,CHAL,MEAS_SIG,MEAS_FRESH,ENCRYPT,MAC,KEY_EX",
                     *chosen.emulator()]
            with started(words, copy, their_port) as their_pid:
                other = handshake(context, chosen, their_pid, their_port)
            if index:       # the first makes what is made once
                ours.append(cost)
                theirs.append(other)
    for what, unit in (("wall", "ms"), ("cpu", "ms")):
        yield of_samples(
            f"peer.{what}.{chosen.name}", unit,
            [getattr(c, f"{what}_ms") for c in ours],
            [getattr(c, f"{what}_ms") for c in theirs],
            note="spdm-responder; the floor is the DMTF emulator. " +
            ("One handshake by spdm-requester, its start included"
             if what == "wall" else "The server's CPU time for it"))


def measure(context: Context) -> Iterator[Figure]:
    assert context.peer
    folder = context.peer.resolve()
    if not (folder / emulator.RESPONDER).is_file():
        folder = folder / "build/bin"
    if not (folder / emulator.RESPONDER).is_file():
        raise Unavailable(f"no {emulator.RESPONDER} in {context.peer}")
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        copy = emulator.copy(folder, Path(scratch) / "peer")
        for chosen in SETS:
            yield from measure_set(context, chosen, copy, Path(scratch))


PROVIDERS = (Provider("peer", "spdm-responder beside the DMTF emulator",
                      measure, needs_peer=True),)
