# SPDX-License-Identifier: GPL-2.0-or-later
"""What is done to a device from outside while a case runs (class K).

A case with an "act" has a rule that holds an answer back; when it fires, the
act is carried out.  One that takes the requester with it (a system reset) or
puts another device in the same place is followed by a second run.
"""
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from qspdm.qmp import QmpError

if TYPE_CHECKING:
    from .guest import Vm

SHELL_LIMIT = 60.0          # hang guards: seconds
PLUG_LIMIT = 90.0

FLR = ("echo flr >{dev}/reset_method && echo 1 >{dev}/reset; r=$?; "
       "echo pm >{dev}/reset_method; exit $r")
# Secondary Bus Reset in the Bridge Control of the port above.
BUS_RESET = ("up=$(basename $(dirname $(readlink -f {dev}))) && "
             "setpci -s $up BRIDGE_CONTROL=40:40 && sleep 0.01 && "
             "setpci -s $up BRIDGE_CONTROL=0:40")
D3 = ("setpci -s {bdf} CAP_PM+4.w=3:3 && sleep 0.05 && "
      "setpci -s {bdf} CAP_PM+4.w=0:3")


class ActError(Exception):
    """The machine did not do it: says nothing about the requester."""


def _until(what: str, done: Callable[[], bool]) -> None:
    end = time.monotonic() + PLUG_LIMIT
    while not done():
        if time.monotonic() > end:
            raise ActError(f"{what} takes more than {PLUG_LIMIT:.0f} s")
        time.sleep(0.02)


def _shell(script: str) -> Callable[["Vm", str], None]:
    def act(vm: "Vm", name: str) -> None:
        guest = vm.guest
        done = guest.run(["sh", "-c", script.format(
            dev=vm.sysfs(guest, name), bdf=guest.bdf(name))],
            timeout=SHELL_LIMIT)
        if not done.ok:
            raise ActError(done.describe())

    return act


def is_plugged(vm: "Vm", name: str) -> bool:
    return name in vm.guest.qom_list("/machine/peripheral")


def unplug(vm: "Vm", name: str) -> None:
    """The guest lets go of it in its own time."""
    try:
        vm.guest.qmp("device_del", id=name)
    except QmpError:
        pass                            # it is on its way already
    _until(f"unplugging {name}", lambda: not is_plugged(vm, name))


def plug(vm: "Vm", name: str, **other: str) -> None:
    """At its old place; with other properties it is another device."""
    guest = vm.guest
    ids = [device.id for device in guest.devices]
    device = guest.devices[ids.index(name)]
    guest.qmp("device_add", **{
        "driver": device.model, "id": name, "bus": f"rp{ids.index(name)}",
        **{key: str(value) for key, value in device.props.items()}, **other})
    path = f"{vm.sysfs(guest, name)}/config"
    _until(f"plugging {name}", lambda: guest.run(["test", "-e", path]).ok)


def swap(vm: "Vm", name: str) -> None:
    unplug(vm, name)
    plug(vm, name, **{
        "spdm-seed": f"{vm.seed}, another device",
        "spdm-identity-out": str(vm.root(name).with_name("swapped.pem")),
        "spdm-events": str(vm.swapped_events(name)),
        "spdm-keylog": str(vm.keys(name).with_name("swapped.log"))})


def system_reset(vm: "Vm", _: str) -> None:
    vm.guest.reset()
    vm.prepare(vm.guest)


ACTS: dict[str, Callable[["Vm", str], None]] = {
    "flr": _shell(FLR),
    "bus-reset": _shell(BUS_RESET),
    "d3": _shell(D3),
    "system-reset": system_reset,
    "unplug": unplug,
    "swap": swap,
}
ALONE = {"system-reset"}                # nobody else may be in the guest
AGAIN = {"system-reset", "swap"}        # a second run tells
