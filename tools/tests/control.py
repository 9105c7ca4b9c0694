#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The control socket of spdm-responder, as TAP.

usage: control.py SPDM-REQUESTER SPDM-RESPONDER
"""
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from server import (DOE, DOE_GET_VERSION, NORMAL, PATIENCE, REQUESTER,
                    Server, frame, is_closed, main, works)

Answer = dict[str, Any]


class Control:
    """A client of the control socket."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(str(path))
        self.file = self.socket.makefile("r", encoding="utf-8")

    def send(self, line: bytes) -> Answer:
        self.socket.sendall(line)
        return self.receive()

    def receive(self) -> Answer:
        return dict(json.loads(self.file.readline()))

    def ask(self, command: str, **arguments: Any) -> Answer:
        words = {"command": command, **arguments}
        return self.send(json.dumps(words).encode() + b"\n")


class Controlled(Server):
    """A server with a control socket beside its own."""

    def __init__(self, *words: str) -> None:
        super().__init__("--control", "DIR/control", *words)

    def control(self) -> Control:
        return Control(Path(self.dir.name) / "control")


@contextlib.contextmanager
def controlled(*words: str) -> Iterator[Controlled]:
    it = Controlled(*words)
    try:
        yield it
    finally:
        it.close()


def refused(answer: Answer, text: str) -> bool:
    good = answer["ok"] is False and text in answer["error"] and \
        "\n" not in answer["error"]
    if not good:
        print(f"# {answer}, expected {text!r}")
    return good


# ---- the socket ----------------------------------------------------------

def is_private() -> bool:
    with controlled() as s:
        mode = os.stat(Path(s.dir.name) / "control").st_mode
        return mode & 0o777 == 0o600


def is_removed() -> bool:
    with controlled() as s:
        good = s.control().ask("quit") == {"ok": True}
        return good and s.process.wait(PATIENCE) == 0 and \
            not os.listdir(s.dir.name)


def lists_commands() -> bool:
    with controlled() as s:
        found = set(s.control().ask("commands")["commands"])
    return {"info", "set-measurement", "set-firmware-version",
            "set-certificate", "set-psk", "set-capabilities", "set-faults",
            "fault-counts", "abort", "reset", "quit"} <= found


def plan_is_set_and_cleared() -> bool:
    """The rule fires for a client, is counted, and is gone."""
    with controlled() as s:
        path = Path(s.dir.name) / "plan"
        path.write_text("[rule v]\non = tx-msg\nmessage = VERSION\n"
                        "set = VersionNumberEntryCount=0\n")
        c = s.control()
        set_it = c.ask("set-faults", file=str(path))
        failed = subprocess.run(
            [REQUESTER, "--connect", f"unix:{s.path}", "run", "connect"],
            capture_output=True, timeout=PATIENCE).returncode
        counts = c.ask("fault-counts")
        path.write_text("[rule v]\non = tx-mesg\n")
        bad = c.ask("set-faults", file=str(path))
        cleared = c.ask("set-faults", file="")
        after = c.ask("fault-counts")
    return set_it["ok"] and cleared["ok"] and failed != 0 and \
        counts["rules"] == [{"name": "v", "line": 1, "matched": 1,
                             "fired": 1}] and \
        after["rules"] == [] and \
        refused(bad, "plan:2: [rule v] on: \"tx-mesg\" is no event")


