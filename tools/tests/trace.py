#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""spdm-trace on what spdm-responder records, as TAP.

usage: trace.py SPDM-REQUESTER SPDM-RESPONDER SPDM-TRACE
"""
import html.parser
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

REQUESTER, RESPONDER, TRACE = sys.argv[1:4]
SESSION = ["session", "--sigma", "--key-update", "all", "--measurements"]
ABORTS = ["abort", "--by", "bad-finish,bad-record"]
DIR = Path(tempfile.mkdtemp(prefix="qspdm-"))
SECONDS = 30


def record(name: str, words: list[str], *more: str, kill: bool = False
           ) -> dict[str, Path]:
    """Has a requester talk, and the responder record it."""
    files = {kind: DIR / f"{name}.{kind}" for kind in ("events", "pcap",
                                                       "keylog")}
    ready = DIR / f"{name}.ready"
    server = subprocess.Popen(
        [RESPONDER, "--unix", DIR / f"{name}.sock", "--ready-file", ready,
         "--keep-running", *more,
         *(f"--{kind}={path}" for kind, path in files.items())],
        stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + SECONDS
        while not ready.exists() and time.monotonic() < end:
            time.sleep(0.01)
        subprocess.run([REQUESTER, "--connect", f"unix:{DIR / name}.sock",
                        *words], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, timeout=SECONDS)
    finally:
        (server.kill if kill else server.terminate)()
        server.wait()
    return files


def trace(*words: str | Path) -> subprocess.CompletedProcess:
    return subprocess.run([TRACE, *words], capture_output=True, text=True,
                          timeout=SECONDS)


def true(condition: bool, what: str) -> None:
    if not condition:
        raise AssertionError(what)


def ladder(files: dict[str, Path], kind: str) -> str:
    done = trace(files[kind], "--keys", files["keylog"])
    true(done.returncode == 0 and not done.stderr, done.stderr)
    return done.stdout


def both_tell_the_same(files: dict[str, Path]) -> None:
    """But for what only events know: sessions, and who ended them."""
    lines = [[line[13:70] for line in ladder(files, kind).splitlines()
              if line[13:16] in ("-->", "<--", "==>", "<==")]
             for kind in ("events", "pcap")]
    true(lines[0] == lines[1] and len(lines[0]) == 22, str(lines))


def verified(files: dict[str, Path]) -> None:
    out = ladder(files, "pcap")
    for what in ("chain, digest", "Signature, ResponderVerifyData",
                 "RequesterVerifyData"):
        true(f"verified: {what}\n" in out, f"{what}: {out}")
    true("!!" not in out, out)


def fields(files: dict[str, Path]) -> None:
    done = trace(files["pcap"], "--keys", files["keylog"], "--fields")
    for name in ("ReqSessionID", "ExchangeData", "ResponderVerifyData",
                 "MeasurementRecord"):
        true(name in done.stdout, name)


def without_keys(files: dict[str, Path]) -> None:
    out = trace(files["pcap"]).stdout
    true(out.count("its keys are not known") == 10 and "!!" not in out, out)


def explains(files: dict[str, Path]) -> None:
    for kind in ("events", "pcap"):
        out = ladder(files, kind)
        true("the responder stopped here: RequesterVerifyData does not match "
             "the transcript" in out, out)
        true("stopped here: the record does not open" in out or
             "stopped here: a record did not open" in out, out)


def requester_side(files: dict[str, Path]) -> None:
    """What the requester saw is what the responder saw, and is verified."""
    own = {kind: DIR / f"own.{kind}" for kind in files}
    record("own-peer", [*(f"--{kind}={path}" for kind, path in own.items()),
                        *SESSION])
    for kind in ("events", "pcap"):
        lines = [[line[13:70] for line in ladder(f, kind).splitlines()
                  if line[13:16] in ("-->", "<--", "==>", "<==")]
                 for f in (own, files)]
        shapes = [[line.split()[1] for line in side] for side in lines]
        true(shapes[0] == shapes[1] and len(shapes[0]) == 22, str(lines))
    verified(own)
    first = json.loads(own["events"].read_text().splitlines()[0])
    true(first["device"] == "spdm-requester" and
         "connection" not in first, str(first))


def each_client_a_ladder(_: dict[str, Path]) -> None:
    files = {"events": DIR / "two.events", "keylog": DIR / "two.keylog"}
    ready, sock = DIR / "two.ready", DIR / "two.sock"
    server = subprocess.Popen(
        [RESPONDER, "--unix", sock, "--ready-file", ready, "--keep-running",
         *(f"--{kind}={path}" for kind, path in files.items())],
        stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + SECONDS
        while not ready.exists() and time.monotonic() < end:
            time.sleep(0.01)
        for process in [subprocess.Popen(
                [REQUESTER, "--connect", f"unix:{sock}", *SESSION],
                stdout=subprocess.DEVNULL) for _n in range(3)]:
            true(process.wait(SECONDS) == 0, "a session fails")
    finally:
        server.terminate()
        server.wait()
    out = ladder(files, "events")
    for number in (1, 2, 3):
        true(f"spdm-responder, connection {number}: SPDM" in out, out)
    true(out.count("END_SESSION_ACK") == 3 and "!!" not in out and
         "??" not in out, out)


def killed(files: dict[str, Path]) -> None:
    true("END_SESSION_ACK" in ladder(files, "pcap"), "the end is missing")
    true("END_SESSION_ACK" in ladder(files, "events"), "the end is missing")


def dump_command(files: dict[str, Path]) -> None:
    done = trace(files["pcap"], "--keys", files["keylog"], "--dump-command")
    line = [line[2:] for line in files["keylog"].read_text().splitlines()
            if line.startswith("# spdm_dump")][-1]
    true(done.stdout.strip() == line, done.stdout)


class Page(html.parser.HTMLParser):
    """Well-formed, and with nothing that loads or runs."""
    VOID = {"meta"}

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.count: dict[str, int] = {}

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.count[tag] = self.count.get(tag, 0) + 1
        true(tag not in ("script", "img", "link", "iframe", "object"), tag)
        for name, value in attrs:
            true(not name.startswith("on"), name)
            true(name not in ("src", "srcset", "data"), name)
            true(name != "href" or value.startswith("#"), str(value))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        true(bool(self.open) and self.open.pop() == tag, f"</{tag}>")


def read_page(*words: str | Path) -> tuple[Page, str]:
    path = DIR / "page.html"
    done = trace("--quiet", "--html", path, *words)
    true(done.returncode == 0 and not done.stdout, done.stderr)
    page, text = Page(), path.read_text()
    page.feed(text)
    true(not page.open, f"not closed: {page.open}")
    true("url(" not in text and "@import" not in text, "it loads something")
    return page, text


def one_page(files: dict[str, Path]) -> None:
    page, text = read_page(files["events"], "--keys", files["keylog"])
    true(page.count["details"] == text.count("<summary>") > 30,
         str(page.count))
    true("prefers-color-scheme:dark" in text, "no dark look")
    true("RequesterVerifyData does not match the transcript" in text, "why")


def escaped(_: dict[str, Path]) -> None:
    path = DIR / "evil.events"
    path.write_text('{"event":"fault","us":1,"device":"<b>&\\"d","rule":'
                    '"</title><script>alert(1)</script>","action":"\\u0001",'
                    '"message":"x"}\n'
                    '{"event":"note","us":2,"device":"<b>&\\"d","text":'
                    '"<img src=x onerror=y>"}\n')
    page, text = read_page(path)
    true("&lt;script&gt;" in text, "the rule's name is not there")


def refuses(name: str, data: bytes | None, why: str
            ) -> Callable[[dict[str, Path]], None]:
    def check(_: dict[str, Path]) -> None:
        path = DIR / name
        if data is not None:
            path.write_bytes(data)
        done = trace(path)
        true(done.returncode == 1, f"exit status {done.returncode}")
        true(len(done.stderr.splitlines()) == 1 and why in done.stderr,
             done.stderr)
    return check


def cut_anywhere(files: dict[str, Path]) -> None:
    """At every length: a ladder up to there, at most one line of why."""
    for kind in ("pcap", "events"):
        whole = files[kind].read_bytes()
        for length in range(0, len(whole), 97):
            path = DIR / "cut"
            path.write_bytes(whole[:length])
            done = trace(path, "--keys", files["keylog"])
            true(done.returncode in (0, 1), f"{kind} of {length} bytes: "
                 f"exit status {done.returncode}")
            true(len(done.stderr.splitlines()) == done.returncode,
                 done.stderr)


def changed_anywhere(files: dict[str, Path]) -> None:
    draw = random.Random(7)
    for kind in ("pcap", "events", "keylog"):
        whole = files[kind].read_bytes()
        for _ in range(60):
            data = bytearray(whole)
            for _k in range(3):
                data[draw.randrange(len(data))] = draw.randrange(256)
            path = DIR / "changed"
            path.write_bytes(data)
            done = (trace(files["pcap"], "--keys", path) if kind == "keylog"
                    else trace(path, "--keys", files["keylog"],
                               "--html", DIR / "changed.html"))
            true(done.returncode in (0, 1), f"exit {done.returncode}")
            true(len(done.stderr.splitlines()) <= 1, done.stderr)


HEADER = bytes.fromhex("d4c3b2a1 0200 0400 00000000 00000000 00000100")
ROWS: list[tuple[str, str, Callable[[dict[str, Path]], None]]] = [
    ("events and capture tell the same", "good", both_tell_the_same),
    ("what an honest connection claims is verified", "good", verified),
    ("fields are printed by their names", "good", fields),
    ("without keys records stay closed, and nobody is blamed", "good",
     without_keys),
    ("MCTP is read as well", "mctp", verified),
    ("the requester's own record tells the same", "good", requester_side),
    ("clients that talk at once have a ladder each", "good",
     each_client_a_ladder),
    ("of a responder that is killed all is there", "killed", killed),
    ("the command line is that of the key log", "good", dump_command),
    ("an abort is explained, from events and from a capture", "bad",
     explains),
    ("one page of HTML, well-formed, that loads nothing", "bad", one_page),
    ("names from outside are escaped in it", "good", escaped),
    ("a file that is not there is refused", "good",
     refuses("absent", None, "No such file")),
    ("an empty file is refused", "good", refuses("empty", b"", "empty")),
    ("rubbish is refused", "good",
     refuses("rubbish", bytes(range(256)) * 8, "line 1")),
    ("a capture of another link type is refused", "good",
     refuses("ethernet", HEADER + b"\1\0\0\0", "link type is 1")),
    ("a capture with a packet too large is refused", "good",
     refuses("large", HEADER + b"\x24\1\0\0" + b"\xff" * 16, "cannot be")),
    ("a line that is no event is refused", "good",
     refuses("noevent", b'{"a":1}\n', 'it has no "event"')),
    ("files cut anywhere are read up to there", "good", cut_anywhere),
    ("files changed anywhere do no harm", "good", changed_anywhere),
]


def main() -> int:
    bad = 0
    files = {
        "good": record("good", SESSION),
        "mctp": record("mctp", ["--transport", "mctp", *SESSION]),
        "bad": record("bad", ABORTS),
        "killed": record("killed", SESSION, kill=True),
    }
    print(f"1..{len(ROWS)}")
    for number, (sentence, which, check) in enumerate(ROWS, 1):
        try:
            check(files[which])
            print(f"ok {number} - {sentence}")
        except (AssertionError, OSError, subprocess.TimeoutExpired) as error:
            bad += 1
            print(f"not ok {number} - {sentence}")
            for line in str(error).splitlines()[:40]:
                print(f"# {line}")
    subprocess.run(["rm", "-rf", DIR], check=False)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
