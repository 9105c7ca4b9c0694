# SPDX-License-Identifier: GPL-2.0-or-later
"""A handshake as a guest sees it, and where its time goes."""
import json
import re
import statistics
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import vm
from .figure import Figure, of_samples
from .handshake import NAMES
from .provider import Context, Provider

SIGMA = ("connect", "digests", "certificate", "key-exchange", "finish")
PSK = ("connect", "psk-exchange", "psk-finish")
SECRET = ("--psk-hint", "text:bench", "--psk-secret",
          "text:a key of scripts/bench, not secret")
GONE, ANSWERED = "spdm_doe_go", "spdm_doe_ready"
EVENT = re.compile(rf"^\d+@(\d+)\.(\d+):({GONE}|{ANSWERED}) ", re.M)


def sigma(asym: str, dhe: str, hash_: str) -> tuple[str, ...]:
    return ("--asym", asym, "--dhe", dhe, "--hash", hash_, "run", *SIGMA)


SETS = {
    "p256": sigma("ECDSA-P256", "SECP256R1", "SHA-256"),
    "p384": sigma("ECDSA-P384", "SECP384R1", "SHA-384"),
    "rsa3072": sigma("RSAPSS-3072", "SECP384R1", "SHA-384"),
    "ffdhe3072": sigma("ECDSA-P384", "FFDHE3072", "SHA-384"),
    "psk": (*SECRET, "--hash", "SHA-384", "run", *PSK),
}


def command(running: vm.Guest, device: str, words: tuple[str, ...]
            ) -> list[str]:
    return ["spdm-requester", "--device", running.bdf(device), "--json",
            *words]


def open_session(running: vm.Guest, device: str, words: tuple[str, ...]
                 ) -> dict:
    """The session stays open when the requester is gone."""
    out = running.run(command(running, device, words), check=True).out
    return json.loads(out)


@dataclass(frozen=True)
class Parts:
    """Of one handshake, microseconds; they add up to the total."""
    total: float
    device_crypto: float
    requester_crypto: float
    mailbox: float          # config space, but for what waits for the device
    library: float          # the rest, of both ends


def device_time(trace: str) -> float:
    """From each GO to its answer, microseconds."""
    begin = whole = 0.0
    for seconds, micros, event in EVENT.findall(trace):
        now = int(seconds) * 1e6 + int(micros)
        if event == GONE:
            begin = now
        elif begin:
            whole += now - begin
            begin = 0.0
    return whole


def whole(report: dict) -> float:
    """From the first request to the last response, microseconds."""
    first, last = report["steps"][0], report["steps"][-1]
    return last["at_us"] + last["us"] - first["at_us"]


def take_apart(report: dict, requester: vm.Sums, device: vm.Sums,
               busy: float) -> Parts:
    """
    An exchange is config space and the device at work, while the guest polls.
    """
    total = whole(report)
    exchanges = sum(step["us"] for step in report["steps"])
    mailbox = max(exchanges - busy, 0.0)
    return Parts(total, device.crypto, requester.crypto, mailbox,
                 total - device.crypto - requester.crypto - mailbox)


class Stopwatch:
    """A guest with clocks at both ends of its device."""

    def __init__(self, running: vm.Guest, sums: Path, plugin: Path) -> None:
        self.running, self.sums = running, sums
        vm.install_clock(running, plugin)

    def run(self, words: tuple[str, ...]) -> Parts:
        before = vm.read_sums(self.sums.read_bytes())
        at = len(self.running.qemu_log.read_text())
        out, requester = vm.clocked(self.running, command(
            self.running, "device", words))
        device = vm.read_sums(self.sums.read_bytes()) - before
        trace = self.running.qemu_log.read_text()[at:]
        return take_apart(json.loads(out), requester, device,
                          device_time(trace))


def share(parts: list[Parts], field: str) -> str:
    part = statistics.median(getattr(p, field) / p.total for p in parts)
    return f"{100 * part:.0f} %"


def figure(name: str, parts: list[Parts], accelerator: str) -> Figure:
    last = "PSK_FINISH_RSP" if name == "psk" else "FINISH_RSP"
    shares = ", ".join(
        f"{what} {share(parts, field)}" for what, field in
        (("the device's crypto", "device_crypto"),
         ("the guest's crypto", "requester_crypto"),
         ("mailbox", "mailbox"), ("libraries and kernel", "library")))
    return of_samples(f"vm-handshake.{name}", "ms",
                      [p.total / 1000 for p in parts],
                      note=f"GET_VERSION to {last}; {NAMES[name]}; {shares}; "
                      f"{accelerator}")


def measure(context: Context) -> Iterator[Figure]:
    device = vm.plain("spdm-endpoint", "device", spdm_profile=vm.EVERY)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        sums = Path(folder, "sums")
        qemu = vm.launcher(context, Path(folder), clock=True)
        trace = ["-msg", "timestamp=on", "-trace", GONE, "-trace", ANSWERED]
        with vm.guest(qemu, [device], name="bench-handshake", extra=trace,
                      env={"BENCH_CLOCK": str(sums)}) as running:
            watch = Stopwatch(running, sums, vm.objects(context))
            for name, words in SETS.items():
                if context.wants(f"vm-handshake.{name}"):
                    watch.run(words)    # keys are made, files are read
                    parts = [watch.run(words)
                             for _ in range(context.runs(15, 3))]
                    yield figure(name, parts, vm.accelerator(qemu))


PROVIDERS = (Provider("vm-handshake", "handshakes, as a guest sees them",
                      measure),)
