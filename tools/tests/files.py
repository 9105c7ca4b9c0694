#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Disks that are full, files that are none, kills in a write: as TAP.

fail-files.so, preloaded, has calls fail or be the last that a process makes.

usage: files.py SPDM-REQUESTER SPDM-RESPONDER FAIL-FILES.SO
"""
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

SHIM = sys.argv[3]
del sys.argv[3]

from control import Control  # noqa: E402
from server import PATIENCE, REQUESTER, RESPONDER, main  # noqa: E402

NIC = Path(__file__).resolve().parents[2] / "configs" / "nic.ini"


class Files:
    """A directory, and servers in it that keep their slots in a file."""

    def __init__(self) -> None:
        self.tmp = tempfile.TemporaryDirectory()
        self.dir = Path(self.tmp.name)
        self.state = self.dir / "kept" / "slots"
        self.state.parent.mkdir()
        self.full = self.dir / "full"
        # An RSA key, which others have, takes long to make.
        self.profile = self.dir / "profile.ini"
        self.profile.write_text(NIC.read_text().replace(
            "capabilities=", "capabilities=SET_CERT;CSR;"))
        self.running: list[subprocess.Popen[str]] = []

    def start(self, *words: str, **env: str) -> "subprocess.Popen[str]":
        # A sanitizer wants to be loaded first, and is told that it is not.
        shim = {"LD_PRELOAD": SHIM, "ASAN_OPTIONS": ":".join(
            (os.environ.get("ASAN_OPTIONS", ""), "verify_asan_link_order=0"))
            } | {f"FAIL_{key.upper()}": value for key, value in env.items()}
        for name in ("socket", "control"):
            (self.dir / name).unlink(missing_ok=True)
        process = subprocess.Popen(
            [RESPONDER, "--unix", self.dir / "socket", "--profile", self.profile,
             "--seed", "files", "--control", self.dir / "control",
             "--state-file", self.state, *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=os.environ | (shim if env else {}))
        self.running.append(process)
        assert process.stdout is not None
        process.stdout.readline()
        return process

    def ask(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [REQUESTER, "--connect", f"unix:{self.dir}/socket", "--timeout",
             "20", *words], capture_output=True, text=True, timeout=PATIENCE)

    def set(self) -> bool:
        """Whether the device has acknowledged SET_CERTIFICATE."""
        return self.ask("--slot", "1", "--chain", str(self.dir / "chain"),
                        "set-certificate").returncode == 0

    def slots(self) -> str:
        said = self.ask("run", "connect", "digests").stdout
        return next(line.split("slots ")[1].split()[0]
                    for line in said.splitlines() if "DIGESTS slots" in line)

    def make_chain(self) -> None:
        """A chain for slot 1, signed as docs/requester.rst has it."""
        assert self.ask("csr", "--out", str(self.dir / "csr")).returncode == 0
        for words in (
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes"
                " -keyout ca.key -out ca -subj /CN=files -days 30",
                "x509 -req -in csr -CA ca -CAkey ca.key -out leaf -days 30"
                " -copy_extensions copy"):
            subprocess.run(["openssl", *words.split()], cwd=self.dir,
                           check=True, capture_output=True)
        (self.dir / "chain").write_text((self.dir / "ca").read_text() +
                                        (self.dir / "leaf").read_text())

    def prepare(self) -> None:
        process = self.start()
        self.make_chain()
        self.stop(process)
        self.keep = self.state.read_bytes() if self.state.exists() else None

    def restore(self) -> None:
        self.state.unlink(missing_ok=True)
        if self.keep is not None:
            self.state.write_bytes(self.keep)

    def stop(self, process: "subprocess.Popen[str]") -> list[str]:
        """What it said on stderr."""
        process.terminate()
        said = process.communicate(timeout=PATIENCE)[1].splitlines()
        assert process.returncode == 0, f"{process.returncode}: {said}"
        return said


@contextlib.contextmanager
def files() -> Iterator[Files]:
    it = Files()
    try:
        yield it
    finally:
        for process in it.running:
            process.kill()
            process.wait()
        it.tmp.cleanup()


def lines_about(said: list[str], *words: str) -> bool:
    """One line, with these words."""
    good = len(said) == 1 and all(word in said[0] for word in words)
    if not good:
        print(f"# said: {said}, wanted a line with {words}")
    return good


# ---- the state file -------------------------------------------------------

def calls_of_a_write(f: Files) -> list[str]:
    f.restore()
    process = f.start(files="kept/slots", log=str(f.dir / "log"))
    assert f.set()
    f.stop(process)
    return (f.dir / "log").read_text().split()


def killed_at_each_call() -> bool:
    """Old or new, and new when that was acknowledged."""
    with files() as f:
        f.prepare()
        calls = calls_of_a_write(f)
        wanted = ["open", "write", "fsync", "close", "rename"]
        good = all(call in calls for call in wanted) and \
            calls.index("fsync") < calls.index("rename")
        seen = set()
        for number in range(1, len(calls) + 2):
            f.restore()
            process = f.start(files="kept/slots", how="kill",
                              **{"from": str(number)})
            acknowledged = f.set()
            if not acknowledged:
                process.wait(PATIENCE)
            killed = process.poll() == -signal.SIGKILL
            process.kill()
            process.wait()
            after = f.start()
            slots = f.slots()
            f.stop(after)
            seen.add(slots)
            good &= slots in ("0", "0,1") and \
                (not acknowledged or slots == "0,1") and \
                (number <= len(calls) or acknowledged) and \
                (killed or acknowledged)
            if not good:
                print(f"# call {number} of {calls}: slots {slots}, "
                      f"acknowledged {acknowledged}, killed {killed}")
                return False
        print(f"# killed at each of {len(calls)} calls: {' '.join(calls)}")
        return seen == {"0", "0,1"}


def disk(how: str, call: str, text: str) -> Callable[[], bool]:
    """Refused, said once, and done when the disk is well again."""
    def run() -> bool:
        with files() as f:
            f.prepare()
            f.restore()
            f.full.touch()
            process = f.start(files="kept/slots", how=how, call=call,
                              **{"while": str(f.full)})
            refused = [f.set() for _ in range(3)] == [False] * 3
            old = f.slots() == "0"
            leftovers = [p.name for p in f.state.parent.iterdir()
                         if p != f.state]
            f.full.unlink()
            taken = f.set() and f.slots() == "0,1"
            said = f.stop(process)
            after = f.start()
            kept = f.slots() == "0,1"
            f.stop(after)
            good = refused and old and taken and kept and not leftovers
            if not good:
                print(f"# refused {refused}, old {old}, taken {taken}, "
                      f"kept {kept}, left {leftovers}")
            return lines_about(said, str(f.state), text) and good
    return run


def short_writes() -> bool:
    with files() as f:
        f.prepare()
        f.restore()
        process = f.start(files="kept/slots", how="short")
        good = f.set()
        f.stop(process)
        after = f.start()
        good &= f.slots() == "0,1"
        f.stop(after)
        return good


def folder_vanishes() -> bool:
    with files() as f:
        f.prepare()
        f.restore()
        process = f.start()
        f.state.unlink(missing_ok=True)
        f.state.parent.rmdir()
        good = not f.set() and f.slots() == "0"
        f.state.parent.mkdir()
        good &= f.set() and f.slots() == "0,1"
        return lines_about(f.stop(process), str(f.state),
                           "No such file") and good


# ---- files that are read --------------------------------------------------

def refused_at_start(option: str, make: Callable[[Path], None],
                     text: str) -> Callable[[], bool]:
    def run() -> bool:
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "it"
            make(path)
            done = subprocess.run(
                [RESPONDER, "--unix", f"{name}/socket", "--profile", "nic",
                 option, str(path)], capture_output=True, text=True,
                timeout=PATIENCE)
            return done.returncode == 2 and \
                lines_about(done.stderr.splitlines(), str(path), text)
    return run


def requester_refuses(option: list[str], make: Callable[[Path], None],
                      text: str) -> Callable[[], bool]:
    def run() -> bool:
        with files() as f:
            path = f.dir / "it"
            make(path)
            f.start()
            done = f.ask(*[w.replace("PATH", str(path)) for w in option])
            return done.returncode != 0 and \
                lines_about(done.stderr.splitlines(), text)
    return run


def nothing(_: Path) -> None:
    pass


def zero(path: Path) -> None:
    path.symlink_to("/dev/zero")


def full(path: Path) -> None:
    path.symlink_to("/dev/full")


def profile_from_a_pipe() -> bool:
    """bash's <(...): a FIFO, and somebody writes to it."""
    with tempfile.TemporaryDirectory() as name:
        fifo = Path(name) / "profile"
        os.mkfifo(fifo)
        process = subprocess.Popen(
            [RESPONDER, "--unix", f"{name}/socket", "--profile", str(fifo)],
            stdout=subprocess.PIPE, text=True)
        try:
            while process.poll() is None:
                with contextlib.suppress(OSError):      # nobody reads yet
                    write = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
                    break
            os.write(write, NIC.read_bytes())
            os.close(write)
            assert process.stdout is not None
            return "listening" in process.stdout.readline()
        finally:
            process.kill()
            process.wait()


