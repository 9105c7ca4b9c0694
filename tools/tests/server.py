#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""spdm-responder as a server, as TAP: clients good and bad, and its end.

usage: server.py SPDM-REQUESTER SPDM-RESPONDER
"""
import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

REQUESTER, RESPONDER = sys.argv[1:3]
PATIENCE = 60               # seconds; a limit for hangs, never met
NORMAL, IF_SEND, IF_RECV, ACK = 1, 2, 3, 4
CONTINUE, SHUTDOWN, UNKNOWN, TEST = 0xfffd, 0xfffe, 0xffff, 0xdead
NONE, MCTP, DOE, TCP, NVME = range(5)
GET_VERSION = bytes.fromhex("10840000")
DOE_GET_VERSION = bytes.fromhex("0100010003000000") + GET_VERSION
VERSIONS = 5                # of the nic profile, 1.0 to 1.4


class Server:
    """A server on a Unix socket in a directory of its own."""

    def __init__(self, *words: str, env: dict[str, str] | None = None):
        self.dir = tempfile.TemporaryDirectory()
        words = tuple(word.replace("DIR", self.dir.name) for word in words)
        self.path = Path(self.dir.name) / "socket"
        self.process = subprocess.Popen(
            [RESPONDER, "--unix", self.path, "--profile", "nic", *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=None if env is None else os.environ | env)
        assert self.process.stdout is not None
        self.said = self.process.stdout.readline()

    def connect(self) -> socket.socket:
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(PATIENCE)
        client.connect(str(self.path))
        return client

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
        self.dir.cleanup()


@contextlib.contextmanager
def server(*words: str, **more: dict[str, str]) -> Iterator[Server]:
    it = Server(*words, **more)
    try:
        yield it
    finally:
        it.close()


def read(client: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = client.recv(size - len(data))
        if not piece:
            raise EOFError(f"closed after {len(data)} of {size} bytes")
        data += piece
    return data


def frame(command: int, transport: int, payload: bytes = b"") -> bytes:
    return struct.pack(">III", command, transport, len(payload)) + payload


def receive(client: socket.socket) -> tuple[int, int, bytes]:
    command, transport, size = struct.unpack(">III", read(client, 12))
    return command, transport, read(client, size)


def ask(client: socket.socket, command: int, transport: int,
        payload: bytes = b"") -> tuple[int, int, bytes]:
    client.sendall(frame(command, transport, payload))
    return receive(client)


def is_version(message: bytes) -> bool:
    return message[:2] == b"\x10\x04" and message[5] == VERSIONS


def works(client: socket.socket) -> bool:
    command, transport, payload = ask(client, NORMAL, DOE, DOE_GET_VERSION)
    return command == NORMAL and transport == DOE and is_version(payload[8:])


def is_closed(client: socket.socket) -> bool:
    try:
        return client.recv(1) == b""
    except ConnectionError:
        return True


def hundred_clients_at_once() -> bool:
    with server() as s:
        clients = [s.connect() for _ in range(100)]
        for client in clients:
            client.sendall(frame(NORMAL, DOE, DOE_GET_VERSION))
        return all(is_version(receive(client)[2][8:])
                   for client in reversed(clients))


def connections_are_their_own() -> bool:
    """GET_VERSION of one leaves the other's negotiation alone."""
    with server() as s:
        first, second = s.connect(), s.connect()
        capabilities = bytes.fromhex(
            "12e10000 00000000 c6060000 00100000 00100000")
        assert works(first) and works(second)
        good = [ask(c, NORMAL, NONE, GET_VERSION)[2][1] for c in
                (first, second)] == [4, 4]
        good &= ask(first, NORMAL, NONE, capabilities)[2][1] == 0x61
        good &= is_version(ask(second, NORMAL, NONE, GET_VERSION)[2])
        # The first is past CAPABILITIES: a second one is out of place.
        return good and ask(first, NORMAL, NONE, capabilities)[2][1] == 0x7f


def stalled_client_hurts_nobody() -> bool:
    with server() as s:
        stalled, good = s.connect(), s.connect()
        stalled.sendall(frame(NORMAL, DOE, DOE_GET_VERSION)[:-3])
        alive = works(good)
        stalled.sendall(DOE_GET_VERSION[-3:])
        return alive and is_version(receive(stalled)[2][8:])


