# SPDX-License-Identifier: GPL-2.0-or-later
"""A QMP client over a connected socket: commands in turn, events kept."""
import json
import socket
import threading
from typing import Any


class QmpError(Exception):
    """QEMU refused a command, or has gone."""


class Qmp:
    def __init__(self, sock: socket.socket) -> None:
        self._file = sock.makefile("rwb")
        self._sock = sock
        self._lock = threading.Lock()
        self.events: list[dict[str, Any]] = []

    def greet(self, timeout: float) -> None:
        self._sock.settimeout(timeout)
        self._read()
        self.command("qmp_capabilities")

    def _read(self) -> dict[str, Any]:
        try:
            line = self._file.readline()
        except OSError as error:
            raise QmpError(f"QMP: {error}") from error
        if not line:
            raise QmpError("QEMU closed its QMP socket")
        return json.loads(line)

    def command(self, name: str, **arguments: Any) -> Any:
        request = {"execute": name, "arguments": arguments}
        with self._lock:
            try:
                self._file.write(json.dumps(request).encode() + b"\n")
                self._file.flush()
            except OSError as error:
                raise QmpError(f"QMP: {error}") from error
            while True:
                answer = self._read()
                if "event" in answer:
                    self.events.append(answer)
                elif "error" in answer:
                    raise QmpError(f"{name}: {answer['error']['desc']}")
                elif "return" in answer:
                    return answer["return"]

    def close(self) -> None:
        self._file.close()
        self._sock.close()
