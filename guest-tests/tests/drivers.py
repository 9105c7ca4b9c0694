# SPDX-License-Identifier: GPL-2.0-or-later
"""The guest's stock drivers bind, and disk, NIC and display do their work."""
import hashlib
import re
import socket
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from qspdm.guest import Guest
from qspdm.tap import Row, Suite, equal, true

from .machine import DISK_BYTES, Machine, Models, booting

BLOCK = 4096
RED_BGRX = b"\0\0\xff\0"


def driver_of(guest: Guest, device_id: str) -> str:
    path = f"/sys/bus/pci/devices/{guest.bdf(device_id)}/driver"
    return guest.sh(f"basename $(readlink {path})").strip()


def bound(device_id: str, driver: str) -> Callable[[Machine], None]:
    def check(m: Machine) -> None:
        equal(driver_of(m.guest, device_id), driver, "driver")

    return check


def block_device(m: Machine, device_id: str = "ssd") -> str:
    bdf = m.guest.bdf(device_id)
    names = m.guest.sh(f"ls /sys/bus/pci/devices/{bdf}/nvme/nvme*")
    match = re.search(r"\bnvme\d+n\d+\b", names)
    true(match, f"no namespace behind {bdf}")
    return f"/dev/{match.group()}" if match else ""


def disk_reads(m: Machine) -> None:
    out = m.guest.sh(f"sha256sum {block_device(m)}")
    equal(out.split()[0], m.disk_sha256, "SHA-256 of the disk")


def disk_writes(m: Machine) -> None:
    written = hashlib.sha256(b"qemu-spdm").digest() * (BLOCK // 32)
    last = DISK_BYTES // BLOCK - 1
    m.guest.run(["dd", f"of={block_device(m)}", f"bs={BLOCK}",
                 f"seek={last}", "conv=fsync"], stdin=written, check=True)
    with m.disk.open("rb") as image:
        before = image.read(last * BLOCK)
        equal(image.read(), written, "the last block")
    image_of_noise = hashlib.sha256(before)
    read_back = m.guest.sh(f"dd if={block_device(m)} bs={BLOCK} "
                           f"count={last} 2>/dev/null | sha256sum")
    equal(read_back.split()[0], image_of_noise.hexdigest(), "the rest")


def interface(m: Machine, device_id: str = "nic") -> str:
    bdf = m.guest.bdf(device_id)
    return m.guest.sh(f"ls /sys/bus/pci/devices/{bdf}/net").strip()


def nic_address(m: Machine) -> None:
    name = interface(m)
    m.guest.sh(f"ip link set {name} up && exec udhcpc -i {name} -n -q -t 20 "
               "-T 1 -s /usr/share/udhcpc/default.script")
    address = m.guest.sh(f"ip -4 addr show dev {name}")
    true(re.search(r"inet 10\.0\.2\.\d+/", address), address)


def answer_with_the_same(server: socket.socket) -> None:
    """Take all before answering: nc reads and writes by turns."""
    try:
        connection, _ = server.accept()
    except OSError:
        return      # the guest never came; its side of the test says so
    with connection:
        chunks = []
        while data := connection.recv(65536):
            chunks.append(data)
        connection.sendall(b"".join(chunks))


def nic_carries(m: Machine) -> None:
    payload = m.disk.read_bytes()[:1 << 20]
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        thread = threading.Thread(target=answer_with_the_same,
                                  args=(server,))
        thread.start()
        port = server.getsockname()[1]
        out = m.guest.sh(f"nc 10.0.2.2 {port} | sha256sum", stdin=payload)
        thread.join()
    equal(out.split()[:1], [hashlib.sha256(payload).hexdigest()], "echo")


def display_shows(m: Machine) -> None:
    """Pixels written by the guest are on QEMU's screen."""
    guest = m.guest
    bdf = guest.bdf("gpu")
    fb = guest.sh(f"ls /sys/bus/pci/devices/{bdf}/graphics").strip()
    true(fb, "the display has no frame buffer")
    guest.run(["dd", f"of=/dev/{fb}", "bs=65536"], stdin=RED_BGRX * 16384,
              check=True)
    # Deferred I/O: the kernel copies to the device a moment later.
    for _ in range(50):
        if red_on_screen(guest):
            return
        guest.run(["sleep", "0.1"])
    raise AssertionError("no red pixels on the screen")


def red_on_screen(guest: Guest) -> bool:
    with tempfile.NamedTemporaryFile(suffix=".ppm") as shot:
        guest.qmp("screendump", filename=shot.name, device="gpu")
        return b"\xff\0\0" * 1024 in Path(shot.name).read_bytes()


def drm_card(m: Machine) -> None:
    bdf = m.guest.bdf("gpu")
    out = m.guest.sh(f"ls /sys/bus/pci/devices/{bdf}/drm")
    true("card0" in out.split(), f"DRM nodes: {out}")


def lspci_lists(m: Machine) -> None:
    out = m.guest.sh("lspci -D")
    for device_id in m.ids:
        true(m.guest.bdf(device_id) in out, f"no {device_id} in\n{out}")


ROWS: list[Row] = [
    ("lspci lists every device", lspci_lists),
    ("the stock nvme driver binds to the disk", bound("ssd", "nvme")),
    ("the guest reads from the disk what the host put there", disk_reads),
    ("what the guest writes to the disk is in its image", disk_writes),
    ("the stock e1000e driver binds to the NIC", bound("nic", "e1000e")),
    ("the NIC gets an address by DHCP", nic_address),
    ("the NIC carries a megabyte there and back", nic_carries),
    ("the stock bochs driver binds to the display",
     bound("gpu", "bochs-drm")),
    ("the display is a DRM card", drm_card),
    ("what the guest draws is on the screen", display_shows),
]


def suites(qemu: str, models: Models, tag: str) -> list[Suite]:
    return [Suite(f"{tag}: stock drivers on {models.ssd}, {models.nic}, "
                  f"{models.gpu}",
                  booting(qemu, models, f"{tag}-drivers"), ROWS)]
