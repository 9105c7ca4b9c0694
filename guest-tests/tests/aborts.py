# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions that end at the device's side: by its operator in every manner, by
a fault plan, by the bus; and who it was is recorded."""
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from qspdm.agent import Command
from qspdm.env import GUEST
from qspdm.guest import Guest, plain
from qspdm.tap import Row, Suite, equal, true

from .machine import Models, with_heartbeat
from .sessions import AS_BEFORE, HURRY, PATIENCE

WAITS = "/tmp/aborted"
HANG_GUARD = 900        # seconds
# A session that has ended is known by no answer: that row takes so long.
FIRST, SECOND = "endpoint", "pulled"


# ---- a session that waits --------------------------------------------------

def requester(guest: Guest, device: str, *words: str) -> list[str]:
    return ["spdm-requester", *PATIENCE, "--device", guest.bdf(device),
            *words]


def until(what: str, done: Callable[[], bool]) -> None:
    end = time.monotonic() + HANG_GUARD
    while not done():
        true(time.monotonic() < end, what)
        time.sleep(0.1)


def begin(guest: Guest, device: str, *steps: str) -> Command:
    """A requester that has come to WAIT, in its session."""
    guest.sh(f"rm -f {WAITS}")
    command = guest.launch(requester(
        guest, device, "run", "connect", "digests", "certificate",
        "key-exchange", "finish",
        *(step.replace("WAIT", f"wait:file={WAITS}") for step in steps)))
    until("the requester does not come so far", lambda: not command.running
          or guest.run(["test", "-e", WAITS]).ok)
    true(command.running, "the requester has ended early")
    return command


def go_on(guest: Guest, command: Command) -> str:
    guest.sh(f"rm -f {WAITS}")
    result = command.wait()
    true(result.ok, result.describe())
    return result.out


def sessions(guest: Guest, device: str) -> list:
    return guest.qom_get(device, "spdm-status")["sessions"]


def events(device: str, name: str) -> list[dict]:
    lines = event_file(name, device).read_text().splitlines()
    return [json.loads(line) for line in lines]


def event_file(name: str, device: str) -> Path:
    return GUEST / f"{name}.{device}.events"


def aborts(device: str, name: str) -> list[tuple[str, str]]:
    """Who, and why."""
    return [(e["who"], e["why"]) for e in events(device, name)
            if e["event"] == "abort"]


def works(guest: Guest, device: str = FIRST) -> None:
    guest.run(requester(guest, device, "attest"), check=True)


# ---- by the operator -------------------------------------------------------

def by_operator(name: str, manner: str, says: str, left: int, why: str,
                *more: str) -> Callable[[Guest], None]:
    """The requester hears @says; @left sessions until it does."""
    def check(guest: Guest) -> None:
        command = begin(guest, FIRST, "WAIT", AS_BEFORE if left else HURRY,
                        "!measurements", AS_BEFORE, *more, "connect")
        try:
            session = sessions(guest, FIRST)[0]["id"]
            who = 0 if manner in ("resynch", "reset", "close") else session
            guest.qom_set(FIRST, "spdm-abort", f"{who}:{manner}")
            equal(len(sessions(guest, FIRST)), left, "sessions meanwhile")
        finally:
            out = go_on(guest, command)
        true(says in out, f"no {says} in\n{out}")
        equal(sessions(guest, FIRST), [], "sessions after")
        equal(aborts(FIRST, name)[-1],
              ("operator", f"aborted by the operator, {why}"), "event")
        works(guest)
    return check


def as_a_number(guest: Guest) -> None:
    """As of old: an id, silently."""
    command = begin(guest, FIRST, "WAIT", HURRY, "!measurements",
                    AS_BEFORE, "connect")
    try:
        guest.qom_set(FIRST, "spdm-abort", sessions(guest, FIRST)[0]["id"])
        equal(sessions(guest, FIRST), [], "sessions")
    finally:
        go_on(guest, command)


# ---- by a plan -------------------------------------------------------------

def set_plan(guest: Guest, name: str, device: str, text: str) -> None:
    path = GUEST / f"{name}.plan.ini"
    path.write_text(text)
    guest.qom_set(device, "spdm-faults", str(path))


def fired(guest: Guest, device: str) -> dict[str, int]:
    counts = json.loads(guest.qom_get(device, "spdm-fault-counts"))
    return {rule["name"]: rule["fired"] for rule in counts["rules"]}


def plan_resets(name: str) -> Callable[[Guest], None]:
    """As FLR, but for what the function's driver has set up."""
    def check(guest: Guest) -> None:
        config = f"cat /sys/bus/pci/devices/{guest.bdf(FIRST)}/config"
        before = guest.sh(f"{config} | head -c 64 | xxd -p")
        set_plan(guest, name, FIRST, "[rule again]\non = rx-msg\n"
                 "message = HEARTBEAT\nreset = now\nlimit = 1\n")
        command = begin(guest, FIRST, "WAIT", HURRY, "!heartbeat",
                        AS_BEFORE, "connect")
        go_on(guest, command)
        equal(fired(guest, FIRST), {"again": 1}, "fired")
        guest.qom_set(FIRST, "spdm-faults", "")
        equal(aborts(FIRST, name)[-1], ("platform", "platform reset"),
              "event")
        true(any(e["event"] == "fault" and e["rule"] == "again" and
                 e["message"] == "HEARTBEAT" for e in events(FIRST, name)),
             "the rule is no event")
        equal(guest.sh(f"{config} | head -c 64 | xxd -p"), before,
              "the config header")
        works(guest)
    return check


