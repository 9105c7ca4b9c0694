# SPDX-License-Identifier: GPL-2.0-or-later
"""The device is changed from outside while a guest is in a session with it:
events, sessions that end by their policy; and what a guest provisions stays."""
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from qspdm.agent import Command, Result
from qspdm.env import GUEST
from qspdm.guest import Guest, plain
from qspdm.tap import Row, Suite, equal, true

from .machine import Models
from .sessions import AS_BEFORE, HURRY, NOT_BELIEVED, PATIENCE

WAITS = "/tmp/waits"
HANG_GUARD = 900        # seconds
TERMINATION_POLICY = 1  # bit 0 of SessionPolicy
HEAR = ("events", "WAIT", "encapsulated", "measurements:index=3,raw",
        "end-session")
PROFILE = """[spdm]
capabilities=CERT;CHAL;MEAS_SIG;ENCRYPT;MAC;KEY_EX;ENCAP;EVENT;CSR;SET_CERT
[algorithms]
asym=ECDSA-P384
[slot 0]
auto=true
[measurement 3]
type=firmware
value=text:1.0.0
"""
# Beside a second slot: what else QEMU's user can change.
MORE = """[slot 2]
auto=true
[measurement 4]
type=firmware-version
value=text:1.0.0
[psk one]
secret=text:first key
"""
WITH_PSK = PROFILE.replace("KEY_EX;", "KEY_EX;PSK;")


