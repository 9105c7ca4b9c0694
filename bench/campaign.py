# SPDX-License-Identifier: GPL-2.0-or-later
"""How many cases of the fault campaign are judged a second."""
import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .figure import Figure, of_samples
from .provider import TOP, Context, Provider, Unavailable

ARGUMENTS = ("--no-wait", "--quiet")
HOST = ("--host",)
GUEST = ("--shard", "1/4")      # a part is as fast as the whole


def run_once(context: Context, folder: Path, where: tuple[str, ...]
             ) -> float:
    result = folder / "campaign.json"
    made = subprocess.run(
        [TOP / "scripts/campaign", *ARGUMENTS, *where, "--tools", context.tools,
         "--json", result], capture_output=True, text=True, check=False)
    if not result.exists():
        raise Unavailable(f"scripts/campaign ended with {made.returncode}: "
                          f"{made.stderr.strip()[-300:]}")
    return json.loads(result.read_text())["cases_per_second"]


def in_guest(context: Context) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        speed = run_once(context, Path(folder), GUEST)
    yield of_samples("campaign.guest", "cases/s", [speed],
                     note="a quarter of the cases that do not wait on "
                     "purpose, spdm-requester in a guest against a device")


def on_host(context: Context) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        speeds = [run_once(context, Path(folder), HOST)
                  for _ in range(context.runs(3, 1))]
    yield of_samples("campaign.host", "cases/s", speeds,
                     note="all cases that do not wait on purpose, "
                     "spdm-requester against spdm-responder")


PROVIDERS = (Provider("campaign.host", "cases a second on the host",
                      on_host),
             Provider("campaign.guest", "cases a second in a guest",
                      in_guest, slow=True))