def client_that_does_not_read() -> bool:
    """Its requests wait with it; the server's memory does not grow."""
    with server() as s:
        deaf, good = s.connect(), s.connect()
        deaf.setblocking(False)
        sent = 0
        with contextlib.suppress(BlockingIOError):
            while sent < 64 << 20:
                sent += deaf.send(frame(NORMAL, DOE, DOE_GET_VERSION) * 1000)
        return sent < 64 << 20 and works(good)


def dying_client_hurts_nobody() -> bool:
    with server() as s:
        good = s.connect()
        for size in range(0, 30, 3):
            with s.connect() as dying:
                dying.sendall(frame(NORMAL, DOE, DOE_GET_VERSION)[:size])
        return works(good)


def rubbish_hurts_nobody() -> bool:
    with server() as s:
        good = s.connect()
        for rubbish in (b"GET / HTTP/1.0\r\n\r\n", b"\xff" * 4096, b"\0" * 64,
                        frame(NORMAL, 77, b"x" * 40), bytes(range(256)) * 64):
            with s.connect() as bad, contextlib.suppress(OSError):
                bad.sendall(rubbish)
        return works(good)


def frame_too_long_ends_its_client() -> bool:
    with server() as s:
        bad, good = s.connect(), s.connect()
        bad.sendall(struct.pack(">III", NORMAL, DOE, 0x7fffffff))
        return is_closed(bad) and works(good)


def unknown_command_is_answered() -> bool:
    with server() as s:
        client = s.connect()
        return ask(client, 0x1234, DOE)[0] == UNKNOWN and works(client)


def bytes_one_by_one() -> bool:
    with server() as s:
        client = s.connect()
        for byte in frame(NORMAL, DOE, DOE_GET_VERSION):
            client.sendall(bytes([byte]))
        return is_version(receive(client)[2][8:])


def two_frames_in_one_piece() -> bool:
    with server() as s:
        client = s.connect()
        client.sendall(2 * frame(NORMAL, DOE, DOE_GET_VERSION))
        return all(is_version(receive(client)[2][8:]) for _ in range(2))


def greeting() -> bool:
    with server() as s:
        reply = ask(s.connect(), TEST, MCTP, b"Client Hello!\0")
        return reply == (TEST, MCTP, b"Server Hello!\0")


def tcp_without_frames() -> bool:
    with server() as s:
        client = s.connect()
        client.sendall(b"\x06\x00\x01\x05" + GET_VERSION)
        size, version, kind = struct.unpack("<HBB", read(client, 4))
        return (version, kind) == (1, 5) and is_version(read(client, size - 2))


def role_inquiry_is_refused() -> bool:
    with server() as s:
        client = s.connect()
        client.sendall(b"\x00\x00\x01\xbf")
        return read(client, 4) == b"\x00\x00\x01\xc2"


def unknown_tcp_type_is_refused() -> bool:
    with server() as s:
        client = s.connect()
        client.sendall(b"\x06\x00\x01\x09" + GET_VERSION)
        return read(client, 4) == b"\x00\x00\x01\xc1"


def storage(operation: int, size: int, data: bytes = b"",
            protocol: int = 0xe8) -> bytes:
    return struct.pack("<BHI", protocol, operation << 2, size) + data


def status_of(reply: tuple[int, int, bytes]) -> int:
    command, transport, payload = reply
    assert command == ACK and transport == NVME and len(payload) == 2
    return int(struct.unpack(">H", payload)[0])


def fetch(client: socket.socket, operation: int, room: int) -> bytes:
    assert status_of(ask(client, IF_RECV, NVME, storage(operation, room))) == 0
    return receive(client)[2]


def storage_as_qemu_forwards_it() -> bool:
    with server() as s:
        client = s.connect()
        discovery = fetch(client, 1, 512)
        good = len(discovery) == 32 and discovery[:4] == b"\x20\0\0\x10" and \
            discovery[8] == 0b1100110
        good &= fetch(client, 2, 12)[4] == 0
        good &= status_of(ask(client, IF_SEND, NVME,
                              storage(5, 4, GET_VERSION))) == 0
        pending = fetch(client, 2, 12)
        version = fetch(client, 5, 4096)
        good &= pending[4] == 1 and pending[8] == len(version)
        return good and is_version(version) and fetch(client, 2, 12)[4] == 0