def write_profile(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def requester(guest: Guest, *words: str) -> list[str]:
    return ["spdm-requester", *PATIENCE, "--device", guest.bdf("endpoint"),
            *words]


def run(guest: Guest, *words: str) -> str:
    return guest.run(requester(guest, *words), check=True).out


def slots(guest: Guest) -> list[str]:
    """The slots that DIGESTS says hold a chain."""
    lines = [line for line in run(guest, "run", "connect", "digests")
             .splitlines() if "DIGESTS slots" in line]
    equal(len(lines), 1, f"DIGESTS in {lines}")
    return lines[0].split("DIGESTS slots")[1].split()[0].split(",")


# ---- changes at run time -------------------------------------------------

@contextmanager
def boot(qemu: str, models: Models, name: str) -> Iterator[Guest]:
    profile = write_profile(GUEST / f"{name}.ini", WITH_PSK + MORE)
    with Guest(qemu, [plain(models.endpoint, "endpoint",
                            spdm_profile=profile)], name=name) as guest:
        yield guest


def change(guest: Guest, name: str, value: str) -> None:
    guest.qom_set("endpoint", name, value)


def sessions(guest: Guest) -> list:
    return guest.qom_get("endpoint", "spdm-status")["sessions"]


def until_it_waits(guest: Guest, command: Command) -> None:
    end = time.monotonic() + HANG_GUARD
    while not guest.run(["test", "-e", WAITS]).ok:
        if not command.running:
            raise AssertionError(command.wait().describe())
        true(time.monotonic() < end, "the requester does not come so far")
        time.sleep(0.1)


def while_it_waits(guest: Guest, act: Callable[[], None], steps: tuple,
                   policy: int = 0) -> str:
    """What a requester says; at WAIT, in its session, @act is done."""
    guest.sh(f"rm -f {WAITS}")
    command = guest.launch(requester(
        guest, "--flags", "+ENCAP", "run", "connect", "digests",
        "certificate", f"key-exchange:policy={policy}", "finish",
        *(step.replace("WAIT", f"wait:file={WAITS}") for step in steps)))
    try:
        until_it_waits(guest, command)
        equal(len(sessions(guest)), 1, "sessions meanwhile")
        act()
    finally:
        guest.sh(f"rm -f {WAITS}")
        result = command.wait()
    true(result.ok, result.describe())
    return result.out


def event(name: str, value: str, what: str, measured: str
          ) -> Callable[[Guest], None]:
    """One event comes, and the session goes on: it reads @measured."""
    def check(guest: Guest) -> None:
        change(guest, "spdm-measurement", "3:text:1.0.0")
        out = while_it_waits(guest, lambda: change(guest, name, value), HEAR)
        equal(out.count("event 0:"), 1, f"events in\n{out}")
        for word in ("SEND_EVENT", what, f'"{measured}"', "END_SESSION_ACK"):
            true(word in out, f"no {word} in\n{out}")
    return check


def chain_goes(guest: Guest) -> None:
    equal(slots(guest), ["0", "2"], "slots before")
    event("spdm-certificate", "2:erase", "CertificateChanged",
          "1.0.0")(guest)
    equal(slots(guest), ["0"], "slots after")


def without_change(guest: Guest) -> None:
    """The same steps with nothing done: no event is made up."""
    out = while_it_waits(guest, lambda: None, HEAR)
    equal(out.count("event 0:"), 0, f"events in\n{out}")


def policy_row(policy: int, left: int, steps: tuple, says: str
               ) -> Callable[[Guest], None]:
    def check(guest: Guest) -> None:
        def act() -> None:
            before = guest.qom_get("endpoint", "spdm-status")
            change(guest, "spdm-measurement",
                   f"3:text:policy {policy} at {time.monotonic_ns()}")
            after = guest.qom_get("endpoint", "spdm-status")
            equal(len(after["sessions"]), left, "sessions after")
            equal(after["sessions-ended"] - before["sessions-ended"],
                  1 - left, "sessions that ended")

        out = while_it_waits(guest, act, steps, policy)
        true(says in out, out)
    return check


def psk_session(guest: Guest, hint: str, key: str) -> Result:
    return guest.run(requester(guest, "session", "--psk", "--psk-hint",
                               f"text:{hint}", "--psk-secret", f"text:{key}"))


def keys_come_and_go(guest: Guest) -> None:
    """Added, replaced, removed: what a new session finds."""
    true(psk_session(guest, "one", "first key").ok, "the profile's key")
    true(not psk_session(guest, "two", "second").ok, "a key of nobody")
    change(guest, "spdm-psk", "text:two=text:second")
    true(psk_session(guest, "two", "second").ok, "the added key")
    change(guest, "spdm-psk", "text:one=text:another")
    true(not psk_session(guest, "one", "first key").ok, "the old key")
    true(psk_session(guest, "one", "another").ok, "the new key")
    change(guest, "spdm-psk", "text:two=remove")
    true(not psk_session(guest, "two", "second").ok, "the removed key")


def sessions_outlive_their_key(guest: Guest) -> None:
    guest.sh(f"rm -f {WAITS}")
    change(guest, "spdm-psk", "text:one=text:another")
    command = guest.launch(requester(
        guest, "--psk-hint", "text:one", "--psk-secret",
        "text:another", "run", "connect",
        "psk-exchange", f"wait:file={WAITS}",
        "measurements", "end-session"))
    try:
        until_it_waits(guest, command)
        change(guest, "spdm-psk", "text:one=remove")
        equal(len(sessions(guest)), 1, "sessions meanwhile")
    finally:
        guest.sh(f"rm -f {WAITS}")
        result = command.wait()
    true(result.ok and "END_SESSION_ACK" in result.out, result.describe())
    change(guest, "spdm-psk", "text:one=text:first key")


def capabilities_go(guest: Guest) -> None:
    """The session goes on as agreed; the next connection has none."""
    def act() -> None:
        change(guest, "spdm-capabilities",
               "-KEY_EX;-PSK;-MAC;-ENCRYPT;-EVENT")
        equal(len(sessions(guest)), 1, "sessions meanwhile")

    try:
        out = while_it_waits(guest, act, (
            "WAIT", "measurements", "end-session", "connect", "digests",
            "certificate", "!key-exchange"))
        true("END_SESSION_ACK" in out and "failed as it has to" in out, out)
    finally:
        change(guest, "spdm-capabilities", "profile")
    run(guest, "session", "--sigma")


ROWS: list[Row] = [
    ("a guest that subscribed hears nothing while nothing changes",
     without_change),
    ("... of a measurement that QEMU's user sets, and reads it",
     event("spdm-measurement", "3:text:2.0.0", "MeasurementChanged",
           "2.0.0")),
    ("... before an update, and still reads the old: MeasurementPreUpdate",
     event("spdm-measurement", "pending:3:text:2.1.0",
           "MeasurementPreUpdate", "1.0.0")),
    ("... of a slot that QEMU's user erases: CertificateChanged",
     chain_goes),
    ("... of a firmware version that QEMU's user sets",
     event("spdm-firmware-version", "2.0.0", "MeasurementChanged", "1.0.0")),
    ("pre-shared keys are added, replaced and removed", keys_come_and_go),
    ("a session outlives the key it came from", sessions_outlive_their_key),
    ("capabilities that go are gone from the next connection on",
     capabilities_go),
    ("a session with TerminationPolicy ends when a measurement changes",
     policy_row(TERMINATION_POLICY, 0,
                ("WAIT", HURRY, "!measurements", AS_BEFORE, "connect"),
                "failed as it has to")),
    ("... and one without goes on",
     policy_row(0, 1, ("WAIT", "measurements", "end-session"),
                "END_SESSION_ACK")),
]


# ---- what outlives QEMU ---------------------------------------------------

def openssl(*words: str | Path) -> None:
    done = subprocess.run(["openssl", *words], capture_output=True, text=True,
                          check=False)
    true(done.returncode == 0, done.stderr)


class Owner:
    """A certificate authority on the host, for what the guest's device
    asks for."""

    def __init__(self, name: str) -> None:
        self.path = GUEST / name
        self.root, self.key = self._file("ca.pem"), self._file("ca.key")
        self.leaf = self._file("leaf.pem")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-384", "-nodes", "-subj", "/CN=owner",
                "-days", "30", "-addext", "keyUsage=critical,keyCertSign",
                "-keyout", self.key, "-out", self.root)

    def _file(self, kind: str) -> Path:
        return self.path.with_name(f"{self.path.name}.{kind}")

    def chain_for(self, request: str) -> bytes:
        csr = self._file("csr")
        csr.write_text(request)
        openssl("x509", "-req", "-in", csr, "-CA", self.root, "-CAkey",
                self.key, "-copy_extensions", "copy", "-days", "30",
                "-out", self.leaf)
        return self.root.read_bytes() + self.leaf.read_bytes()


