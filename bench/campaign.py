# SPDX-License-Identifier: GPL-2.0-or-later
"""How many cases of the fault campaign are judged a second, on the host."""
import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .figure import Figure, of_samples
from .provider import TOP, Context, Provider, Unavailable

ARGUMENTS = ("--host", "--no-wait", "--quiet")


def run_once(context: Context, folder: Path) -> float:
    result = folder / "campaign.json"
    made = subprocess.run(
        [TOP / "scripts/campaign", *ARGUMENTS, "--tools", context.tools,
         "--json", result], capture_output=True, text=True, check=False)
    if not result.exists():
        raise Unavailable(f"scripts/campaign ended with {made.returncode}: "
                          f"{made.stderr.strip()[-300:]}")
    return json.loads(result.read_text())["cases_per_second"]


def measure(context: Context) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        speeds = [run_once(context, Path(folder))
                  for _ in range(context.runs(3, 1))]
    yield of_samples("campaign.host", "cases/s", speeds,
                     note="all cases that do not wait on purpose, "
                     "spdm-requester against spdm-responder")


PROVIDERS = (Provider("campaign.host", "cases a second on the host",
                      measure),)
