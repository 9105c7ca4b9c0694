# SPDX-License-Identifier: GPL-2.0-or-later
"""CPU time of spdm-responder for each of many clients, all connected."""
import contextlib
import resource
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from .figure import Figure, of_samples, ratio_at_most
from .provider import Context, Provider, Unavailable

EXCHANGES = 1000            # of one run; clients in turn: a server's worst
FEW = 10                    # clients of the floor
CROWDS = (1, 100, 1000)
REASON = ("when a client's turn comes, what the kernel and the server have of "
          "it is in no cache; more so when other work shares them. Tried: an "
          "epoll set instead of poll(), one buffer for all that is read, "
          "sessions that never were are not looked at, no acknowledgement "
          "of its own for a request that is answered (which made ten "
          "clients cheaper, too)")
START = 20.0                # seconds

# DSP0287: PayloadLength counts two bytes of its header of four.
GET_VERSION = struct.pack("<HBB", 4 + 2, 1, 5) + bytes((0x10, 0x84, 0, 0))


def cpu_ns(pid: int) -> int:
    """Nanoseconds the process was on a processor; /proc/PID/stat has 10 ms."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])


@contextlib.contextmanager
def server(context: Context) -> Iterator[tuple[int, int]]:
    """spdm-responder: its process id and port."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        ready = Path(folder) / "ready"
        process = subprocess.Popen(
            [context.tools / "spdm-responder", "--port", "0", "--max-clients",
             str(max(CROWDS)), "--ready-file", ready],
            stdout=subprocess.DEVNULL)
        try:
            end = time.monotonic() + START
            while not ready.exists():
                if process.poll() is not None or time.monotonic() > end:
                    raise Unavailable("spdm-responder does not start")
                time.sleep(0.01)
            yield process.pid, int(ready.read_text().rpartition(":")[2])
        finally:
            process.terminate()
            process.wait()


def exchange(client: socket.socket) -> None:
    client.sendall(GET_VERSION)
    head = client.recv(4, socket.MSG_WAITALL)
    size = struct.unpack("<H", head[:2])[0] - 2
    if len(client.recv(size, socket.MSG_WAITALL)) != size:
        raise Unavailable("spdm-responder went away")


class Crowd:
    """Clients of a server, all connected, which has answered each of them."""

    def __init__(self, pid: int, port: int, count: int,
                 stack: contextlib.ExitStack) -> None:
        self.pid = pid
        self.clients = [stack.enter_context(
            socket.create_connection(("127.0.0.1", port), START))
            for _ in range(count)]
        for client in self.clients:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            exchange(client)

    def cost(self) -> float:
        """Microseconds of the server's CPU for an exchange, all in turn."""
        rounds = max(EXCHANGES // len(self.clients), 1)
        before = cpu_ns(self.pid)
        for _ in range(rounds):
            for client in self.clients:
                exchange(client)
        return (cpu_ns(self.pid) - before) / 1000 / (
            rounds * len(self.clients))


def pairs(context: Context, count: int, runs: int
          ) -> list[tuple[float, float]]:
    """Two servers, and in each run a moment of either."""
    with contextlib.ExitStack() as stack:
        crowds = [Crowd(*stack.enter_context(server(context)), n, stack)
                  for n in (count, FEW)]
        return [(crowds[0].cost(), crowds[1].cost()) for _ in range(runs)]


def allow_sockets(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + 64
    if soft >= wanted:
        return
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise Unavailable(f"at most {hard} descriptors are allowed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def measure(context: Context) -> Iterator[Figure]:
    allow_sockets(max(CROWDS))
    for crowd in CROWDS:
        name = f"scale.clients.{crowd}"
        if not context.wants(name):
            continue
        found = pairs(context, crowd, context.runs(15, 3))
        yield of_samples(
            name, "us", [v for v, _ in found], [f for _, f in found],
            ratio_at_most(1.2), f"the server's CPU time for a GET_VERSION "
            f"with {crowd} clients connected, who ask in turn; the floor is "
            f"{FEW} clients", reason=REASON)


PROVIDERS = (Provider("scale.clients", "many clients of spdm-responder",
                      measure),)
