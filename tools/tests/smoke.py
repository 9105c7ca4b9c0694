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

# A device with several keys, one of which is not there yet.
KEYS = """[spdm]
capabilities=CERT;CHAL;ENCRYPT;MAC;KEY_EX;MULTI_KEY_NEG;GET_KEY_PAIR_INFO;\
SET_KEY_PAIR_INFO
[algorithms]
asym=ECDSA-P384
[slot 0]
[slot 1]
[key-pair 1]
asym=ECDSA-P384
slots=0
[key-pair 2]
asym=ECDSA-P384
slots=1
capabilities=CERT_ASSOC
[key-pair 3]
asym=ECDSA-P384
empty=true
capabilities=GEN_KEY;ERASABLE;CERT_ASSOC;KEY_USAGE
"""
MOVE = ["set-key-pair:id=2,op=change,slots=none",
        "set-key-pair:id=3,op=generate,asym=ECC-P384,usage=CHALLENGE,slots=1"]
BACK = ["set-key-pair:id=3,op=change,slots=none",
        "set-key-pair:id=3,op=erase",
        "set-key-pair:id=2,op=change,slots=1"]
KEY_ROWS = [
    ("key pairs", ["run", "connect", "key-pairs"], 0,
     "key pair   3: none, slots none, for KEY_EX+CHALLENGE; allows "
     "GEN_KEY+ERASABLE+CERT_ASSOC+KEY_USAGE"),
    ("several keys are asked for", ["discover"], 0, "responder multi-key"),
    ("one key is asked for", ["--json", "--no-multi-key", "discover"], 0,
     '"multi_key":false'),
    ("a key is made and used, and goes again in a session",
     ["run", "connect", *MOVE, "digests", "certificate:slot=1",
      "challenge:slot=1", "!key-exchange:slot=1", "certificate:slot=0",
      "key-exchange", "finish", "key-pairs", *BACK, "key-pairs",
      "end-session"],
     0, "KEY_PAIR_INFO key pair 3 of 3, ECC-P384, slots 1, usage CHALLENGE "),
    ("the key is gone then", ["run", "connect", "key-pairs"], 0,
     "KEY_PAIR_INFO key pair 3 of 3, none, slots none, usage CHALLENGE "),
    ("a key that may not be erased",
     ["run", "connect", "set-key-pair:id=1,op=erase"], 4, "InvalidRequest"),
    ("a change without slots",
     ["run", "connect", "set-key-pair:id=2,op=change"], 2, "needs slots="),
    ("an erasure with slots",
     ["run", "connect", "set-key-pair:id=3,op=erase,slots=1"], 2, "id only"),
    ("a key pair without a number", ["run", "set-key-pair:op=erase"], 2,
     "id is a number"),
    ("an unknown operation", ["run", "set-key-pair:id=1,op=swap"], 2,
     "generate"),
    ("an unknown usage",
     ["run", "set-key-pair:id=1,op=change,slots=0,usage=ALL"], 2,
     "MEASUREMENT"),
]


def start(tmp: Path, name: str, profile: str = "nic") -> subprocess.Popen[str]:
    server = subprocess.Popen(
        [RESPONDER, "--unix", tmp / name, "--profile", profile,
         "--identity-out", tmp / f"{name}.pem"],
        stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    server.stdout.readline()
    return server


def ask(tmp: Path, words: list[str],
        transport: str = "doe", server: str = "a",
        ) -> subprocess.CompletedProcess[str]:
    files = {"@root": tmp / "a.pem", "@other": tmp / "b.pem",
             "@chain": tmp / "chain"}
    return subprocess.run(
        [REQUESTER, "--connect", f"unix:{tmp / server}", "--transport",
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
        (tmp / "keys.ini").write_text(KEYS)
        servers = [start(tmp, "a"), start(tmp, "b"),
                   start(tmp, "k", str(tmp / "keys.ini"))]
        print(f"1..{len(ROWS) + len(KEY_ROWS) + 5}")
        good = True
        for number, (title, words, status, text) in enumerate(ROWS, 1):
            good &= result(number, title,
                           judge(ask(tmp, words), status, text))
        for number, (title, words, status, text) in \
                enumerate(KEY_ROWS, len(ROWS) + 1):
            good &= result(number, title,
                           judge(ask(tmp, words, server="k"), status, text))
        n = len(ROWS) + len(KEY_ROWS)
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
        for server in servers[1:]:
            server.kill()
            server.wait()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