def storage_mistakes_are_refused() -> bool:
    with server() as s:
        client = s.connect()
        bad_sends = [storage(5, 4, GET_VERSION, 0xef),
                     storage(5, 5, GET_VERSION), storage(7, 4, GET_VERSION),
                     storage(5, 4, GET_VERSION)[:5], b""]
        refused = [status_of(ask(client, IF_SEND, NVME, data))
                   for data in bad_sends]
        refused += [status_of(ask(client, IF_RECV, NVME, storage(5, 4096)))]
        return set(refused) == {0x4002} and fetch(client, 1, 512)[0] == 32


def continue_keeps_the_connection() -> bool:
    with server() as s:
        client = s.connect()
        assert is_version(ask(client, NORMAL, NONE, GET_VERSION)[2])
        good = ask(client, CONTINUE, NONE)[0] == CONTINUE
        good &= is_closed(client)
        other = s.connect()
        capabilities = bytes.fromhex(
            "12e10000 00000000 c6060000 00100000 00100000")
        return good and ask(other, NORMAL, NONE, capabilities)[2][1] == 0x61


def shutdown_of_the_only_client() -> bool:
    with server() as s:
        return ask(s.connect(), SHUTDOWN, DOE)[0] == SHUTDOWN and \
            s.process.wait(PATIENCE) == 0


def shutdown_beside_another_client() -> bool:
    with server() as s:
        other, client = s.connect(), s.connect()
        assert works(other)
        return ask(client, SHUTDOWN, DOE)[0] == SHUTDOWN and \
            is_closed(client) and works(other)


def keep_running() -> bool:
    with server("--keep-running") as s:
        return ask(s.connect(), SHUTDOWN, DOE)[0] == SHUTDOWN and \
            works(s.connect())


def once() -> bool:
    with server("--once") as s:
        s.connect().close()
        return s.process.wait(PATIENCE) == 0


def too_many_clients() -> bool:
    with server("--max-clients", "2") as s:
        first, second = s.connect(), s.connect()
        assert works(first) and works(second)
        third = s.connect()
        good = is_closed(third) and works(first)
        s.process.terminate()
        return good and "1 refused" in s.process.communicate()[1]


def ends_cleanly(number: signal.Signals) -> Callable[[], bool]:
    def run() -> bool:
        with server() as s:
            assert works(s.connect())
            s.process.send_signal(number)
            return s.process.wait(PATIENCE) == 0 and not s.path.exists()
    return run


def ready_file() -> bool:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "ready"
        with server("--ready-file", str(path)) as s:
            good = path.read_text() == f"unix:{s.path}\n"
            s.process.terminate()
            return s.process.wait(PATIENCE) == 0 and good and \
                not path.exists()


def systemd_is_told() -> bool:
    with tempfile.TemporaryDirectory() as name, \
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(f"{name}/notify")
        told.settimeout(PATIENCE)
        with server(env={"NOTIFY_SOCKET": f"{name}/notify"}) as s:
            first = told.recv(100)
            s.process.terminate()
            return first == b"READY=1" and told.recv(100) == b"STOPPING=1"


def capabilities_in_json() -> bool:
    found = json.loads(subprocess.run([RESPONDER, "--print-capabilities"],
                                      capture_output=True, text=True,
                                      check=True).stdout)
    return found["type"] == "spdm-responder" and "1.4" in \
        found["max-version"] and "SHA-384" in found["hash"] and \
        {"doe", "mctp", "tcp", "storage", "none"} == set(found["transports"])


def one_line_refusals() -> bool:
    for words, said in ((["--port", "70000"], "--port"),
                        (["--max-clients", "0"], "--max-clients"),
                        (["extra"], "extra"),
                        (["--profile", "sdd"], "sdd"),
                        (["--unix", "/nonexistent/socket"], "/nonexistent")):
        done = subprocess.run([RESPONDER, *words], capture_output=True,
                              text=True, timeout=PATIENCE, check=False)
        if done.returncode != 2 or said not in done.stderr or \
                len(done.stderr.splitlines()) != 1:
            print(f"# {words}: exit {done.returncode}\n# {done.stderr}")
            return False
    return True


