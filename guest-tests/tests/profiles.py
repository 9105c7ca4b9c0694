# SPDX-License-Identifier: GPL-2.0-or-later
"""Devices of several profiles in one machine, and sessions they end."""
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from qspdm.guest import Device, Guest, plain
from qspdm.qmp import QmpError
from qspdm.tap import Row, Suite, equal, true

from .doe import poke
from .machine import Models, with_heartbeat
from .sessions import PATIENCE

HANG_GUARD = 900.0
# From configs/*.ini, which say that they are for tests.
WEBCAM = ("--psk", "--psk-opaque", "text:lens 1", "--psk-derive",
          "text:qemu-spdm webcam test device secret")
FINGERPRINT = ("--psk", "--psk-hint", "text:host-b", "--psk-secret",
               "text:qemu-spdm fingerprint test key B")
SOLDERED = ("--psk", "--psk-hint", "text:board", "--psk-secret",
            "text:qemu-spdm soldered test key")


def devices(models: Models) -> list[Device]:
    names = {"fpga": "fpga", "twin": "fpga", "webcam": "webcam",
             "fingerprint": "fingerprint", "soldered": "soldered",
             "pulse": str(with_heartbeat("fpga", 1))}
    rows = [plain(models.endpoint, id, spdm_profile=profile)
            for id, profile in names.items()]
    return [*rows, plain(models.gpu, "gpu")]


@contextmanager
def boot(qemu: str, models: Models, name: str) -> Iterator[Guest]:
    with Guest(qemu, devices(models), name=name) as guest:
        yield guest


def run(guest: Guest, device: str, *words: str) -> str:
    return guest.run(["spdm-requester", *PATIENCE, "--device",
                      guest.bdf(device), *words], check=True).out


def works(device: str, *words: str) -> Callable[[Guest], None]:
    return lambda guest: true(run(guest, device, *words), "no output")


def status(guest: Guest, device: str) -> dict[str, Any]:
    return guest.qom_get(device, "spdm-status")


def wait_until_alone(guest: Guest, device: str) -> None:
    end = time.monotonic() + HANG_GUARD
    while status(guest, device)["sessions"]:
        true(time.monotonic() < end, f"{device} keeps its session")
        time.sleep(0.05)


def heartbeat_missed(guest: Guest) -> None:
    """The requester is gone; the device notices on the virtual clock."""
    before = status(guest, "pulse")["sessions-ended"]
    run(guest, "pulse", "session", "--sigma", "--no-end")
    wait_until_alone(guest, "pulse")
    true(status(guest, "pulse")["sessions-ended"] > before, "not counted")
    run(guest, "pulse", "attest")


def ended_by_operator(guest: Guest) -> None:
    # Without heartbeats: a busy host may miss one.
    run(guest, "fpga", "--flags", "-HBEAT", "session", "--sigma", "--no-end")
    sessions = status(guest, "fpga")["sessions"]
    equal(len(sessions), 1, "sessions")
    try:
        guest.qom_set("fpga", "spdm-abort", sessions[0]["id"] ^ 1)
    except QmpError as error:
        true("there is no session" in str(error), str(error))
    else:
        raise AssertionError("a session that there is not is aborted")
    equal(len(status(guest, "fpga")["sessions"]), 1, "sessions")
    guest.qom_set("fpga", "spdm-abort", sessions[0]["id"])
    wait_until_alone(guest, "fpga")
    run(guest, "fpga", "session", "--sigma")


def twins_differ(guest: Guest) -> None:
    for device in ("fpga", "twin"):
        run(guest, device, "attest", "--save-chain", f"/tmp/{device}.chain")
    same = guest.run(["cmp", "-s", "/tmp/fpga.chain", "/tmp/twin.chain"])
    true(not same.ok, "two devices have one chain")


def several_sessions(guest: Guest) -> None:
    one = ["key-exchange", "finish"]
    run(guest, "fpga", "run", "connect", "digests", "certificate", *one, *one,
        *one, *one, "heartbeat:session=1", "heartbeat:session=4",
        "key-update:all,session=2", "end-session:session=3",
        "heartbeat:session=2", "end-session:session=1",
        "end-session:session=2", "end-session:session=4")


def known_chain(guest: Guest) -> None:
    """No GET_CERTIFICATE, no CHALLENGE: straight after ALGORITHMS."""
    run(guest, "fpga", "attest", "--save-chain", "/tmp/known.chain")
    out = run(guest, "fpga", "session", "--sigma", "--chain",
              "/tmp/known.chain")
    true("GET_CERTIFICATE" not in out and "FINISH_RSP" in out, out)


ROWS: list[Row] = [
    ("a webcam's secret is derived from the opaque data",
     works("webcam", "session", *WEBCAM, "--key-update", "all")),
    ("a fingerprint reader finds the key by its hint",
     works("fingerprint", "session", *FINGERPRINT, "--heartbeat", "1")),
    ("a soldered device opens a MAC-only session without a PSK_FINISH",
     works("soldered", "session", *SOLDERED)),
    ("a GPU attests itself with RSASSA-2048 and SPDM 1.0",
     works("gpu", "attest", "--asym", "RSASSA-2048", "--version", "1.0")),
    ("a GPU opens a session with RSAPSS-4096 and FFDHE4096",
     works("gpu", "session", "--sigma", "--asym", "RSAPSS-4096", "--dhe",
           "FFDHE4096")),
    ("two devices of one profile have keys of their own", twins_differ),
    ("a session needs no CHALLENGE and no GET_CERTIFICATE", known_chain),
    ("four sessions live side by side and end in any order",
     several_sessions),
    ("a session whose heartbeat is missed is ended by the device",
     heartbeat_missed),
    ("the operator ends a session with spdm-abort", ended_by_operator),
]


def suites(qemu: str, models: Models, tag: str) -> list[Suite]:
    return [Suite(f"{tag}: profiles",
                  lambda: boot(qemu, models, f"{tag}-profiles"), ROWS)]
