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


# ---- what CI relies on, from end to end; on the host, where it takes seconds

def on_host(folder: Path, *words: str) -> tuple[int, dict, set[str]]:
    """Exit status, JSON, and the names in the TAP."""
    json_path, tap_path = folder / "result.json", folder / "result.tap"
    done = subprocess.run(
        [TOP / "scripts/campaign", "--host", "--quiet", "--json", json_path,
         "--tap", tap_path, *words], check=False, timeout=LIMIT,
        stdout=subprocess.DEVNULL)
    names = {line.split(" - ", 1)[1] for line in
             tap_path.read_text().splitlines() if " - " in line}
    return done.returncode, json.loads(json_path.read_text()), names


def in_folder(check: Callable[[Path], None]) -> Callable[[None], None]:
    def run(_: None) -> None:
        with tempfile.TemporaryDirectory() as folder:
            check(Path(folder))

    return run


def shards_add_up(folder: Path) -> None:
    whole = on_host(folder, "--only", "F")[2]
    parts = [on_host(folder, "--only", "F", "--shard", f"{i}/3")[2]
             for i in (1, 2, 3)]
    equal(set.union(*parts), whole, "all shards together")
    equal(sum(map(len, parts)), len(whole), "cases, none of them twice")
    equal(on_host(folder, "--only", "F", "--shard", "2/3")[2], parts[1],
          "the same shard again")


def baseline_holds(folder: Path) -> None:
    """`true` believes everything."""
    gullible = ("--requester-host", "true", "--only", "psk/")
    known = str(folder / "known")
    code, body, _ = on_host(folder, *gullible, "--write-baseline", known)
    equal(code, 1, "exit status without a baseline")
    true(body["fail"] > 0 and body["known"] == 0, "nothing failed")
    code, body, _ = on_host(folder, *gullible, "--baseline", known)
    equal((code, body["known"]), (0, body["fail"]), "with the baseline")
    code, _, _ = on_host(folder, *gullible, "--baseline", known,
                         "--only", "version/none")
    equal(code, 1, "exit status with news")


def told(folder: Path, seed: str) -> list[str]:
    """What the device sent; its nonces are among it."""
    folder.mkdir()
    on_host(folder, "--only", "psk/verify-data", "--jobs", "1", "--seed",
            seed, "--keep", str(folder / seed))
    lines = (folder / seed / "host0/full/events.jsonl").read_text()
    events = [json.loads(line) for line in lines.splitlines()]
    return [event["hex"][16:80] for event in events
            if event.get("name") == "PSK_EXCHANGE_RSP" and
            event.get("hex")]


def seed_fixes_the_device(folder: Path) -> None:
    first = told(folder / "a", "one")
    true(first, "no PSK_EXCHANGE_RSP")
    equal(told(folder / "b", "one"), first, "the same seed")
    true(told(folder / "c", "two") != first, "another seed is no other")


HOST_ROWS: list[Row] = [
    ("shards add up to the whole, and are the same each time",
     in_folder(shards_add_up)),
    ("a baseline makes a run green that has no news",
     in_folder(baseline_holds)),
    ("a seed fixes what the device sends", in_folder(seed_fixes_the_device)),
]


def suites(qemu: str, _: Models, tag: str) -> list[Suite]:
    def row(run: Callable[[str], None]) -> Callable[[None], None]:
        return lambda _: run(qemu)

    rows: list[Row] = [
        ("resets, unplugging and another device in its place, in one boot",
         row(acts)),
        ("a requester that panics the guest, and one that hangs it, are "
         "told apart, and the guest is booted again", row(lost_guests))]
    return [Suite(f"{tag}: the campaign", nullcontext, rows),
            Suite(f"{tag}: the campaign on the host", nullcontext,
                  HOST_ROWS)]
