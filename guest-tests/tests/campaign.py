# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/campaign in a guest: acts from outside, and guests that are lost."""
import json
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from qspdm.env import TOP
from qspdm.tap import Row, Suite, equal, true

from .machine import Models

LIMIT = 900                 # seconds: a hang guard
# A requester that takes the guest with it in two of its cases.
BAD = """
case $SPDM_CASE in
version/none) echo c >/proc/sysrq-trigger; sleep 60 ;;
version/twice) echo freeze >/sys/power/state; sleep 60 ;;
esac
exec spdm-requester --device $SPDM_BDF --trust $SPDM_TRUST --quiet run connect
"""


def campaign(qemu: str, *words: str) -> dict:
    """What it writes as JSON; results by the names of their cases."""
    with tempfile.TemporaryDirectory() as folder:
        bad = Path(folder) / "bad.sh"
        bad.write_text(BAD)
        path = Path(folder) / "result.json"
        subprocess.run(
            [TOP / "scripts/campaign", "--qemu", qemu, "--quiet", "--copy",
             str(bad), "--json", path, *words], check=False, timeout=LIMIT,
            stdout=subprocess.DEVNULL)
        body = json.loads(path.read_text())
    body["results"] = {one["name"]: one for one in body["results"]}
    return body


def lost_guests(qemu: str) -> None:
    body = campaign(qemu, "--jobs", "1", "--limit", "3", "--requester",
                    "sh /bin/bad.sh", "--only", "version/none", "--only",
                    "version/twice", "--only", "version/unknown-major")
    verdicts = {name: one["verdict"]
                for name, one in body["results"].items()}
    equal(verdicts, {"version/none": "crashed", "version/twice": "hung",
                     "version/unknown-major": "clean abort"},
          "the verdicts")
    true("panic" in body["results"]["version/none"]["reason"],
         f"no word of a panic: {body['results']['version/none']['reason']}")
    true(body["boots"] > 2, f"{body['boots']} boots only")


# One of each kind: the whole class is for scripts/campaign itself.
ACTS = ("flr/in-a-session", "bus-reset/in-the-handshake", "d3/in-a-session",
        "system-reset/in-a-session", "unplug/in-the-handshake",
        "swap/in-a-session", "removal/button-in-a-session",
        "removal/surprise-in-a-session", "reset/in-a-key-update",
        "measurement/changed-in-a-session")


def acts(qemu: str) -> None:
    words = [word for name in ACTS for word in ("--only", name)]
    body = campaign(qemu, *words)
    equal(sorted(body["results"]), sorted(ACTS), "the cases")
    bad = {name: one["reason"] for name, one in body["results"].items()
           if not one["pass"]}
    equal(bad, {}, "cases that are not as they should be")
    equal(body["boots"], 1, "boots")
    equal(body["unfired"], 0, "unfired rules")


def suites(qemu: str, _: Models, tag: str) -> list[Suite]:
    def row(run: Callable[[str], None]) -> Callable[[None], None]:
        return lambda _: run(qemu)

    rows: list[Row] = [
        ("resets, unplugging and another device in its place, in one boot",
         row(acts)),
        ("a requester that panics the guest, and one that hangs it, are "
         "told apart, and the guest is booted again", row(lost_guests))]
    return [Suite(f"{tag}: the campaign", nullcontext, rows)]
