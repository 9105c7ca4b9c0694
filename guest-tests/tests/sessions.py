# SPDX-License-Identifier: GPL-2.0-or-later
"""The guest authenticates the devices and opens sessions with them."""
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from qspdm.agent import Command
from qspdm.env import GUEST, REQUESTER
from qspdm.guest import Guest, plain
from qspdm.tap import Row, Suite, comment, equal, true

from . import drivers
from .doe import answers, poke
from .machine import Machine, Models, booting

STATUS = "spdm-status"
# DOE's own second would make a test of how busy the host is.
PATIENCE = ("--timeout", "300")
# What has ended is known by no answer. Steps of "run" around such a request.
HURRY, AS_BEFORE = "timeout:ms=3000", "timeout:ms=0"
NOT_BELIEVED = 5        # the requester's exit status
EVERYTHING = ("--heartbeat", "2", "--key-update", "all", "--vendor-echo",
              "hello", "--measurements")
# From configs/nic.ini, which says that they are for tests.
NIC_PSK = ("--psk-hint", "text:nic", "--psk-secret",
           "text:qemu-spdm nic test key, not secret")


def requester(m: Machine, device_id: str, *words: str) -> str:
    """Run the requester on a device, its output; it must succeed."""
    true(REQUESTER.exists(), f"{REQUESTER} is not built")
    return m.guest.run(["spdm-requester", *PATIENCE, "--device",
                        m.guest.bdf(device_id), *words], check=True).out


def trusted_root(m: Machine, device_id: str) -> str:
    """The device's root as a file in the guest."""
    path = f"/tmp/{device_id}.pem"
    m.guest.sh(f"cat >{path}", stdin=m.root(device_id))
    return path


def status(m: Machine, device_id: str) -> dict[str, Any]:
    return m.guest.qom_get(device_id, STATUS)


def succeeds(*words: str) -> Callable[[Machine, str], None]:
    return lambda m, device_id: true(requester(m, device_id, *words),
                                     "no output")


def session_counted(m: Machine, device_id: str) -> None:
    """QOM shows what was negotiated, and that nothing is left open."""
    before = status(m, device_id)
    requester(m, device_id, "session", "--sigma")
    after = status(m, device_id)
    equal(after["sessions-opened"], before["sessions-opened"] + 1, "opened")
    equal(after["sessions-ended"], before["sessions-ended"] + 1, "ended")
    equal(after["sessions"], [], "sessions left open")
    for key in ("version", "hash", "asym", "dhe", "aead"):
        true(after[key], f"{key} is empty in {after}")


def attests_by_root(m: Machine, device_id: str) -> None:
    requester(m, device_id, "attest", "--trust", trusted_root(m, device_id))


def other_root_refused(m: Machine, device_id: str) -> None:
    other = "gpu" if device_id != "gpu" else "ssd"
    result = m.guest.run([
        "spdm-requester", *PATIENCE, "--device", m.guest.bdf(device_id),
        "attest",
        "--trust", trusted_root(m, other)])
    equal(result.exit, NOT_BELIEVED, result.describe())


def session_used(m: Machine, device_id: str) -> None:
    requester(m, device_id, "session", "--sigma", *EVERYTHING)


def psk_session(m: Machine) -> None:
    requester(m, "nic", "session", "--psk", *NIC_PSK, *EVERYTHING)


def wrong_psk(m: Machine) -> None:
    result = m.guest.run([
        "spdm-requester", *PATIENCE, "--device", m.guest.bdf("nic"),
        "session", "--psk",
        *NIC_PSK[:2], "--psk-secret", "text:another secret"])
    true(not result.ok, "a session with the wrong key was opened")
    psk_session(m)


TABLE = [
    ("the requester discovers {}", succeeds("discover")),
    ("the requester attests {}", succeeds("attest")),
    ("{} is attested up to the root that it wrote", attests_by_root),
    ("{} is not believed under another device's root", other_root_refused),
    ("a SIGMA session with {} is opened and ended", session_counted),
    ("heartbeat, key update, echo and measurements work in it on {}",
     session_used),
    ("a session with {} is aborted", succeeds("abort")),
    ("after the abort a new session with {} is opened", session_counted),
]


# ---- work goes on meanwhile --------------------------------------------

