# SPDX-License-Identifier: GPL-2.0-or-later
"""What is done to a device from outside, at the moment a scene chose.

Each act says in a line what it did.
"""
import time

from qspdm.guest import Guest

PLUG_SECONDS = 90       # a hang guard


def sysfs(guest: Guest, device: str) -> str:
    return f"/sys/bus/pci/devices/{guest.bdf(device)}"


def is_plugged(guest: Guest, device: str) -> bool:
    return f"child<{device}>" in guest.qom_list("/machine/peripheral") or \
        device in guest.qom_list("/machine/peripheral")


def end_sessions(guest: Guest, device: str) -> str:
    session = guest.qom_get(device, "spdm-status")["sessions"][0]["id"]
    guest.qom_set(device, "spdm-abort", session)
    return f"qom-set /machine/peripheral/{device} spdm-abort {session:#010x}"


def reset_function(guest: Guest, device: str) -> str:
    path = sysfs(guest, device)
    guest.sh(f"echo flr >{path}/reset_method && echo 1 >{path}/reset")
    return f"echo flr >{path}/reset_method; echo 1 >{path}/reset"


def change_measurement(guest: Guest, device: str) -> str:
    guest.qom_set(device, "spdm-measurement", "1:text:firmware 2.0.0")
    return (f"qom-set /machine/peripheral/{device} spdm-measurement "
            "1:text:firmware 2.0.0")


def unplug(guest: Guest, device: str) -> str:
    guest.qmp("device_del", id=device)
    end = time.monotonic() + PLUG_SECONDS
    while is_plugged(guest, device):
        if time.monotonic() > end:
            raise AssertionError(f"{device} is still plugged")
        time.sleep(0.2)
    return f"device_del {device}; the guest let it go"
