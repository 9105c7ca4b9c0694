# SPDX-License-Identifier: GPL-2.0-or-later
"""Where things are: the repository, build/, and what scripts/setup found."""
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BUILD = TOP / "build"
GUEST = BUILD / "guest"
LOGS = BUILD / "logs"
IN_TREE_QEMU = BUILD / "qemu-tree/build/qemu-system-x86_64"
WRAPPER = BUILD / "qemu-system-x86_64-spdm"
TRACE = BUILD / "tools/spdm-trace"
REQUESTER = BUILD / "tools/spdm-requester"


def read_env() -> dict[str, str]:
    """The KEY=value pairs of build/env.sh."""
    path = BUILD / "env.sh"
    if not path.exists():
        raise SystemExit("build/env.sh is missing: run scripts/setup first")
    pairs = (line.split("=", 1) for line in path.read_text().splitlines()
             if "=" in line and not line.startswith("#"))
    return {key: value.strip() for key, value in pairs}