def session_loop(m: Machine, device_id: str, timeout: float = 600
                 ) -> Command:
    """Session after session until /tmp/stop is there; prints how many."""
    true(REQUESTER.exists(), f"{REQUESTER} is not built")
    return m.guest.launch(["sh", "-c", f"""
        n=0
        until test -e /tmp/stop; do
            spdm-requester {' '.join(PATIENCE)} --device {m.guest.bdf(device_id)} \
                session --sigma >/tmp/{device_id}.out 2>&1 ||
                {{ cat /tmp/{device_id}.out >&2; exit 1; }}
            n=$((n + 1))
        done
        echo $n"""], timeout=timeout)


def in_session(m: Machine, device_id: str, loop: Command) -> None:
    while loop.running and not status(m, device_id)["sessions-opened"]:
        time.sleep(0.1)


def work_meanwhile(m: Machine) -> None:
    m.guest.sh("rm -f /tmp/stop")
    loops = {device_id: session_loop(m, device_id)
             for device_id in ("ssd", "nic", "gpu")}
    for device_id, loop in loops.items():
        in_session(m, device_id, loop)
    for work in (drivers.disk_reads, drivers.disk_writes,
                 drivers.nic_address, drivers.nic_carries,
                 drivers.display_shows):
        work(m)
    m.guest.sh("touch /tmp/stop")
    for device_id, loop in loops.items():
        result = loop.wait()
        true(result.ok, result.describe())
        comment(f"{result.out.strip()} sessions with {device_id} meanwhile")


# ---- what QEMU tells -----------------------------------------------------

def status_counts(m: Machine) -> None:
    before = status(m, "endpoint")["requests"]
    answers(m.guest, "endpoint")
    equal(status(m, "endpoint")["requests"], before + 1, "requests")


def status_after_abort(m: Machine) -> None:
    before = status(m, "endpoint")["mailbox"]["aborts"]
    poke(m.guest, "endpoint", "ops", "w4:8=1")
    equal(status(m, "endpoint")["mailbox"]["aborts"], before + 1, "aborts")


def for_device(check: Callable[[Machine, str], None],
               device_id: str) -> Callable[[Machine], None]:
    return lambda m: check(m, device_id)


def rows(models: Models) -> list[Row]:
    table = [(sentence.format(model), for_device(check, device_id))
             for device_id, model in (("ssd", models.ssd),
                                      ("nic", models.nic),
                                      ("gpu", models.gpu),
                                      ("endpoint", models.endpoint))
             for sentence, check in TABLE]
    return [("spdm-status counts the requests", status_counts),
            ("spdm-status counts the guest's aborts", status_after_abort),
            *table,
            ("a PSK session with the NIC is opened, used and ended",
             psk_session),
            ("the wrong PSK opens nothing and spoils nothing", wrong_psk),
            ("disk, NIC and display work while sessions are open",
             work_meanwhile)]


# ---- identities ----------------------------------------------------------

def root_of(qemu: str, model: str, **props: Any) -> bytes:
    """The root certificate that a new machine's device writes."""
    path = GUEST / f"root-{time.monotonic_ns()}.pem"
    device = plain(model, "endpoint", spdm_identity_out=path, **props)
    try:
        with Guest(qemu, [device], name="identity"):
            return path.read_bytes()
    finally:
        path.unlink(missing_ok=True)


def identity_rows(qemu: str, models: Models) -> list[Row]:
    model = models.endpoint

    def is_pem(_: None) -> None:
        true(root_of(qemu, model).startswith(b"-----BEGIN CERT"), "no PEM")

    def same_seed(_: None) -> None:
        equal(root_of(qemu, model, spdm_seed="a"),
              root_of(qemu, model, spdm_seed="a"), "roots")

    def other_seed(_: None) -> None:
        true(root_of(qemu, model, spdm_seed="a") !=
             root_of(qemu, model, spdm_seed="b"), "the same root")

    def no_seed(_: None) -> None:
        true(root_of(qemu, model) != root_of(qemu, model), "the same root")

    return [("a device writes its root certificate as PEM", is_pem),
            ("the same seed makes the same root", same_seed),
            ("another seed makes another root", other_seed),
            ("without a seed no two machines share a root", no_seed)]


def suites(qemu: str, models: Models, tag: str) -> list[Suite]:
    return [Suite(f"{tag}: sessions",
                  booting(qemu, models, f"{tag}-sessions"), rows(models)),
            Suite(f"{tag}: identities", nullcontext,
                  identity_rows(qemu, models))]
