# SPDX-License-Identifier: GPL-2.0-or-later
"""Chooses KVM where it truly works, else TCG.

A /dev/kvm that is there proves little: in containers and nested machines
it may open and yet run nothing.  So a firmware of a few instructions is run
under it, which ends QEMU with a status of its own.
"""
import functools
import os
import subprocess
import tempfile

# RDRAND is there so that the guest's random numbers never make it wait;
# what else a bigger CPU model has only costs time to emulate.
TCG = ("-accel", "tcg", "-cpu", "qemu64,+rdrand")
KVM = ("-accel", "kvm", "-cpu", "max")

DEBUG_EXIT = ("-device", "isa-debug-exit,iobase=0xf4,iosize=1")
PROBE_VALUE = 0x10
PROBE_STATUS = PROBE_VALUE << 1 | 1
# mov al, PROBE_VALUE; out 0xf4, al; hlt
PROBE_CODE = bytes((0xb0, PROBE_VALUE, 0xe6, 0xf4, 0xf4))


def runs(qemu: str, accelerator: tuple[str, ...]) -> bool:
    firmware = PROBE_CODE.ljust(16, b"\xf4")     # the reset vector
    with tempfile.NamedTemporaryFile() as image:
        image.write(firmware.rjust(0x10000, b"\xf4"))
        image.flush()
        try:
            done = subprocess.run(
                [qemu, *accelerator, "-machine", "q35", "-nodefaults",
                 "-no-user-config", "-display", "none", *DEBUG_EXIT,
                 "-bios", image.name], check=False, timeout=20,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return False
    return done.returncode == PROBE_STATUS


@functools.cache
def choose(qemu: str) -> tuple[str, ...]:
    """The arguments; QSPDM_ACCEL=tcg or =kvm decides without a probe."""
    wish = os.environ.get("QSPDM_ACCEL", "")
    if wish in ("tcg", "kvm"):
        return TCG if wish == "tcg" else KVM
    if os.access("/dev/kvm", os.R_OK | os.W_OK) and runs(qemu, KVM):
        return KVM
    return TCG
