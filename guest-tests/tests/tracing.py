# SPDX-License-Identifier: GPL-2.0-or-later
"""A device records what a guest does with it, and spdm-trace reads it."""
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from qspdm.env import GUEST, TRACE
from qspdm.guest import Guest, plain
from qspdm.tap import Row, Suite, true

from .machine import Models
from .sessions import EVERYTHING, PATIENCE

KINDS = ("events", "pcap", "keylog")


@dataclass
class Recording:
    """What is left of a guest whose QEMU was killed, and what it saw."""
    files: dict[str, Path]
    guest_said: str

    def trace(self, kind: str, *words: str | Path) -> str:
        done = subprocess.run(
            [TRACE, self.files[kind], "--keys", self.files["keylog"], *words],
            capture_output=True, text=True, timeout=600)
        true(done.returncode == 0 and not done.stderr, done.stderr)
        return done.stdout


@contextmanager
def record(qemu: str, models: Models, name: str) -> Iterator[Recording]:
    files = {kind: GUEST / f"{name}.{kind}" for kind in KINDS}
    props = {f"spdm_{kind}": path for kind, path in files.items()}
    device = plain(models.endpoint, "fpga", spdm_profile="fpga", **props)
    with Guest(qemu, [device], name=name) as guest:
        words = ["spdm-requester", *PATIENCE, "--device", guest.bdf("fpga")]
        said = guest.run([*words, "session", "--sigma", *EVERYTHING],
                         check=True).out
        said += guest.run([*words, "abort", "--by", "bad-finish"]).out
    # Leaving the block killed QEMU.
    yield Recording(files, said)
    for path in files.values():
        path.unlink(missing_ok=True)


def is_whole(r: Recording) -> None:
    """Every message that the guest saw, in both, and readable."""
    wanted = [name for name in ("GET_VERSION", "KEY_EXCHANGE_RSP", "FINISH",
                                "KEY_UPDATE_ACK", "VENDOR_DEFINED_RESPONSE",
                                "MEASUREMENTS", "END_SESSION_ACK")]
    for kind in ("events", "pcap"):
        out = r.trace(kind)
        for name in wanted:
            true(f" {name}" in r.guest_said and f" {name}" in out,
                 f"{name} is not in {kind}")
        true("its keys are not known" not in out and
             "does not open" not in out, out)


def is_verified(r: Recording) -> None:
    for kind in ("events", "pcap"):
        out = r.trace(kind)
        for what in ("chain, digest", "Signature, ResponderVerifyData",
                     "RequesterVerifyData"):
            true(f"verified: {what}\n" in out, f"{what} in {kind}: {out}")


def is_explained(r: Recording) -> None:
    for kind in ("events", "pcap"):
        true("the responder stopped here: RequesterVerifyData does not match "
             "the transcript" in r.trace(kind), kind)
    true("ABORT responder: RequesterVerifyData is wrong" in r.trace("events"),
         "no abort")


def has_mailbox(r: Recording) -> None:
    """The requester's own ABORT at its start, and the platform's reset."""
    out = r.trace("events")
    true("mailbox abort: by the requester" in out and
         "mailbox reset" in out, out)


def has_page(r: Recording) -> None:
    page = GUEST / "trace.html"
    r.trace("events", "--quiet", "--html", page)
    text = page.read_text()
    page.unlink()
    true(text.count("<details ") == text.count("</details>") > 40,
         "too few messages")


ROWS: list[Row] = [
    ("events and capture of a killed QEMU have every message", is_whole),
    ("what the device claimed is verified from them", is_verified),
    ("the end of an aborted handshake is explained", is_explained),
    ("events have what happened to the mailbox", has_mailbox),
    ("a page of HTML shows it", has_page),
]


def suites(qemu: str, models: Models, tag: str) -> list[Suite]:
    return [Suite(f"{tag}: traces",
                  lambda: record(qemu, models, f"{tag}-trace"), ROWS)]
