# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine most suites boot: one of each device."""
import hashlib
import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from qspdm.env import GUEST, TOP
from qspdm.guest import Device, Guest, nic, plain, ssd
from qspdm.tap import comment

DISK_BYTES = 16 << 20


@dataclass(frozen=True)
class Models:
    """The device models under test; a stock QEMU has no endpoint."""
    ssd: str
    nic: str
    gpu: str
    endpoint: str = ""


STOCK = Models("nvme", "e1000e", "bochs-display")
SPDM = Models("spdm-ssd", "spdm-nic", "spdm-gpu", "spdm-endpoint")


@dataclass
class Machine:
    guest: Guest
    disk: Path
    disk_sha256: str

    def root(self, device_id: str) -> bytes:
        """The root certificate of a device, PEM."""
        return root_path(self.disk, device_id).read_bytes()

    @property
    def ids(self) -> list[str]:
        return [device.id for device in self.guest.devices]


def make_disk(path: Path) -> str:
    """A raw disk of noise, the same at every run; returns its SHA-256."""
    noise = random.Random(2).randbytes(DISK_BYTES)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(noise)
    return hashlib.sha256(noise).hexdigest()


def devices(models: Models, disk: Path) -> list[Device]:
    def out(device_id: str) -> dict[str, Path]:
        """Where an SPDM device shall write its root certificate."""
        path = root_path(disk, device_id)
        return {"spdm_identity_out": path} if models.endpoint else {}

    rows = [ssd(models.ssd, "ssd", disk, **out("ssd")),
            nic(models.nic, "nic", **out("nic")),
            plain(models.gpu, "gpu", **out("gpu"))]
    if models.endpoint:
        # The one profile with FFDHE; the other devices do ECDHE.
        rows.append(plain(models.endpoint, "endpoint", spdm_profile="fpga",
                          **out("endpoint")))
    return rows


def with_heartbeat(kind: str, seconds: int) -> Path:
    """A built-in profile with another HeartbeatPeriod."""
    text = (TOP / f"configs/{kind}.ini").read_text()
    path = GUEST / f"{kind}-heartbeat-{seconds}.ini"
    path.write_text("".join(
        f"heartbeat-period={seconds}\n"
        if line.startswith("heartbeat-period=") else line
        for line in text.splitlines(keepends=True)))
    return path


def root_path(disk: Path, device_id: str) -> Path:
    return disk.with_suffix(f".{device_id}.pem")


@contextmanager
def boot(qemu: str, models: Models, name: str) -> Iterator[Machine]:
    disk = GUEST / f"{name}.img"
    digest = make_disk(disk)
    try:
        with Guest(qemu, devices(models, disk), name=name) as guest:
            comment(f"booted in {guest.boot_seconds:.1f} s, "
                    f"{guest.kernel_seconds:.1f} s of it in the kernel")
            yield Machine(guest, disk, digest)
    finally:
        for path in (disk, *disk.parent.glob(f"{name}.*.pem")):
            path.unlink(missing_ok=True)


def booting(qemu: str, models: Models,
            name: str) -> Callable[[], AbstractContextManager[Machine]]:
    return lambda: boot(qemu, models, name)