MISTAKES = [
    (b"", "does not begin with {"),
    (b"quit", "not a JSON object"),
    (b"\xff\xfe", "UTF-8"),
    (b"{}", '"command" is missing'),
    (b'{"command":7}', '"command" is missing, or no string'),
    (b'{"command":"halt"}', 'no command "halt"'),
    (b'{"command":"abort","client":-1}', '"client" is a number'),
    (b'{"command":"abort","client":"1"}', '"client" is a number'),
    (b'{"command":"abort","client":77}', "no client 77"),
    (b'{"command":"abort","session":4294967296}', '"session" is a number'),
    (b'{"command":"abort","sesion":1}', 'abort has no "sesion"; it has '
     "client, session, manner"),
    (b'{"command":"abort","session":7}', "no session 0x00000007"),
    (b'{"command":"abort","manner":"quiet"}', "manners are silent, error"),
    (b'{"command":"abort","manner":1}', '"manner" is missing, or no string'),
    (b'{"command":"abort","session":7,"manner":"reset"}', "ID 0"),
    (b'{"command":"reset","client":1}', "it has no arguments"),
    (b'{"command":"set-measurement"}', '"value" is missing'),
    (b'{"command":"set-measurement","value":"3"}', "N:text:"),
    (b'{"command":"set-measurement","value":"99:text:x"}', "99"),
    (b'{"command":"set-certificate","value":"9:erase"}', "0 to 7"),
    (b'{"command":"set-certificate","value":"1:/nowhere.pem"}', "/nowhere"),
    (b'{"command":"set-firmware-version","value":""}', "VERSION"),
    (b'{"command":"set-psk","value":"text:x=remove"}', "no key of this hint"),
    (b'{"command":"set-psk","value":"x"}', "HINT=KEY"),
    (b'{"command":"set-capabilities","value":"-MAC"}', "need MAC"),
    (b'{"command":"set-capabilities","value":"CERTS"}', "CERT"),
    (b'{"command":{"command":"quit"}}', "a value is no string"),
]


def mistakes_are_refused() -> bool:
    with controlled() as s:
        c = s.control()
        good = [refused(c.send(line + b"\n"), said)
                for line, said in MISTAKES]
        return all(good) and c.ask("info")["ok"]


def every_beginning_is_harmless() -> bool:
    line = b'{"command":"abort","client":1,"session":65537}'
    with controlled() as s:
        c = s.control()
        good = [refused(c.send(line[:size] + b"\n"), "JSON")
                for size in range(len(line))]
        return all(good) and c.ask("info")["ok"]


def line_too_long() -> bool:
    with controlled() as s:
        bad, good = s.control(), s.control()
        with contextlib.suppress(OSError):
            bad.socket.sendall(b"x" * (1 << 20))
        return is_closed_after_words(bad) and good.ask("info")["ok"]


def is_closed_after_words(c: Control) -> bool:
    """With the reason, unless the reset came before it was read."""
    try:
        said = c.file.readline()
    except ConnectionError:
        return True
    return "longer" in said and is_closed(c.socket)


def deaf_client() -> bool:
    """Commands wait with who does not read the answers."""
    with controlled() as s:
        deaf, good = s.control(), s.control()
        deaf.socket.setblocking(False)
        sent = 0
        with contextlib.suppress(BlockingIOError):
            while sent < 64 << 20:
                sent += deaf.socket.send(b'{"command":"info"}\n' * 1000)
        return sent < 64 << 20 and good.ask("info")["ok"] and \
            works(s.connect())


def too_many() -> bool:
    with controlled() as s:
        clients = [s.control() for _ in range(16)]
        assert all(c.ask("info")["ok"] for c in clients)
        one_more = s.control()
        closed = is_closed(one_more.socket)
        clients.pop().socket.close()
        return closed and clients[0].ask("info")["ok"]


def many_lines_in_one_piece() -> bool:
    with controlled() as s:
        c = s.control()
        first = c.send(b'{"command":"info"}\n' * 3)
        return first["ok"] and c.receive()["ok"] and c.receive()["ok"]


def busy_path() -> bool:
    done = subprocess.run(
        [sys.argv[2], "--port", "0", "--control", "/nonexistent/control"],
        capture_output=True, text=True, timeout=PATIENCE, check=False)
    return done.returncode == 2 and "/nonexistent/control" in done.stderr \
        and len(done.stderr.splitlines()) == 1


# ---- what it tells and does -----------------------------------------------

def info_tells() -> bool:
    with controlled() as s:
        c = s.control()
        first, second = s.connect(), s.connect()
        assert works(first) and works(second)
        before = c.ask("info")
        assert [x["client"] for x in before["clients"]] == [1, 2]
        good = before["profile"] == "nic" and \
            before["address"] == f"unix:{s.path}" and \
            before["clients"][0]["state"] == "after-version" and \
            before["clients"][0]["requests"] == 1
        first.close()
        assert works(second)
        after = c.ask("info")
        return good and after["served"] == 1 and \
            [x["client"] for x in after["clients"]] == [2]


