#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Both tools against each other over a Unix socket, as TAP.

usage: smoke.py SPDM-REQUESTER SPDM-RESPONDER
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

REQUESTER, RESPONDER = sys.argv[1:3]
PSK = ["--psk", "--psk-hint", "nic",
       "--psk-secret", "text:qemu-spdm nic test key, not secret"]
EVERYTHING = ["run", "connect", "digests", "certificate:portion=200",
              "challenge:summary=all", "measurements:index=count",
              "measurements:index=2,raw", "measurements:index=all,sign",
              "key-exchange:summary=tcb", "finish", "key-exchange", "finish",
              "vendor:text=a,session=1", "key-update:all,session=2",
              "key-update:session=1", "digests:session=2",
              "heartbeat:session=1", "!raw:14e00063", "!finish",
              "end-session:session=1", "end-session:clear,session=2"]

# Words, exit status, and what stdout or stderr has to contain.
ROWS = [
    ("discover", ["discover"], 0, "agreed on 1.4"),
    ("attest", ["attest"], 0, "attested (but any root"),
    ("attest up to a root", ["attest", "--trust", "@root"], 0, "trusted"),
    ("another root", ["attest", "--trust", "@other"], 5, "chain-trust"),
    ("another name", ["attest", "--cma-name", "Vendor=0000"], 5,
     "chain-cma-name"),
    ("sigma", ["session", "--sigma", "--heartbeat", "2", "--key-update",
               "all", "--vendor-echo", "hi", "--measurements"], 0,
     "END_SESSION_ACK"),
    ("psk", ["session", *PSK, "--key-update", "update"], 0,
     "PSK_FINISH_RSP"),
    ("psk with another secret", ["session", "--psk", "--psk-hint", "nic",
                                 "--psk-secret", "x"], 5, "psk-verify"),
    ("psk without a secret", ["session", "--psk"], 2, "--psk-secret"),
    ("a session is held", ["session", "--hold", "0.2"], 0, "END_SESSION"),
    ("aborts", ["abort"], 0, "serves a new connection"),
    ("aborts of psk", ["abort", "--by", "bad-finish,bad-record", *PSK], 0,
     "its keys are wiped"),
    ("an unknown abort", ["abort", "--by", "magic"], 2, "no such manner"),
    ("everything", EVERYTHING, 0, "MEASUREMENTS 5 blocks"),
    ("1.1 without encryption", ["session", "--version", "1.1",
                                "--no-encrypt"], 0, "FINISH_RSP"),
    ("a downgrade that policy refuses",
     ["discover", "--require", "ALIAS_CERT"], 5, "caps-policy"),
    ("no common algorithm", ["discover", "--dhe", "FFDHE4096"], 4,
     "NEGOTIATE_ALGORITHMS"),
    ("an ERROR", ["run", "connect", "raw:14e00063"], 4, "ERROR"),
    ("what had to fail did not", ["run", "!connect"], 6, "should have"),
    ("an unknown request", ["run", "connekt"], 2, "is no request"),
    ("an unknown argument", ["run", "connect:fast"], 2, "takes no"),
    ("an unknown command", ["dance"], 2, "is no command"),
    ("an unknown algorithm", ["discover", "--hash", "MD5"], 2, "SHA-384"),
    ("save a chain", ["attest", "--save-chain", "@chain"], 0, "attested"),
    ("a known chain", ["session", "--sigma", "--chain", "@chain"], 0,
     "FINISH_RSP"),
]


def start(tmp: Path, name: str) -> subprocess.Popen[str]:
    server = subprocess.Popen(
        [RESPONDER, "--unix", tmp / name, "--profile", "nic",
         "--identity-out", tmp / f"{name}.pem"],
        stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    server.stdout.readline()
    return server


def ask(tmp: Path, words: list[str],
        transport: str = "doe") -> subprocess.CompletedProcess[str]:
    files = {"@root": tmp / "a.pem", "@other": tmp / "b.pem",
             "@chain": tmp / "chain"}
    return subprocess.run(
        [REQUESTER, "--connect", f"unix:{tmp / 'a'}", "--transport",
         transport, *(files.get(word, word) for word in words)],
        capture_output=True, text=True, timeout=60, check=False)


def result(number: int, name: str, why: str) -> bool:
    print(f"{'not ok' if why else 'ok'} {number} {name}", flush=True)
    if why:
        print("".join(f"# {line}\n" for line in why.splitlines()), end="")
    return not why


def judge(done: subprocess.CompletedProcess[str], status: int,
          text: str) -> str:
    if done.returncode != status or text not in done.stdout + done.stderr:
        return f"exit {done.returncode}\n{done.stdout}{done.stderr}"
    if status and len(done.stderr.splitlines()) != 1:
        return f"the reason is not one line\n{done.stderr}"
    return ""


def report_is_whole(tmp: Path) -> str:
    done = ask(tmp, ["--json", "session", "--sigma", "--measurements"])
    found = json.loads(done.stdout)
    session = found["sessions"][0]
    good = found["result"] == "ok" and found["exit"] == 0 and \
        session["handshake"] == "sigma" and session["dhe"] and \
        len(found["measurements"]) == 5 and \
        all(step["us"] > 0 for step in found["steps"]) and \
        found["negotiated"]["version"] == "1.4"
    return "" if good else done.stdout


def failure_is_reported(tmp: Path) -> str:
    done = ask(tmp, ["--json", "attest", "--trust", "@other"])
    found = json.loads(done.stdout)
    good = found["check"] == "chain-trust" and found["exit"] == 5 and \
        found["failed_request"] == "GET_CERTIFICATE" and found["reason"]
    return "" if good else done.stdout


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        tmp = Path(name)
        servers = [start(tmp, "a"), start(tmp, "b")]
        print(f"1..{len(ROWS) + 5}")
        good = True
        for number, (title, words, status, text) in enumerate(ROWS, 1):
            good &= result(number, title,
                           judge(ask(tmp, words), status, text))
        n = len(ROWS)
        for transport in "mctp", "none":
            n += 1
            done = ask(tmp, ["session", "--sigma", "--key-update", "all"],
                       transport)
            good &= result(n, f"a session over {transport}",
                           judge(done, 0, "END_SESSION_ACK"))
        good &= result(n + 1, "a JSON report", report_is_whole(tmp))
        good &= result(n + 2, "a JSON report of a failure",
                       failure_is_reported(tmp))
        ask(tmp, ["--shutdown", "discover"])
        good &= result(n + 3, "SHUTDOWN stops the responder",
                       "" if servers[0].wait(10) == 0 else "it did not")
        servers[1].kill()
        servers[1].wait()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
