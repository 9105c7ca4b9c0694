# SPDX-License-Identifier: GPL-2.0-or-later
"""The DOE mailbox as lspci, raw accesses and Linux's own DOE core see it."""
import json
import re
from collections.abc import Callable

from qspdm.guest import Guest
from qspdm.tap import Row, Suite, comment, equal, true

from .machine import Machine, Models, booting

GET_VERSION = "10840000"
VERSION_HEADER = "1004"
DEBUGFS = "/sys/kernel/debug/doetest"
DISCOVERY, CMA, SECURED_CMA = 0, 1, 2


def poke(guest: Guest, device_id: str, *words: str) -> str:
    return guest.run(["doepoke", guest.bdf(device_id), *words],
                     check=True).out.strip()


def answers(guest: Guest, device_id: str) -> None:
    """The mailbox is in working order."""
    out = poke(guest, device_id, "exchange", str(CMA), GET_VERSION)
    true(out.startswith(VERSION_HEADER), f"{device_id} answered {out}")


def lspci_shows(m: Machine, device_id: str) -> None:
    out = m.guest.sh(f"lspci -vvv -s {m.guest.bdf(device_id)}")
    true("Data Object Exchange" in out, out)
    true("DOESta: Busy- IntSta- Error- ObjectReady-" in out, out)


def discovery_lists(m: Machine, device_id: str) -> None:
    found, index = [], 0
    while len(found) < 16:
        out = poke(m.guest, device_id, "exchange", str(DISCOVERY),
                   f"{index:02x}000000")
        entry = bytes.fromhex(out)
        equal(entry[:2], b"\1\0", "vendor")
        found.append(entry[2])
        index = entry[3]
        if not index:
            break
    equal(found, [DISCOVERY, CMA, SECURED_CMA], "object types")


def version_answered(m: Machine, device_id: str) -> None:
    answers(m.guest, device_id)


def kernel_attach(guest: Guest, device_id: str) -> str:
    bdf = guest.bdf(device_id)
    guest.sh(f"modprobe doetest && test -d {DEBUGFS}/{bdf} || "
             f"echo {bdf} >{DEBUGFS}/attach")
    return f"{DEBUGFS}/{bdf}"


def kernel_lists(m: Machine, device_id: str) -> None:
    path = kernel_attach(m.guest, device_id)
    out = m.guest.sh(f"cat {path}/protocols").split()
    equal(out, ["0001:00", "0001:01", "0001:02"], "protocols")


def kernel_exchange(guest: Guest, device_id: str, kind: int,
                    payload: str) -> str:
    path = kernel_attach(guest, device_id)
    octal = "".join(f"\\{byte:03o}" for byte in
                    bytes((1, 0, kind, 0)) + bytes.fromhex(payload))
    return guest.sh(f"exec 3<>{path}/exchange; printf '{octal}' >&3 && "
                    "xxd -p -c 256 <&3").strip()


def kernel_discovers(m: Machine, device_id: str) -> None:
    out = kernel_exchange(m.guest, device_id, DISCOVERY, "01000000")
    equal(out[:6], "010001", "vendor and type of entry 1")


def kernel_speaks_spdm(m: Machine, device_id: str) -> None:
    out = kernel_exchange(m.guest, device_id, CMA, GET_VERSION)
    true(out.startswith(VERSION_HEADER), f"answered {out}")


def kernel_detaches(m: Machine, device_id: str) -> None:
    kernel_attach(m.guest, device_id)
    before = m.guest.sh("lspci -k")
    m.guest.sh(f"echo {m.guest.bdf(device_id)} >{DEBUGFS}/detach")
    equal(m.guest.sh("lspci -k"), before, "drivers in use")
    answers(m.guest, device_id)


def kernel_is_content(m: Machine) -> None:
    bad = m.guest.sh("dmesg | grep -E 'DOE|doe |BUG|WARNING|Oops|Call Trace'"
                     " || true")
    bad = re.sub(r".*(doetest: (loading out-of-tree|module verification)"
                 r"|Asked for).*\n", "", bad)
    equal(bad, "", "complaints in dmesg")


def time_version(m: Machine) -> None:
    """No limit is asserted: the figure is for people to read."""
    out = poke(m.guest, "ssd", "time", "200", str(CMA), GET_VERSION)
    figures = json.loads(out)
    comment(f"GET_VERSION as the guest sees it: median "
            f"{figures['median_us']:.0f} us, min {figures['min_us']:.0f} us")
    equal(figures["count"], 200)


TABLE = [
    ("lspci -vvv shows the DOE capability, idle, on {}", lspci_shows),
    ("discovery on {} lists discovery, CMA and secured CMA",
     discovery_lists),
    ("{} answers GET_VERSION", version_answered),
    ("Linux's DOE core finds the three object types of {}", kernel_lists),
    ("Linux's DOE core exchanges discovery with {}", kernel_discovers),
    ("Linux's DOE core exchanges SPDM messages with {}",
     kernel_speaks_spdm),
    ("the kernel lets go of the mailbox of {} and its driver stays",
     kernel_detaches),
]


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
    return [*table,
            ("the guest's kernel has nothing to complain of",
             kernel_is_content),
            ("two hundred GET_VERSION exchanges are timed", time_version)]


def suites(qemu: str, models: Models, tag: str) -> list[Suite]:
    return [Suite(f"{tag}: the DOE mailbox",
                  booting(qemu, models, f"{tag}-doe"), rows(models))]