def provision(guest: Guest, owner: Owner) -> None:
    """Slot 1 gets the owner's chain: GET_CSR, SET_CERTIFICATE."""
    run(guest, "csr", "--out", "/tmp/csr")
    chain = owner.chain_for(guest.sh("cat /tmp/csr"))
    guest.sh("cat >/tmp/chain", stdin=chain)
    run(guest, "set-certificate", "--sigma", "--slot", "1", "--chain",
        "/tmp/chain")


def until_valid(guest: Guest, owner: Owner) -> None:
    """The guest's clock is a second or so behind the host's."""
    made = owner.leaf.stat().st_mtime
    while float(guest.sh("date +%s")) <= made:
        time.sleep(0.2)


def attested_chain(guest: Guest, owner: Owner) -> str:
    """A digest of slot 1's chain, whose key has signed."""
    until_valid(guest, owner)
    guest.sh("cat >/tmp/root", stdin=owner.root.read_bytes())
    words = ("--slot", "1", "attest", "--save-chain", "/tmp/slot1")
    run(guest, "--trust", "/tmp/root", *words)
    return guest.sh("sha256sum /tmp/slot1").split()[0]


def other_slot_has_other_root(guest: Guest) -> None:
    result = guest.run(requester(guest, "--trust", "/tmp/root", "attest"))
    equal(result.exit, NOT_BELIEVED, result.describe())


def outlives_qemu(qemu: str, models: Models, name: str
                  ) -> Callable[[None], None]:
    """Without a seed: the new keys would be others, but for the file."""
    def check(_: None) -> None:
        state = GUEST / f"{name}.state"
        state.unlink(missing_ok=True)
        profile = write_profile(GUEST / f"{name}.ini", PROFILE)
        device = plain(models.endpoint, "endpoint",
                       spdm_profile=profile, spdm_state_file=state)
        owner = Owner(name)
        with Guest(qemu, [device], name=name) as guest:
            equal(slots(guest), ["0"], "slots at first")
            provision(guest, owner)
            equal(slots(guest), ["0", "1"], "slots then")
            chain = attested_chain(guest, owner)
        with Guest(qemu, [device], name=f"{name}-2") as guest:
            equal(slots(guest), ["0", "1"], "slots in the next QEMU")
            equal(attested_chain(guest, owner), chain, "its chain")
            other_slot_has_other_root(guest)
    return check


def suites(qemu: str, models: Models, tag: str) -> list[Suite]:
    return [Suite(f"{tag}: events, changes at run time",
                  lambda: boot(qemu, models, f"{tag}-events"), ROWS),
            Suite(f"{tag}: events, what outlives QEMU", nullcontext, [
                ("a guest's SET_CERTIFICATE is there when QEMU starts anew",
                 outlives_qemu(qemu, models, f"{tag}-state"))])]