# ---- files that are written -----------------------------------------------

TRACES = ("events", "pcap", "keylog")


def traces_on_a_full_disk() -> bool:
    """A session goes on; each is told of once."""
    with files() as f:
        f.full.touch()
        words = [w for t in TRACES for w in (f"--{t}", str(f.dir / f"t-{t}"))]
        process = f.start(*words, files="/t-", how="ENOSPC", call="write",
                          **{"while": str(f.full)})
        good = all(f.ask("session", "--sigma").returncode == 0
                   for _ in range(2))
        f.full.unlink()
        good &= f.ask("session", "--sigma").returncode == 0
        for line in (f.dir / "t-events").read_text().splitlines():
            json.loads(line)
        said = f.stop(process)
        told = [sum(f"t-{t}: No space left on device" in line
                    for line in said) for t in TRACES]
        if told != [1, 1, 1]:
            print(f"# said: {said}")
        return good and told == [1, 1, 1] and len(said) == 3


def trace_reader_stops() -> bool:
    """A FIFO's reader reads nothing more, then goes away."""
    with files() as f:
        fifo = f.dir / "t-events"
        os.mkfifo(fifo)
        reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        process = f.start("--events", str(fifo))
        good = True
        for number in range(12):
            good &= f.ask("session", "--sigma").returncode == 0
            if number == 9:
                os.close(reader)
        return lines_about(f.stop(process), str(fifo)) and good


