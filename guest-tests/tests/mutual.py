# SPDX-License-Identifier: GPL-2.0-or-later
"""Devices that authenticate the guest too, and chains that come in chunks."""
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from qspdm.env import GUEST, REQUESTER, TOP
from qspdm.guest import Device, Guest, plain
from qspdm.tap import Row, Suite, equal, true

from .machine import Models
from .sessions import PATIENCE

PROFILE = TOP / "guest-tests/profiles/hsm.ini"
OURSELVES = ("--identity", "auto", "--seed", "a guest")
SOMEBODY = ("--identity", "auto", "--seed", "somebody else")
SMALL = ("--transfer-size", "1024")
SESSION = ("session", "--sigma", "--key-update", "all", "--measurements")
NOT_BELIEVED_BY_DEVICE = 4      # the requester's exit status: an ERROR
FORMS = {"hsm": "encapsulated", "digests": "implicit-digests"}


def profile_of(form: str) -> Path:
    path = GUEST / f"hsm-{form}.ini"
    path.write_text(PROFILE.read_text().replace("form=encapsulated",
                                                f"form={form}"))
    return path


def save_roots(who: tuple[str, ...], path: Path) -> Path:
    subprocess.run([REQUESTER, *who, "--save-roots", path], check=True)
    return path


def devices(models: Models, name: str) -> list[Device]:
    root = save_roots(OURSELVES, GUEST / f"{name}-guest.pem")
    return [plain(models.endpoint, id, spdm_profile=profile_of(form),
                  spdm_trust=root, spdm_identity_out=GUEST / f"{name}-{id}.pem")
            for id, form in FORMS.items()]


@contextmanager
def boot(qemu: str, models: Models, name: str) -> Iterator[Guest]:
    with Guest(qemu, devices(models, name), name=name) as guest:
        for id in FORMS:
            guest.run(["sh", "-c", f"cat >/tmp/{id}.pem"], check=True,
                      stdin=(GUEST / f"{name}-{id}.pem").read_bytes())
        yield guest


def requester(guest: Guest, device: str, *words: str) -> list[str]:
    return ["spdm-requester", *PATIENCE, *SMALL, "--device",
            guest.bdf(device), "--trust", f"/tmp/{device}.pem", *words]


def run(guest: Guest, device: str, *words: str) -> str:
    return guest.run(requester(guest, device, *words), check=True).out


def mutual_session(device: str) -> Callable[[Guest], None]:
    def check(guest: Guest) -> None:
        out = run(guest, device, *OURSELVES, *SESSION)
        true("DELIVER_ENCAPSULATED_RESPONSE" in out and "FINISH_RSP" in out
             and "END_SESSION_ACK" in out, out)
    return check


def stranger_is_refused(guest: Guest) -> None:
    before = guest.qom_get("hsm", "spdm-status")["sessions-ended"]
    result = guest.run(requester(guest, "hsm", *SOMEBODY, *SESSION))
    equal(result.exit, NOT_BELIEVED_BY_DEVICE, result.describe())
    status = guest.qom_get("hsm", "spdm-status")
    equal(status["sessions"], [], "sessions of a stranger")
    true(status["sessions-ended"] > before and "root" in status["last-error"],
         f"the reason is not told: {status['last-error']!r}")
    run(guest, "hsm", *OURSELVES, *SESSION)


def nobody_is_refused(guest: Guest) -> None:
    """A requester without an identity cannot do what is required."""
    result = guest.run(requester(guest, "hsm", *SESSION))
    equal(result.exit, NOT_BELIEVED_BY_DEVICE, result.describe())
    true("InvalidPolicy" in result.out + result.err, result.describe())


def chain_in_chunks(guest: Guest) -> None:
    out = run(guest, "hsm", *OURSELVES, "attest", "--save-chain",
              "/tmp/hsm.chain")
    size = int(guest.sh("stat -c %s /tmp/hsm.chain"))
    true(size > 4096, f"the chain has {size} bytes only")
    true("CHUNK_GET" in out, out)


ROWS: list[Row] = [
    ("a chain over 4 KiB comes in chunks over DOE", chain_in_chunks),
    ("a SIGMA session with mutual authentication", mutual_session("hsm")),
    ("... with implied GET_DIGESTS", mutual_session("digests")),
    ("a guest of another root is refused, and the device says why",
     stranger_is_refused),
    ("a guest without an identity gets InvalidPolicy", nobody_is_refused),
]


def suites(qemu: str, models: Models, tag: str) -> list[Suite]:
    return [Suite(f"{tag}: mutual authentication",
                  lambda: boot(qemu, models, f"{tag}-mutual"), ROWS)]
