# SPDX-License-Identifier: GPL-2.0-or-later
"""What QEMU itself holds: memory without the guest's, threads, descriptors.

The guest's RAM becomes resident page by page as the guest uses it, and the
buffer of translated code as it runs: neither says anything about a leak, and
the guest may know its own session's keys.  Both are left out.  What QEMU keeps
about translated code is on its heap, and grows until the buffer is full and
emptied: guests whose memory is watched get a small buffer (CODE_MIB).  Pages
of files (the kernel's image, programs) come and go as the host likes.
"""
import os
import re
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

HEAD = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \d+ *(.*)$")
# A heap of glibc's reserves 64 MiB; guest RAM and code buffer are larger.
LARGE = 65 << 20
CODE_MIB = 16


@dataclass(frozen=True)
class Holdings:
    kib: int
    threads: int
    fds: int


@dataclass
class Mapping:
    start: int
    end: int
    mode: str
    kib: int = 0        # resident, and no file's

    @property
    def own(self) -> bool:
        return "w" in self.mode and "x" not in self.mode and \
            self.end - self.start < LARGE


def mappings(pid: int) -> Iterator[Mapping]:
    last = None
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        head = HEAD.match(line)
        if head:
            if last:
                yield last
            last = Mapping(int(head[1], 16), int(head[2], 16), head[3])
        elif last and line.startswith("Anonymous:"):
            last.kib = int(line.split()[1])
    if last:
        yield last


def held(pid: int) -> Holdings:
    """Of this process, now."""
    status = Path(f"/proc/{pid}/status").read_text()
    threads = re.search(r"^Threads:\s+(\d+)$", status, re.M)
    return Holdings(sum(m.kib for m in mappings(pid) if m.own),
                    int(threads[1]) if threads else 0,
                    len(os.listdir(f"/proc/{pid}/fd")))


def found(pid: int, needles: Iterable[bytes]) -> list[bytes]:
    """Which of them are in the memory of this process."""
    missing, there = list(needles), []
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for area in mappings(pid):
            if not area.own or not missing:
                continue
            try:
                memory.seek(area.start)
                data = memory.read(area.end - area.start) or b""
            except OSError:
                continue        # the process gave it back meanwhile
            there += [needle for needle in missing if needle in data]
            missing = [needle for needle in missing if needle not in data]
    return there


def slope(points: list[tuple[float, float]]) -> float:
    """Of the straight line nearest to the points (least squares)."""
    n = len(points)
    mean_x = sum(x for x, _ in points) / n
    mean_y = sum(y for _, y in points) / n
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread \
        if spread else 0.0


class Heap:
    """What QEMU has allocated, to the byte, as heap-size.so tells it."""

    def __init__(self, shim: Path | str) -> None:
        self._ours, self._theirs = socket.socketpair()
        self.fds = (self._theirs.fileno(),)
        # No caches of freed blocks, which count as allocated.
        self.env = {"LD_PRELOAD": str(shim),
                    "HEAP_SIZE_FD": str(self.fds[0]),
                    "G_SLICE": "always-malloc",
                    "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}

    def size(self) -> int:
        self._ours.sendall(b"?")
        return int(self._ours.recv(64))

    def close(self) -> None:
        self._ours.close()
        self._theirs.close()
