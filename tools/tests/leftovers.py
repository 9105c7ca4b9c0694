#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""No key of a session that has ended is left in either tool's process, as TAP.

Searched is what a core dump would hold (qspdm/coredump.py) for all that the key
schedule makes.  That the search finds what is there is shown with sessions
that are open.

usage: leftovers.py SPDM-REQUESTER SPDM-RESPONDER
"""
import contextlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "guest-tests"))

from control import Controlled  # noqa: E402
from server import PATIENCE, REQUESTER, main  # noqa: E402

from qspdm import coredump  # noqa: E402

NIC = Path(__file__).resolve().parents[2] / "configs" / "nic.ini"
VERSION = 0x14
SIGMA = ["connect", "digests", "certificate", "key-exchange"]
PSK = ["connect", "psk-exchange"]
SECRET = ["--psk-hint", "nic",
          "--psk-secret", "text:qemu-spdm nic test key, not secret"]
OPEN, OPEN_PSK = SIGMA + ["finish"], PSK + ["psk-finish"]
DATA = [f"data-{end}{what}" for end in ("requester", "responder")
        for what in ("", " key", " IV")]
HANDSHAKE = [f"handshake-{end}{what}" for end in ("requester", "responder")
             for what in ("", " key", " IV", " finished key")]


class Pair:
    """A responder, and a requester that stops where it is told to."""

    def __init__(self, s: Controlled, requests: list[str], words: list[str]):
        self.server = s
        self.dir = Path(s.dir.name)
        self.control = s.control()
        steps = [f"wait:file={self.dir}/{r[1:]}" if r[0] == "@" else r
                 for r in requests]
        self.requester = subprocess.Popen(
            [REQUESTER, "--connect", f"unix:{s.path}", "--quiet",
             "--timeout", "20", *SECRET, *words, "run", *steps],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def at(self, place: str) -> None:
        def there() -> bool:
            assert self.requester.poll() is None, \
                (self.requester.stdout or sys.stdin).read()
            return (self.dir / place).exists()
        coredump.wait_for(there, f"it comes to {place}")

    def go_on(self, place: str) -> None:
        (self.dir / place).unlink()

    def secrets(self) -> coredump.Secrets:
        logs = coredump.read_key_log(self.dir / "keys", VERSION)
        assert len(logs) == 1, f"sessions: {list(logs)}"
        return next(iter(logs.values()))

    def sessions(self) -> int:
        info = self.control.ask("info")
        return sum(len(c["sessions"]) for c in info["clients"] + info["kept"])

    def has(self, pid: int, wanted: list[str]) -> bool:
        secrets = self.secrets()
        found = [n for n in coredump.find(pid, secrets) if "hex" not in n]
        missing = [n for n in wanted if n not in found]
        others = [n for n in found if n not in wanted]
        for what, names in (("not found", missing), ("found", others)):
            if names:
                print(f"# {what}: {', '.join(names)}")
        return not missing and not others

    def is_clean(self, pid: int) -> bool:
        secrets = self.secrets()
        found = coredump.find(pid, secrets)
        if found:
            print(f"# found: {', '.join(found)}")
        return not found and len(secrets) >= 10


@contextlib.contextmanager
def pair(requests: list[str], *words: str,
         server: tuple[str, ...] = (),
         heartbeat: int = 100) -> Iterator[Pair]:
    with tempfile.TemporaryDirectory() as name:
        profile = Path(name) / "device.ini"
        profile.write_text(re.sub(
            "(?m)^dhe=", "dhe=FFDHE3072;",
            re.sub("period=.*", f"period={heartbeat}", NIC.read_text())))
        more = [*server, "--profile", str(profile)]
        s = Controlled("--keylog", "DIR/keys", *more)
        p = Pair(s, requests, list(words))
        try:
            yield p
        finally:
            p.requester.kill()
            p.requester.wait()
            s.close()


Check = Callable[[], bool]


# ---- what is there while a session is open --------------------------------

def found_while(requests: list[str], wanted: list[str]) -> Check:
    """In both processes."""
    def run() -> bool:
        with pair(requests + ["@here"]) as p:
            p.at("here")
            return p.has(p.server.process.pid, wanted) & \
                p.has(p.requester.pid, wanted)
    return run


# ---- what is there afterwards ---------------------------------------------

def both_after(requests: list[str], *words: str) -> Check:
    """The requests end the session; both processes are alive."""
    def run() -> bool:
        with pair(requests + ["@end"], *words) as p:
            p.at("end")
            coredump.wait_for(lambda: p.sessions() == 0, "no session is left")
            return p.is_clean(p.server.process.pid) & \
                p.is_clean(p.requester.pid)
    return run


def responder_after(how: Callable[[Pair], None],
                    requests: list[str]) -> Check:
    def run() -> bool:
        with pair(requests + ["@open", "forget", "@end"]) as p:
            p.at("open")
            assert p.sessions() == 1, "a session is open"
            how(p)
            coredump.wait_for(lambda: p.sessions() == 0, "no session is left")
            return p.is_clean(p.server.process.pid)
    return run


def aborted(p: Pair) -> None:
    assert p.control.ask("abort")["ended"] == 1


def reset(p: Pair) -> None:
    assert p.control.ask("reset")["ok"]


def client_dies(p: Pair) -> None:
    p.requester.kill()
    p.requester.wait()


def heartbeat_missed() -> bool:
    with pair(OPEN + ["@end"], heartbeat=1) as p:
        p.at("end")
        coredump.wait_for(lambda: p.sessions() == 0, "the heartbeat is missed")
        return p.is_clean(p.server.process.pid)


def client_gone() -> bool:
    with pair(OPEN + ["@open"]) as p:
        p.at("open")
        client_dies(p)
        coredump.wait_for(lambda: not p.control.ask("info")["clients"],
                        "the client is gone")
        return p.is_clean(p.server.process.pid)


def requester_is_lied_to(plan: str, requests: list[str]) -> Check:
    """It ends the handshake itself, and forgets the session."""
    def run() -> bool:
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "plan"
            path.write_text(plan)
            with pair(requests + ["@end"],
                      server=("--faults", str(path))) as p:
                p.at("end")
                return p.is_clean(p.requester.pid)
    return run


WRONG_SIGNATURE = ("[rule s]\non=tx-msg\nmessage=KEY_EXCHANGE_RSP\n"
                   "xor=Signature[0]=1\n")
ERROR_TO_FINISH = ("[rule f]\non=rx-msg\nmessage=FINISH\n"
                   "error=Unspecified\n")
UPDATED = OPEN + ["key-update:all", "vendor", "end-session"]

ROWS: list[tuple[str, Check]] = [
    ("handshake keys are found during a handshake",
     found_while(SIGMA, HANDSHAKE + ["handshake secret"])),
    ("handshake keys are found during a PSK handshake",
     found_while(PSK, HANDSHAKE + ["handshake secret"])),
    ("data keys are found in an open session, and nothing older",
     found_while(OPEN, DATA + ["export-master"])),
    ("data keys are found in an open PSK session, and nothing older",
     found_while(OPEN_PSK, DATA + ["export-master"])),
    ("no key is left after END_SESSION, on either side",
     both_after(OPEN + ["heartbeat", "end-session"])),
    ("no key is left after END_SESSION of a PSK session, on either side",
     both_after(OPEN_PSK + ["heartbeat", "end-session"])),
    ("no key, old or new, is left after KEY_UPDATE and END_SESSION",
     both_after(UPDATED)),
    ("no key is left after FFDHE and ChaCha20-Poly1305",
     both_after(OPEN + ["heartbeat", "end-session"], "--dhe", "ffdhe3072",
                "--aead", "chacha20-poly1305")),
    ("no key is left after P-256 and SHA-256",
     both_after(OPEN + ["heartbeat", "end-session"], "--dhe", "secp256r1",
                "--hash", "sha-256")),
    ("no key is left after GET_VERSION began anew",
     both_after(OPEN + ["version"])),
    ("no key is left when the device aborts", responder_after(aborted, OPEN)),
    ("no key is left when the device aborts a handshake",
     responder_after(aborted, SIGMA)),
    ("no key is left when the device aborts a PSK handshake",
     responder_after(aborted, PSK)),
    ("no key is left after a platform reset", responder_after(reset, OPEN)),
    ("no key is left when the heartbeat is missed", heartbeat_missed),
    ("no key is left when the requester dies", client_gone),
    ("no key is left after FINISH with a wrong MAC",
     both_after(SIGMA + ["!raw:14e500000000" + "00" * 48 + ",session=1",
                         "forget"])),
    ("no key is left in a requester that a wrong signature stops",
     requester_is_lied_to(WRONG_SIGNATURE, SIGMA[:-1] + ["!key-exchange"])),
    ("no key is left in a requester whose FINISH fails",
     requester_is_lied_to(ERROR_TO_FINISH, SIGMA + ["!finish"])),
]


if __name__ == "__main__":
    sys.exit(main(ROWS))
