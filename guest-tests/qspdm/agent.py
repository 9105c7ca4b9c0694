# SPDX-License-Identifier: GPL-2.0-or-later
"""The host's end of the guest agent's port (see agent.c for the framing)."""
import json
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

MAX_ARGS = 256      # of agent.c

Listener = Callable[[str, str], None]


class AgentError(Exception):
    """The guest went away, or did not answer in time."""


@dataclass(frozen=True)
class Result:
    """What came of one command in the guest."""
    argv: tuple[str, ...]
    exit: int           # -1 when a signal ended it
    signal: int
    timed_out: bool
    truncated: bool
    ms: int
    out: str
    err: str

    @property
    def ok(self) -> bool:
        return self.exit == 0

    def describe(self) -> str:
        how = (f"signal {self.signal}" if self.signal else
               f"exit {self.exit}")
        late = ", timed out" if self.timed_out else ""
        return (f"{' '.join(self.argv)}: {how}{late}\n"
                f"{self.out[-2000:]}{self.err[-2000:]}").rstrip()


class Command:
    """A command under way in the guest."""

    def __init__(self, agent: "Agent", number: int, argv: tuple[str, ...],
                 timeout: float, listener: Listener | None) -> None:
        self._agent, self.number, self.argv = agent, number, argv
        self._timeout, self._listener = timeout, listener
        self._parts: dict[str, list[str]] = {"out": [], "err": []}
        self._end: dict[str, Any] | None = None
        self._done = threading.Event()

    def feed(self, message: dict[str, Any] | None) -> None:
        """Called by the reader; None means the guest is gone."""
        for stream in ("out", "err"):
            if message and stream in message:
                self._parts[stream].append(message[stream])
                if self._listener:
                    self._listener(stream, decode(message[stream]))
        if message is None or "exit" in message:
            self._end = message
            self._done.set()

    def kill(self) -> None:
        self._agent.send(f"kill {self.number}\n".encode())

    @property
    def running(self) -> bool:
        return not self._done.is_set()

    def output(self, stream: str = "out") -> str:
        return decode("".join(self._parts[stream]))

    def wait(self, grace: float = 60) -> Result:
        # The guest keeps the time-out; this is for a guest that hangs.
        if not self._done.wait(self._timeout + grace):
            raise AgentError(f"the guest says nothing: {self.argv}")
        if self._end is None:
            raise AgentError(f"the guest went away during {self.argv}")
        end = {key: self._end[key] for key in
               ("exit", "signal", "timed_out", "truncated", "ms")}
        return Result(self.argv, out=self.output("out"),
                      err=self.output("err"), **end)


def decode(text: str) -> str:
    """The agent sends bytes as code points; most output is UTF-8."""
    return text.encode("latin-1").decode("utf-8", "replace")


class Agent:
    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._lock = threading.Lock()
        self._commands: dict[int, Command] = {}
        self._number = 0
        self._boots = 0
        self._gone = False
        self._changed = threading.Condition()
        self.uptime_ms = 0
        threading.Thread(target=self._read_all, daemon=True).start()

    # ---- the reader's thread

    def _read_all(self) -> None:
        try:
            with self._sock.makefile("rb") as lines:
                for line in lines:
                    self._take(line)
        except (OSError, ValueError):
            pass
        self._drop_commands()
        with self._changed:
            self._gone = True
            self._changed.notify_all()

    def _take(self, line: bytes) -> None:
        try:
            message = json.loads(line)
        except ValueError:
            return      # what a reset cut in the middle
        if message.get("event") == "ready":
            self._drop_commands()
            with self._changed:
                self._boots += 1
                self.uptime_ms = message["uptime_ms"]
                self._changed.notify_all()
            return
        command = self._commands.get(message.get("id"))
        if command:
            if "exit" in message:
                self._commands.pop(command.number, None)
            command.feed(message)

    def _drop_commands(self) -> None:
        for number in list(self._commands):
            command = self._commands.pop(number, None)
            if command:
                command.feed(None)

    # ---- everyone else's

    @property
    def boots(self) -> int:
        return self._boots

    def wait_ready(self, boots: int, timeout: float) -> None:
        """Wait until the guest has come up for the boots-th time."""
        end = time.monotonic() + timeout
        with self._changed:
            while self._boots < boots:
                left = end - time.monotonic()
                if self._gone:
                    raise AgentError("QEMU ended before its guest was up")
                if left <= 0 or not self._changed.wait(left):
                    raise AgentError(f"no guest after {timeout:.0f} s")

    def send(self, data: bytes) -> None:
        with self._lock:
            try:
                self._sock.sendall(data)
            except OSError as error:
                raise AgentError(f"the guest is gone: {error}") from error

    def start(self, argv: Sequence[str], timeout: float, stdin: bytes,
              max_output: int, listener: Listener | None) -> Command:
        raw = [word.encode() for word in argv]
        if len(raw) > MAX_ARGS:
            raise AgentError(f"{argv[0]}: {len(raw)} arguments; the agent "
                             f"takes {MAX_ARGS}")
        with self._lock:
            self._number += 1
            number = self._number
        command = Command(self, number, tuple(argv), timeout, listener)
        self._commands[number] = command
        head = (number, int(timeout * 1000), max_output, len(stdin),
                len(raw), *map(len, raw))
        self.send(f"run {' '.join(map(str, head))}\n".encode()
                  + b"".join(raw) + stdin)
        return command

    def close(self) -> None:
        try:
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._sock.close()