class Requester:
    """A requester in a session, which waits until the device is changed."""

    def __init__(self, s: Controlled, *steps: str, policy: int = 0) -> None:
        self.file = Path(s.dir.name) / "waits"
        words = [step.replace("WAIT", f"wait:file={self.file}")
                 for step in steps]
        self.process = subprocess.Popen(
            [REQUESTER, "--connect", f"unix:{s.path}", "--flags", "+ENCAP",
             "--timeout", "2", "run", "connect", "digests", "certificate",
             f"key-exchange:policy={policy}", "finish", *words],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        end = time.monotonic() + PATIENCE
        while not self.file.exists():
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(self.process.communicate()[0])
            time.sleep(0.01)

    def go_on(self) -> str:
        """What it says; it must succeed."""
        self.file.unlink()
        out = self.process.communicate(timeout=PATIENCE)[0]
        if self.process.returncode:
            raise AssertionError(out)
        return out


EVENTS = """[spdm]
capabilities=CERT;CHAL;MEAS_SIG;ENCRYPT;MAC;KEY_EX;ENCAP;EVENT
[slot 0]
auto=true
[measurement 3]
type=firmware
value=text:1.0.0
"""


@contextlib.contextmanager
def with_events() -> Iterator[Controlled]:
    with tempfile.NamedTemporaryFile("w", suffix=".ini") as profile:
        profile.write(EVENTS)
        profile.flush()
        with controlled("--profile", profile.name) as s:
            yield s


def event_comes(command: str, value: str, event: str) -> Callable[[], bool]:
    def run() -> bool:
        with with_events() as s:
            r = Requester(s, "events", "WAIT", "encapsulated",
                          "measurements:index=3,raw", "end-session")
            assert s.control().ask(command, value=value)["ok"]
            out = r.go_on()
            return event in out and out.count("event 0:") == 1
    return run


def measured_anew() -> bool:
    with with_events() as s:
        r = Requester(s, "WAIT", "measurements:index=3,raw", "end-session")
        assert s.control().ask("set-measurement", value="3:text:2.0.0")["ok"]
        return '"2.0.0"' in r.go_on()


def termination_policy() -> bool:
    """The session is gone: its next record gets no answer."""
    with with_events() as s:
        r = Requester(s, "WAIT", "!measurements", "connect", policy=1)
        c = s.control()
        before = c.ask("info")["clients"][0]["sessions"]
        assert c.ask("set-measurement", value="3:text:2.0.0")["ok"]
        after = c.ask("info")["clients"][0]
        out = r.go_on()
        return len(before) == 1 and after["sessions"] == [] and \
            after["sessions-ended"] == 1 and "failed as it has to" in out


def aborted(**whom: int) -> Callable[[], bool]:
    def run() -> bool:
        with with_events() as s:
            other = s.connect()
            assert works(other)
            r = Requester(s, "WAIT", "!measurements", "connect")
            c = s.control()
            session = c.ask("info")["clients"][1]["sessions"][0]["id"]
            arguments = {"session": session} if whom.get("session") else whom
            ended = c.ask("abort", **arguments)["ended"]
            return ended == 1 and "failed as it has to" in r.go_on() and \
                c.ask("abort", **arguments).get("ended", 0) == 0
    return run


def by_manner(manner: str, says: str, left: int, *after: str
              ) -> Callable[[], bool]:
    """The requester hears @says; @left sessions until it does."""
    def run() -> bool:
        with with_events() as s:
            r = Requester(s, "WAIT", "!measurements", *after)
            c = s.control()
            answer = c.ask("abort", manner=manner)
            count = answer["ending" if left else "ended"]
            clients = c.ask("info")["clients"]
            held = len(clients[0]["sessions"]) if clients else 0
            out = r.go_on()
            if says not in out or count != 1 or held != left:
                print(f"# {answer}, {held} held: {out}".replace("\n", "\n# "))
                return False
            return not after or \
                c.ask("info")["clients"] == [] or works(s.connect())
    return run


def psk_session(s: Controlled, hint: str, key: str) -> bool:
    return subprocess.run(
        [REQUESTER, "--connect", f"unix:{s.path}", "session", "--psk",
         "--psk-hint", f"text:{hint}", "--psk-secret", f"text:{key}"],
        capture_output=True, timeout=PATIENCE, check=False).returncode == 0


def keys_come_and_go() -> bool:
    with controlled() as s:
        c = s.control()
        before = psk_session(s, "new", "first")
        good = c.ask("set-psk", value="text:new=text:first")["ok"] and \
            psk_session(s, "new", "first")
        good &= c.ask("set-psk", value="text:new=text:second")["ok"] and \
            psk_session(s, "new", "second") and \
            not psk_session(s, "new", "first")
        good &= c.ask("set-psk", value="text:new=remove")["ok"]
        return good and not before and not psk_session(s, "new", "second")


def capabilities_go() -> bool:
    """The session goes on as agreed; the next connection has none."""
    with with_events() as s:
        r = Requester(s, "WAIT", "measurements", "end-session", "connect",
                      "digests", "certificate", "!key-exchange")
        assert s.control().ask("set-capabilities",
                               value="CERT;CHAL;MEAS_SIG")["ok"]
        return "END_SESSION_ACK" in r.go_on()


def version_is_set() -> bool:
    with controlled() as s:
        assert s.control().ask("set-firmware-version", value="7.7.7")["ok"]
        out = subprocess.run(
            [REQUESTER, "--connect", f"unix:{s.path}", "run", "connect",
             "digests", "certificate", "measurements:raw"],
            capture_output=True, text=True, timeout=PATIENCE,
            check=False).stdout
        return '"7.7.7"' in out


def reset_is_a_reset() -> bool:
    with controlled() as s:
        client, c = s.connect(), s.control()
        assert works(client)
        good = c.ask("reset") == {"ok": True}
        state = c.ask("info")["clients"][0]["state"]
        return good and state == "not-started" and works(client)


def quit_with_clients() -> bool:
    with controlled() as s:
        client = s.connect()
        client.sendall(frame(NORMAL, DOE, DOE_GET_VERSION)[:-1])
        good = s.control().ask("quit")["ok"]
        return good and s.process.wait(PATIENCE) == 0 and is_closed(client)


ROWS: list[tuple[str, Callable[[], bool]]] = [
    ("the control socket is its user's alone", is_private),
    ("quit ends the server and removes its sockets", is_removed),
    ("commands lists what there is", lists_commands),
    ("mistakes are answered in one line each", mistakes_are_refused),
    ("every beginning of a command is harmless",
     every_beginning_is_harmless),
    ("a line too long ends its client alone", line_too_long),
    ("a client that reads no answers waits alone", deaf_client),
    ("one client too many is closed, the others go on", too_many),
    ("many lines in one piece are answered in turn",
     many_lines_in_one_piece),
    ("a socket that cannot be is one line", busy_path),
    ("info tells of clients and their connections", info_tells),
    ("a fault plan is set, counted, refused and cleared",
     plan_is_set_and_cleared),
    ("reset resets the connections of all clients", reset_is_a_reset),
    ("quit does not wait for clients", quit_with_clients),
    ("a measurement that was set is what a requester reads", measured_anew),
    ("a requester that subscribed hears of it",
     event_comes("set-measurement", "3:text:2.0.0", "MeasurementChanged")),
    ("... and of an update under way",
     event_comes("set-measurement", "pending:3:text:2.0.0",
                 "MeasurementPreUpdate")),
    ("a slot that was erased is one, too",
     event_comes("set-certificate", "0:erase", "CertificateChanged")),
    ("a firmware version that was set is what a requester reads",
     version_is_set),
    ("pre-shared keys are added, replaced and removed", keys_come_and_go),
    ("capabilities that go are gone from the next connection on",
     capabilities_go),
    ("TerminationPolicy ends the session", termination_policy),
    ("abort ends every session", aborted()),
    ("... those of one client", aborted(client=2)),
    ("... or one session", aborted(session=1)),
    ("abort: silent", by_manner("silent", "no answer", 0, "connect")),
    ("... with ERROR Unspecified",
     by_manner("error", "ERROR Unspecified", 1, "connect")),
    ("... with ERROR DecryptError",
     by_manner("decrypt-error", "ERROR DecryptError", 1, "connect")),
    ("... with ERROR RequestSessionTerminated, or what a version has of it",
     by_manner("terminated", "ERROR ", 1, "connect")),
    ("... with ERROR RequestResynch",
     by_manner("resynch", "ERROR RequestResynch", 1, "connect")),
    ("... by a reset", by_manner("reset", "no answer", 0, "connect")),
    ("... by closing the connection",
     by_manner("close", "failed as it has to", 0)),
]

if __name__ == "__main__":
    sys.exit(main(ROWS))