def device_updates_its_key() -> bool:
    """Asked beside SPDM, the responder has a KEY_UPDATE to send."""
    with tempfile.NamedTemporaryFile("w", suffix=".ini") as profile:
        profile.write("""[spdm]
capabilities=CERT;CHAL;MEAS_SIG;ENCRYPT;MAC;KEY_EX;KEY_UPD;ENCAP
[slot 0]
auto=true
""")
        profile.flush()
        with server("--profile", profile.name) as s:
            done = subprocess.run(
                [REQUESTER, "--connect", f"unix:{s.path}", "--flags",
                 "+ENCAP", "run", "connect", "digests", "certificate",
                 "key-exchange", "finish", "encapsulated:oob=key-update",
                 "end-session"],
                capture_output=True, text=True, timeout=PATIENCE, check=False)
    if done.returncode or "KEY_UPDATE" not in done.stdout:
        print(f"# {done.stdout}{done.stderr}".replace("\n", "\n# "))
    return done.returncode == 0 and "KEY_UPDATE" in done.stdout


def session_over(transport: str) -> Callable[[], bool]:
    def run() -> bool:
        with server() as s:
            done = subprocess.run(
                [REQUESTER, "--connect", f"unix:{s.path}", "--transport",
                 transport, "session", "--sigma", "--key-update", "all",
                 "--measurements"],
                capture_output=True, text=True, timeout=PATIENCE, check=False)
            return done.returncode == 0 and "END_SESSION_ACK" in done.stdout
    return run


def session_over_bare_tcp() -> bool:
    with subprocess.Popen([RESPONDER, "--port", "0", "--profile", "nic"],
                          stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        done = subprocess.run(
            [REQUESTER, "--connect", f"tcp:{address}", "session", "--sigma"],
            capture_output=True, text=True, timeout=PATIENCE, check=False)
        process.terminate()
    return done.returncode == 0 and "END_SESSION_ACK" in done.stdout


ROWS: list[tuple[str, Callable[[], bool]]] = [
    ("a hundred clients at once", hundred_clients_at_once),
    ("each client has a connection of its own", connections_are_their_own),
    ("a client that stalls hurts nobody else", stalled_client_hurts_nobody),
    ("a client that does not read hurts nobody", client_that_does_not_read),
    ("clients that die hurt nobody else", dying_client_hurts_nobody),
    ("rubbish hurts nobody else", rubbish_hurts_nobody),
    ("a frame too long ends its client", frame_too_long_ends_its_client),
    ("an unknown command is answered", unknown_command_is_answered),
    ("a frame may come byte by byte", bytes_one_by_one),
    ("two frames may come in one piece", two_frames_in_one_piece),
    ("the emulators' greeting", greeting),
    ("SPDM over TCP without frames around it", tcp_without_frames),
    ("a role inquiry is refused", role_inquiry_is_refused),
    ("another type over TCP is refused", unknown_tcp_type_is_refused),
    ("storage commands as QEMU forwards them", storage_as_qemu_forwards_it),
    ("mistakes in storage commands are refused",
     storage_mistakes_are_refused),
    ("CONTINUE keeps the connection for the next", continue_keeps_the_connection),
    ("SHUTDOWN of the only client stops the server",
     shutdown_of_the_only_client),
    ("SHUTDOWN beside another client ends one", shutdown_beside_another_client),
    ("--keep-running outlives SHUTDOWN", keep_running),
    ("--once ends with its client", once),
    ("--max-clients refuses one too many", too_many_clients),
    ("SIGTERM ends cleanly", ends_cleanly(signal.SIGTERM)),
    ("SIGINT ends cleanly", ends_cleanly(signal.SIGINT)),
    ("a ready file says where", ready_file),
    ("systemd is told", systemd_is_told),
    ("capabilities in JSON", capabilities_in_json),
    ("mistakes are one line", one_line_refusals),
    ("the device updates its key when told to", device_updates_its_key),
    ("a session over TCP in the emulators' frames", session_over("tcp")),
    ("a session over storage commands", session_over("storage")),
    ("a session over bare TCP", session_over_bare_tcp),
]


def main(rows: list[tuple[str, Callable[[], bool]]]) -> int:
    print(f"1..{len(rows)}")
    failed = 0
    for number, (name, run) in enumerate(rows, 1):
        try:
            good = run()
        except (OSError, EOFError, AssertionError, ValueError,
                subprocess.SubprocessError) as why:
            print(f"# {type(why).__name__}: {why}")
            good = False
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} {name}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(ROWS))