def plan_ends_session(name: str) -> Callable[[Guest], None]:
    def check(guest: Guest) -> None:
        set_plan(guest, name, FIRST, "[rule kill]\non = rx-msg\n"
                 "message = HEARTBEAT\nsession-end = now\nlimit = 1\n")
        go_on(guest, begin(guest, FIRST, "WAIT", HURRY, "!heartbeat",
                           AS_BEFORE, "connect"))
        guest.qom_set(FIRST, "spdm-faults", "")
        equal(aborts(FIRST, name)[-1],
              ("fault plan", "aborted by the fault plan"), "event")
    return check


def is_gone(guest: Guest, device: str, bdf: str) -> bool:
    return not guest.run(
        ["test", "-e", f"/sys/bus/pci/devices/{bdf}"]).ok and any(
            e["event"] == "DEVICE_DELETED" and
            e["data"].get("device") == device for e in guest.events())


def unplugged(name: str, device: str, by_plan: bool
              ) -> Callable[[Guest], None]:
    """In the middle of a session; its end is recorded."""
    def check(guest: Guest) -> None:
        bdf = guest.bdf(device)
        if by_plan:
            set_plan(guest, name, device, "[rule pull]\non = tx-msg\n"
                     "message = HEARTBEAT_ACK\nunplug = after\n")
        command = begin(guest, device, "WAIT", HURRY, "!heartbeat")
        equal(len(sessions(guest, device)), 1, "sessions before")
        if by_plan:         # before its answer is read, or after: who knows
            guest.sh(f"rm -f {WAITS}")
            equal(command.wait().signal, 0, "signal of the requester")
        else:
            guest.qmp("device_del", id=device)
        until(f"{device} is still there",
              lambda: is_gone(guest, device, bdf))
        if not by_plan:
            go_on(guest, command)
        equal(aborts(device, name)[-1], ("bus", "unplugged"), "event")
        true(not by_plan or any(e["event"] == "fault" and
                                e["rule"] == "pull"
                                for e in events(device, name)),
             "the rule is no event")
    return check


# ---------------------------------------------------------------------------

@contextmanager
def boot(qemu: str, models: Models, name: str) -> Iterator[Guest]:
    files = {device: event_file(name, device) for device in (FIRST, SECOND)}
    try:
        # A busy host may miss the heartbeat while a requester waits.
        with Guest(qemu, [plain(models.endpoint, device, spdm_events=path,
                                spdm_profile=with_heartbeat("endpoint", 250))
                          for device, path in files.items()],
                   name=name) as guest:
            yield guest
    finally:
        for path in (*files.values(), GUEST / f"{name}.plan.ini"):
            path.unlink(missing_ok=True)


def rows(name: str) -> list[Row]:
    def operator(*words) -> Callable[[Guest], None]:
        return by_operator(name, *words)

    error = "with ERROR "
    return [
        ("the operator ends a session: without a word",
         operator("silent", "no answer", 0, "without a word")),
        ("... with ERROR Unspecified",
         operator("error", "ERROR Unspecified", 1, f"{error}Unspecified")),
        ("... with ERROR DecryptError",
         operator("decrypt-error", "ERROR DecryptError", 1,
                  f"{error}DecryptError")),
        ("... with ERROR RequestSessionTerminated",
         operator("terminated", "ERROR ", 1,
                  f"{error}RequestSessionTerminated")),
        ("... with ERROR RequestResynch",
         operator("resynch", "ERROR RequestResynch", 1,
                  f"{error}RequestResynch")),
        ("... by a reset of the function",
         operator("reset", "no answer", 0, "by a function reset")),
        ("... with a mailbox in Error",
         operator("close", "failed as it has to", 0,
                  "with a transport failure")),
        ("... by its number alone", as_a_number),
        ("a plan ends a session, and is named", plan_ends_session(name)),
        ("a plan resets the function in a session", plan_resets(name)),
        ("device_del in a session: gone, and the end is recorded",
         unplugged(name, FIRST, False)),
        ("a plan's unplug in a session, likewise",
         unplugged(name, SECOND, True)),
    ]


def suites(qemu: str, models: Models, tag: str) -> list[Suite]:
    name = f"{tag}-aborts"
    return [Suite(f"{tag}: aborts", lambda: boot(qemu, models, name),
                  rows(name))]
