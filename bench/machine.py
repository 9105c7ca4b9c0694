# SPDX-License-Identifier: GPL-2.0-or-later
"""What the figures were taken on."""
import os
import platform
import re
import subprocess
from pathlib import Path

from .provider import TOP


def first_match(path: str, pattern: str) -> str:
    try:
        found = re.search(pattern, Path(path).read_text(), re.M)
    except OSError:
        return ""
    return found[1].strip() if found else ""


def output(*command: str) -> str:
    try:
        made = subprocess.run(command, capture_output=True, text=True,
                              check=False, cwd=TOP)
    except OSError:
        return ""
    return made.stdout.strip() if made.returncode == 0 else ""


def build_type(build: Path) -> str:
    text = output("meson", "introspect", str(build), "--buildoptions")
    found = re.search(r'"buildtype"[^}]*?"value": "(\w+)"|'
                      r'"value": "(\w+)"[^}]*?"name": "buildtype"', text)
    return next((g for g in found.groups() if g), "") if found else ""


def describe(build: Path) -> dict[str, object]:
    kib = first_match("/proc/meminfo", r"^MemTotal:\s+(\d+)")
    return {
        "processor": first_match("/proc/cpuinfo", r"^model name\s*:(.*)$") or
        platform.machine(),
        "processors": len(os.sched_getaffinity(0)),
        "memory_mib": int(kib or 0) // 1024,
        "kvm": os.access("/dev/kvm", os.R_OK | os.W_OK),
        "system": f"{platform.system()} {platform.release()}",
        "distribution": first_match("/etc/os-release",
                                    r'^PRETTY_NAME="?([^"\n]*)'),
        "libgcrypt": output("pkg-config", "--modversion", "libgcrypt"),
        "glib": output("pkg-config", "--modversion", "glib-2.0"),
        "build": build_type(build),
        "commit": output("git", "describe", "--always", "--dirty"),
        "load": round(os.getloadavg()[0], 2),
    }


def one_line(machine: dict[str, object]) -> str:
    return (f"{machine['processor']}, {machine['processors']} processors, "
            f"{machine['memory_mib']} MiB, {machine['distribution']}, "
            f"libgcrypt {machine['libgcrypt']}, commit {machine['commit']}, "
            f"load {machine['load']}")