def measurement_file_vanishes() -> bool:
    with files() as f:
        f.start()
        answer = Control(f.dir / "control").ask(
            "set-certificate", value=f"1:{f.dir}/none.pem")
        return answer["ok"] is False and "No such file" in answer["error"] \
            and "\n" not in answer["error"] and f.slots() == "0"


def requester_traces_on_a_full_disk() -> bool:
    """Each is told of once; the session is what it was."""
    with files() as f:
        f.start()
        words = []
        for trace in TRACES:
            (f.dir / trace).symlink_to("/dev/full")
            words += [f"--{trace}", str(f.dir / trace)]
        done = f.ask(*words, "session", "--sigma")
        told = [done.stderr.count(f"{t}: No space left on device")
                for t in TRACES]
        return done.returncode == 0 and told == [1, 1, 1] and \
            len(done.stderr.splitlines()) == 3


def printed_on_a_full_disk(*words: str) -> Callable[[], bool]:
    def test() -> bool:
        with files() as f, open("/dev/full", "w") as full:
            f.start()
            done = subprocess.run(
                [REQUESTER, "--connect", f"unix:{f.dir}/socket", *words],
                stdout=full, stderr=subprocess.PIPE, text=True,
                timeout=PATIENCE)
            return done.returncode == 2 and \
                lines_about(done.stderr.splitlines(), "standard output")
    return test


