# SPDX-License-Identifier: GPL-2.0-or-later
"""One row run live: a responder, a requester, and who was content."""
import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import extras
import judge
import ours
import peer
from pairwise import Row

LIMIT = 60                  # seconds for a row; a peer that hangs is killed
START = 60                  # ... for a responder to make keys and listen
KEPT = 4000                 # characters of what was said
STUCK = "LIBSPDM_ASSERT"    # what the emulators say before they spin for ever


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def is_listening(port: int) -> bool:
    """Without connecting: the peer serves the first who does."""
    wanted = f":{port:04X}"
    for name in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(name).read_text().splitlines()[1:]:
                words = line.split()
                if words[1].endswith(wanted) and words[3] == "0A":
                    return True
    return False


def stop(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextlib.contextmanager
def running(words: list[str], cwd: Path,
            log: Path) -> Iterator[subprocess.Popen[str]]:
    with log.open("w") as out:
        process = subprocess.Popen(words, cwd=cwd, stdout=out, stderr=out,
                                   stdin=subprocess.DEVNULL, text=True,
                                   start_new_session=True)
        try:
            yield process
        finally:
            stop(process)


def wait_for(process: subprocess.Popen[str], port: int) -> bool:
    end = time.monotonic() + START
    while time.monotonic() < end and process.poll() is None:
        if is_listening(port):
            return True
        time.sleep(0.02)
    return False


def tail(log: Path) -> str:
    return log.read_text(errors="replace")[-KEPT:]


def wait(process: subprocess.Popen[str], log: Path) -> int | None:
    """Its exit status; None when it does not come to one."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(1)
        if STUCK in tail(log):
            break
    return None


class Live:
    """A place to run rows in, one after another."""

    def __init__(self, tools: Path, folder: Path, verbose: bool = False):
        self.dir = tempfile.TemporaryDirectory(prefix="interop-")
        self.work = Path(self.dir.name)
        self.tools = tools
        self.folder = peer.copy(folder, self.work / "peer")
        self.verbose = ["-v"] if verbose else []
        self.have = extras.served(tools)

    def close(self) -> None:
        self.dir.cleanup()

    def _ask(self, words: list[str], log: Path) -> tuple[bool, str]:
        with running(words, self.folder, log) as process:
            status = wait(process, log)
            if status is None:
                return False, f"no end within {LIMIT} s\n{tail(log)}"
        return status == 0, f"exit {status}\n{tail(log)}"

    def _against(self, server: list[str], client: list[str],
                 port: int) -> tuple[bool, str]:
        log = self.work / "responder.log"
        with running(server, self.folder, log) as process:
            if not wait_for(process, port):
                return False, f"the responder did not start\n{tail(log)}"
            good, said = self._ask(client, self.work / "requester.log")
        return good, f"{said}\n--- responder\n{tail(log)}"

    def peer_can(self, row: Row) -> bool:
        """Both emulators with each other."""
        port = free_port()
        return self._against(peer.responder(row, port),
                             peer.requester(row, port), port)[0]

    def run(self, direction: str, row: Row) -> judge.Result:
        start = time.monotonic()
        why_not = extras.why_not(direction, row, self.have)
        if why_not:
            return judge.Result(direction, row, False, 0, "", why_not, True)
        port = free_port()
        if direction == judge.OUR_RESPONDER:
            server = ours.responder(self.tools, row, port, self.work,
                                    self.folder)
            client = peer.unbuffered(peer.requester(row, port) +
                                     self.verbose)
        else:
            server = peer.unbuffered(peer.responder(row, port) +
                                     self.verbose)
            client = ours.requester(self.tools, row, port, self.folder)
        good, said = self._against(server, client, port)
        return judge.Result(direction, row, good, time.monotonic() - start,
                            "" if good else f"{' '.join(server)}\n"
                            f"{' '.join(client)}\n{said}",
                            "" if good else judge.explain(direction, row,
                                                          said))
