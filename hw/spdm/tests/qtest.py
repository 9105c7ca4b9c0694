# SPDX-License-Identifier: GPL-2.0-or-later
"""QEMU without a guest: its registers are moved by the test itself."""
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "guest-tests"))
from qspdm.qmp import Qmp  # noqa: E402

ECAM = 0xb0000000
TIMEOUT = 300.0              # hang guard
DOE = 0x2e
# Config space registers, from the DOE capability's header on.
CONTROL, STATUS, WRITE, READ = 8, 0xc, 0x10, 0x14
ABORT, INTERRUPT_ENABLE, GO = 1, 2, 1 << 31
BUSY, INTERRUPT, ERROR, READY = 1, 2, 4, 1 << 31

GET_VERSION = [0x00010001, 3, 0x00008410]
# An ERROR, so early; but of a kind that is never answered at once.
GET_DIGESTS = [0x00010001, 3, 0x00008110]
DISCOVERY = [0x00000001, 3, 0]
UNKNOWN = [0x00770001, 3, 0]


# cli; hlt; jmp to the hlt, at the reset vector: firmware that stays out of
# the way.  (The qtest accelerator would do, but Debian does not ship it.)
FIRMWARE = bytes(0xfff0) + b"\xfa\xf4\xeb\xfd".ljust(16, b"\xf4")


class Machine:
    """A q35 whose CPU sleeps; devices are given as -device strings."""

    def __init__(self, qemu: str, *devices: str, extra: tuple[str, ...] = (),
                 stderr: Any = subprocess.PIPE,
                 env: dict[str, str] | None = None,
                 fds: tuple[int, ...] = ()) -> None:
        self._lock = threading.Lock()
        self._dir = tempfile.TemporaryDirectory(prefix="qspdm-")
        listeners = {name: self._listen(name) for name in ("qmp", "qtest")}
        Path(self._path("bios")).write_bytes(FIRMWARE)
        words = [qemu, "-display", "none", "-nodefaults", "-machine", "q35",
                 "-accel", "tcg", "-bios", self._path("bios"),
                 "-qtest-log", "/dev/null",
                 "-chardev", f"socket,id=q,path={self._path('qmp')}",
                 "-mon", "chardev=q,mode=control",
                 "-qtest", f"unix:{self._path('qtest')}", *extra]
        for device in devices:
            words += ["-device", device]
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL,
                                        stderr=stderr, text=True,
                                        env=os.environ | (env or {}),
                                        pass_fds=fds)
        try:
            self.qmp = Qmp(self._accept(listeners["qmp"]))
            self.qmp.greet(TIMEOUT)
            self._qtest = self._accept(listeners["qtest"]).makefile("rw")
            self.enable_ecam()
        except Exception as error:
            self.process.kill()
            said = self.process.communicate()[1]
            self._dir.cleanup()
            raise RuntimeError(said or str(error)) from error

    def _path(self, name: str) -> str:
        return os.path.join(self._dir.name, name)

    def _listen(self, name: str) -> socket.socket:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self._path(name))
        listener.listen()
        return listener

    def _accept(self, listener: socket.socket) -> socket.socket:
        listener.settimeout(0.1)
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                if self.process.poll() is not None:
                    break
                continue
            connection.settimeout(TIMEOUT)
            return connection
        raise RuntimeError("QEMU does not connect")

    def __enter__(self) -> "Machine":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
        self._dir.cleanup()

    def quit(self) -> int:
        """Ends QEMU as a user does; its exit status."""
        self.qmp.command("quit")
        return self.process.wait(TIMEOUT)

    def qtest(self, *words: Any) -> list[str]:
        line = " ".join(hex(w) if isinstance(w, int) else w for w in words)
        with self._lock:
            answer = self._say(line)
        if answer[0] != "OK":
            raise RuntimeError(f"{line}: {answer}")
        return answer[1:]

    def _say(self, line: str) -> list[str]:
        self._qtest.write(line + "\n")
        self._qtest.flush()
        while True:
            answer = self._qtest.readline().split()
            if not answer:
                raise RuntimeError("QEMU has ended")
            if answer[0] != "IRQ":
                return answer

    def enable_ecam(self) -> None:
        """What firmware does: PCIEXBAR of the host bridge."""
        for register, value in ((0x64, 0), (0x60, ECAM | 1)):
            self.qtest("outl", 0xcf8, 0x80000000 | register)
            self.qtest("outl", 0xcfc, value)

    def wait_event(self, name: str) -> None:
        deadline = time.monotonic() + TIMEOUT
        while not any(e["event"] == name for e in self.qmp.events):
            if time.monotonic() > deadline:
                raise RuntimeError(f"no event {name}")
            self.qmp.command("query-status")
            time.sleep(0.01)
        self.qmp.events.clear()

    def reset(self) -> None:
        self.qmp.command("system_reset")
        self.wait_event("RESET")
        self.enable_ecam()


class Function:
    """One PCI function's config space and mailbox."""

    def __init__(self, machine: Machine, slot: int, bus: int = 0,
                 function: int = 0) -> None:
        self.m = machine
        self.base = ECAM + (bus << 20) + (slot << 15) + (function << 12)
        self.doe = self.find_ext(DOE)

    def rd(self, at: int, size: str = "l") -> int:
        return int(self.m.qtest(f"read{size}", self.base + at)[0], 16)

    def wr(self, at: int, value: int, size: str = "l") -> None:
        self.m.qtest(f"write{size}", self.base + at, value)

    def find_cap(self, cap: int) -> int:
        at = self.rd(0x34, "b")
        while at and self.rd(at, "b") != cap:
            at = self.rd(at + 1, "b")
        return at

    def find_ext(self, cap: int) -> int:
        at = 0x100
        while at:
            header = self.rd(at)
            if header & 0xffff == cap:
                return at
            at = header >> 20
        return 0

    def reg(self, register: int) -> int:
        return self.rd(self.doe + register)

    def set(self, register: int, value: int, size: str = "l") -> None:
        self.wr(self.doe + register, value, size)

    def go(self, dwords: list[int], control: int = 0) -> None:
        for dword in dwords:
            self.set(WRITE, dword)
        self.set(CONTROL, GO | control)

    def wait(self) -> int:
        """Status once it is not BUSY; the worker is the host's thread."""
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            status = self.reg(STATUS)
            if not status & BUSY:
                return status
        raise RuntimeError("BUSY for ever")

    def drain(self) -> list[int]:
        dwords = []
        while self.reg(STATUS) & READY:
            dwords.append(self.reg(READ))
            self.set(READ, 0)
        return dwords

    def exchange(self, dwords: list[int]) -> list[int]:
        self.go(dwords)
        self.wait()
        return self.drain()
