# SPDX-License-Identifier: GPL-2.0-or-later
"""A case's ladder for the page: spdm-trace's drawing, cut to size.

The device's events of one case are given to spdm-trace, and what it draws is
taken out of its page: what it says of the end, and the ladder with a fold for
the fields of each message.
"""
import json
import re
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from .verdict import Outcome, Seen

TRACE = Path(__file__).resolve().parent.parent / "build/tools/spdm-trace"
LIMIT = 30.0                # seconds: a hang guard
MOST_ITEMS = 48             # of a ladder
MOST_BYTES = 96 << 10       # of a case
MOST_ALL = 24 << 20         # of all cases together
ENDS = 8                    # events that GET_VERSION can end at most
BEFORE = 6                  # items that a cut leaves before the first fault
ITEM = re.compile(r"<details id=.*?</details>|<svg .*?</svg>", re.S)


@dataclass(frozen=True)
class Drawn:
    style: str = ""
    legend: str = ""
    end: str = ""           # what spdm-trace says of how it ended
    items: tuple[str, ...] = ()
    left_out: int = 0       # items, before and behind


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text, re.S)
    return match.group(1) if match else ""


def _window(items: list[str]) -> list[str]:
    """What is around the first fault, when there is too much of it."""
    if len(items) <= MOST_ITEMS and sum(map(len, items)) <= MOST_BYTES:
        return items
    first = next((i for i, item in enumerate(items)
                  if 'class="band fault' in item), 0)
    kept: list[str] = []
    size = 0
    for item in items[max(0, first - BEFORE):][:MOST_ITEMS]:
        size += len(item)
        if size > MOST_BYTES:
            break
        kept.append(item)
    return kept


def take_apart(text: str) -> Drawn:
    """spdm-trace's page."""
    body = _found(r"<section>(.*)</section>", text)
    _, _, ladder = body.partition('<div class="ladder">')
    items = ITEM.findall(ladder)
    kept = _window(items)
    return Drawn(_found(r"<style>(.*?)</style>", text),
                 _found(r'(<p class="legend">.*?</p>)', text),
                 _found(r'(<div class="end.*?</div>)\s*(?=<svg)', body),
                 tuple(kept), len(items) - len(kept))


def _own(events: tuple[dict, ...]) -> tuple[dict, ...]:
    """Without how the case before came to its end."""
    for index, event in enumerate(events):
        if event.get("event") in ("fault", "message"):
            break
    else:
        return events
    return tuple(event for i, event in enumerate(events)
                 if i >= index and not (
                     i < index + ENDS and
                     event.get("event") in ("session", "abort") and
                     events[index].get("name") == "GET_VERSION"))


def _draw(seen: Seen, name: str, folder: Path) -> Drawn:
    events = _own(seen.events)
    if not events or not TRACE.exists():
        return Drawn()
    source, target = folder / f"{name}.jsonl", folder / f"{name}.html"
    keys = folder / f"{name}.keys"
    keys.write_text(seen.keys)
    begin = {"event": "begin", "us": events[0].get("us", 0), "device": name,
             "format": 1, "transport": "pci-doe"}
    with source.open("w") as out:
        for event in (begin, *events):
            # Of one device by that name; its ids are unique on the page.
            print(json.dumps({**event, "device": name}), file=out)
    try:
        subprocess.run([TRACE, "--quiet", "--keys", keys, "--html", target,
                        source], check=True, timeout=LIMIT,
                       capture_output=True)
        return take_apart(target.read_text(errors="replace"))
    except (OSError, subprocess.SubprocessError):
        return Drawn()      # the page has the text's ladder instead
    finally:
        for path in (source, target, keys):
            path.unlink(missing_ok=True)


def draw(outcomes: list[Outcome], jobs: int = 2) -> list[Drawn]:
    """One for each, in their order, and bounded all together."""
    with tempfile.TemporaryDirectory(prefix="ladders-") as scratch, \
            ThreadPoolExecutor(jobs) as pool:
        drawn = list(pool.map(
            lambda pair: _draw(pair[1].seen, f"c{pair[0]}",
                               Path(scratch)), enumerate(outcomes)))
    # Failures are what the page is read for: they have room first.
    order = sorted(range(len(drawn)), key=lambda i: outcomes[i].passed)
    size = 0
    for i in order:
        size += sum(map(len, drawn[i].items))
        if size > MOST_ALL:
            drawn[i] = Drawn(drawn[i].style, drawn[i].legend, drawn[i].end)
    return drawn
