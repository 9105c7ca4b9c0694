# SPDX-License-Identifier: GPL-2.0-or-later
"""Where cases run: what the host's socket and the guest's DOE share."""
import json
import os
import re
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .case import Case
from .verdict import Outcome, Said, Says, Seen, judge

SKIP_EXIT = 77              # automake's "this cannot be tested here"
SIGNAL_EXIT = 128           # a shell's exit status for one
LADDER = 120                # lines of one
MOST_EVENTS = 240           # of a case that are kept
MOST_KEYS = 64 << 10        # bytes of its key log
KEPT = 400                  # characters of a requester's last words
WORD = re.compile(r"^verdict: (ok|error|skip)\b[ :]*(.*)$")
CHECK = re.compile(r"\(([a-z0-9-]+)\)\s*$")


@dataclass(frozen=True)
class Limits:
    """Seconds."""
    case: float = 20.0      # then the requester is hung
    answer: float = 2.0     # for spdm-requester's --timeout


@dataclass(frozen=True)
class Ran:
    """A command that came to its end, or was ended."""
    exit: int
    signal: int
    timed_out: bool
    out: str
    err: str
    seconds: float


def last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][-KEPT:] if lines else ""


def said(ran: Ran) -> Said:
    """The contract of docs/campaign.rst: a last line, or an exit status."""
    text = last_line(ran.err) or last_line(ran.out)
    word = WORD.match(last_line(ran.out))
    if ran.timed_out:
        return Said(Says.HUNG, f"no end after {ran.seconds:.0f} s; {text}",
                    ran.seconds)
    died = ran.signal or (ran.exit - SIGNAL_EXIT
                          if ran.exit > SIGNAL_EXIT else 0)
    if died:
        return Said(Says.CRASHED, f"signal {died}; {text}", ran.seconds)
    if word:
        return Said(Says(word.group(1)), word.group(2) or text, ran.seconds)
    if ran.exit == SKIP_EXIT:
        return Said(Says.SKIP, text, ran.seconds)
    check = CHECK.search(text)
    return Said(Says.ERROR if ran.exit else Says.OK,
                text if ran.exit else "exit 0", ran.seconds,
                check.group(1) if check and ran.exit else "")


def run_command(argv: Sequence[str], env: dict[str, str], limit: float,
                cwd: Path | None = None) -> Ran:
    """On the host, in a process group of its own."""
    begin = time.monotonic()
    process = subprocess.Popen(
        argv, env=os.environ | env, stdin=subprocess.DEVNULL, cwd=cwd,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        errors="replace", start_new_session=True)
    timed_out = False
    try:
        out, err = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        timed_out = True
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
    code = process.returncode
    return Ran(max(code, 0), max(-code, 0), timed_out, out, err,
               time.monotonic() - begin)


def environment(case: Case, limits: Limits, **more: str) -> dict[str, str]:
    """What every requester is told; docs/campaign.rst lists it."""
    return {"SPDM_CASE": case.name, "SPDM_CLASS": case.letter,
            "SPDM_FLOW": case.flow, "SPDM_PROFILE": case.profile,
            "SPDM_VERSION": case.version, "SPDM_TIMEOUT": f"{limits.answer:g}",
            **more}


def fill(command: Sequence[str], values: dict[str, str]) -> list[str]:
    """{connect}, {bdf}, {flow}, ... of a requester's command line."""
    def put(word: str) -> str:
        for key, value in values.items():
            word = word.replace("{" + key + "}", value)
        return word

    return [put(word) for word in command]


# ---- what the device tells -----------------------------------------------

def read_events(path: Path, begin: int = 0) -> list[dict]:
    """JSON lines from there on; the last may be cut off."""
    events = []
    try:
        with path.open("rb") as file:
            file.seek(begin)
            text = file.read()
    except OSError:
        return []
    for line in text.splitlines():
        try:
            events.append(json.loads(line))
        except ValueError:
            continue
    return events


def requests_after_fault(events: list[dict],
                         rules: bool = True) -> tuple[str, ...]:
    """Requests that came once a rule had fired, in their order.

    Without rules the plan has lies of the provider only, which are told from
    the beginning.
    """
    requests, fired = [], not rules
    for event in events:
        if event.get("event") == "fault":
            fired = True
        elif fired and event.get("event") == "message" and \
                event.get("from") == "requester":
            requests.append(event.get("name", "?"))
    return tuple(requests)


def fired_in(events: list[dict]) -> dict[str, int]:
    """How often each rule did, where the device cannot be asked any more."""
    return dict(Counter(event.get("rule", "?") for event in events
                        if event.get("event") == "fault"))


def _rung(event: dict) -> str:
    """What an event says in a line, or nothing."""
    kind = event.get("event")
    if kind == "message":
        shaft = "==" if event.get("secured") else "--"
        ours = event.get("from") == "requester"
        words = [f"{shaft}>" if ours else f"<{shaft}",
                 event.get("name", f"code {event.get('code', 'none')}"),
                 event.get("text", "")]
        return " ".join(words).rstrip()
    if kind == "fault":
        return f"    *** {event.get('rule')}: {event.get('action')}"
    if kind == "session":
        why = f": {event['why']}" if event.get("why") else ""
        return f"    session {event.get('session')} {event.get('state')}{why}"
    if kind in ("abort", "doe", "note"):
        words = [str(event[key]) for key in ("who", "what", "why", "text")
                 if event.get(key)]
        return f"    {kind}: {', '.join(words)}"
    return ""


def read_from(path: Path, begin: int) -> str:
    """A log's text from there on, not too much of it."""
    try:
        with path.open("rb") as file:
            file.seek(begin)
            return file.read(MOST_KEYS).decode(errors="replace")
    except OSError:
        return ""


def size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def kept(events: list[dict]) -> tuple[dict, ...]:
    """What a page draws of them; a requester may go round for ever."""
    return tuple(events[:MOST_EVENTS])


def ladder(events: list[dict]) -> tuple[str, ...]:
    rungs = [rung for rung in map(_rung, events) if rung]
    left = len(rungs) - LADDER
    return tuple(rungs[:LADDER] +
                 ([f"    ... and {left} more"] if left > 0 else []))


class Place(ABC):
    """A device that misbehaves, and a requester beside it."""

    name = ""

    def __enter__(self) -> "Place":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @abstractmethod
    def start(self) -> None: ...

    @abstractmethod
    def stop(self) -> None: ...

    def facts(self) -> dict[str, object]:
        """About the place, for the report."""
        return {}

    @abstractmethod
    def run(self, case: Case) -> tuple[Said, Seen]: ...

    def judge(self, case: Case) -> Outcome:
        try:
            return judge(case, *self.run(case))
        except PlaceError as error:
            return judge(case, Said(Says.ERROR, str(error)),
                         Seen(trouble=str(error)))


class PlaceError(Exception):
    """The device or the machine failed, not the requester."""
