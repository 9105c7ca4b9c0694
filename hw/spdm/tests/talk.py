# SPDX-License-Identifier: GPL-2.0-or-later
"""spdm-requester talks to the mailbox of a device in a QEMU without a guest:
its messages come over a socket, and this moves the registers."""
import contextlib
import socket
import struct
import subprocess
import threading
from pathlib import Path

from qtest import TIMEOUT, Function

NORMAL, HELLO = 1, b"Server Hello!\0"


def read(client: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = client.recv(size - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


class Talk:
    """The DMTF emulators' protocol in front of a mailbox."""

    def __init__(self, dir: Path, requester: str, function: Function) -> None:
        self.requester, self.function = requester, function
        self.address = f"unix:{dir}/socket"
        self.sent: list[list[int]] = []     # objects, to be said again
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(dir / "socket"))
        self._listener.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        """Requester after requester, in turn."""
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            # Either end may be killed at any moment.
            with client, contextlib.suppress(EOFError, OSError, struct.error,
                                             RuntimeError, ValueError):
                self._serve_one(client)

    def _serve_one(self, client: socket.socket) -> None:
        while True:
            command, transport, size = struct.unpack(">III",
                                                     read(client, 12))
            sent = read(client, size)
            if command != NORMAL:       # the greeting
                client.sendall(struct.pack(">III", command, transport,
                                           size) + HELLO)
                continue
            self.sent.append(list(struct.unpack(f"<{size // 4}I", sent)))
            dwords = self.function.exchange(self.sent[-1])
            answer = struct.pack(f"<{len(dwords)}I", *dwords)
            client.sendall(struct.pack(">III", command, transport,
                                       len(answer)) + answer)

    def words(self, *words: str) -> list[str]:
        return [self.requester, "--connect", self.address, "--timeout", "300",
                *words]

    def start(self, *words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(self.words(*words), stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)

    def ask(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(self.words(*words), capture_output=True,
                              text=True, timeout=10 * TIMEOUT)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