def reader_has_had_enough() -> bool:
    """As of "spdm-requester ... | head -1": no failure."""
    with files() as f:
        f.start()
        end, pipe = os.pipe()
        os.close(end)
        done = subprocess.run(
            [REQUESTER, "--connect", f"unix:{f.dir}/socket", "discover"],
            stdout=pipe, stderr=subprocess.PIPE, text=True, timeout=PATIENCE)
        os.close(pipe)
        return done.returncode == 0 and not done.stderr


def report_is_lost() -> bool:
    with files() as f:
        f.start()
        (f.dir / "it").symlink_to("/dev/full")
        done = f.ask("--quiet", "--json-file", str(f.dir / "it"), "discover")
        return done.returncode == 2 and \
            lines_about(done.stderr.splitlines(), "No space left on device")


Rows = list[tuple[str, Callable[[], bool]]]

ROWS: Rows = [
    ("a server killed at any call of a state write has the old slots or the "
     "new, and those that it acknowledged", killed_at_each_call),
    ("a full disk refuses SET_CERTIFICATE, is told of once, and heals",
     disk("ENOSPC", "write", "No space left on device")),
    ("a disk that cannot sync refuses SET_CERTIFICATE, is told of once, and "
     "heals", disk("EIO", "fsync", "Input/output error")),
    ("a disk that became read-only refuses SET_CERTIFICATE, is told of once, "
     "and heals", disk("EROFS", "open", "Read-only file system")),
    ("a state that cannot be renamed refuses SET_CERTIFICATE, is told of "
     "once, and heals", disk("EIO", "rename", "Input/output error")),
    ("a state is written whole by short writes", short_writes),
    ("a folder that vanished refuses SET_CERTIFICATE until it is back",
     folder_vanishes),
    ("traces on a full disk are told of once each, and sessions go on",
     traces_on_a_full_disk),
    ("a trace whose reader stops, then goes, is told of once",
     trace_reader_stops),
    ("a profile may come from a pipe", profile_from_a_pipe),
    ("a chain that is not there changes nothing", measurement_file_vanishes),
    ("a report on a full disk is said to be lost", report_is_lost),
    ("the requester's traces on a full disk are told of once each",
     requester_traces_on_a_full_disk),
    ("a ladder printed on a full disk is said to be lost",
     printed_on_a_full_disk("discover")),
    ("JSON printed on a full disk is said to be lost",
     printed_on_a_full_disk("--json", "--quiet", "discover")),
    ("who reads what is printed may go away", reader_has_had_enough),
    ("a report to a FIFO that nobody reads is refused",
     requester_refuses(["--json-file", "PATH", "--quiet", "discover"],
                       os.mkfifo, "a FIFO that nobody reads")),
    ("a request for a certificate to a FIFO that nobody reads is refused",
     requester_refuses(["--out", "PATH", "--quiet", "csr"], os.mkfifo,
                       "a FIFO that nobody reads")),
    ("roots of the requester in a FIFO that nobody writes are refused",
     requester_refuses(["--trust", "PATH", "--quiet", "discover"], os.mkfifo,
                       "nobody writes to it")),
    ("a chain to be set in a FIFO that nobody writes is refused",
     requester_refuses(["--slot", "1", "--chain", "PATH", "--quiet",
                        "set-certificate"], os.mkfifo,
                       "nobody writes to it")),
] + [(f"{option} that is {what} is refused",
      refused_at_start(option, make, text))
     for option in ("--profile", "--faults", "--trust")
     for what, make, text in (
         ("a FIFO nobody writes", os.mkfifo, "nobody writes to it"),
         ("a directory", Path.mkdir, "directory"),
         ("without an end", zero, "it does not end"),
         ("not there", nothing, "No such file"))
] + [(f"--{trace} that is {what} is refused",
      refused_at_start(f"--{trace}", make, text))
     for trace in TRACES
     for what, make, text in (
         ("a FIFO nobody reads", os.mkfifo, "a FIFO that nobody reads"),
         ("a directory", Path.mkdir, "directory"))
] + [("--state-file that is a FIFO is refused",
      refused_at_start("--state-file", os.mkfifo, "no regular file"))]


if __name__ == "__main__":
    sys.exit(main(ROWS))
