# SPDX-License-Identifier: GPL-2.0-or-later
"""What is printed, and the same as data."""
import json
import re
import time
from pathlib import Path
from typing import Any

from .scenes import Keys
from .stage import Played, keys_of

START = time.monotonic()
TAIL = 7                # lines of a requester's ladder


def say(text: str) -> None:
    print(f"[{time.monotonic() - START:6.1f} s] {text}")


def last_lines(played: Played) -> list[str]:
    """The end of the requester's ladder, and why it stopped."""
    lines = played.said.rstrip().splitlines()[-TAIL:]
    if any(played.reason in line for line in lines):
        return lines
    return [*lines, played.reason]


def show(played: Played) -> None:
    if played.did:
        print(f"    # {played.did}")
    for line in last_lines(played):
        print(f"    | {line}".rstrip())
    for line in device_lines(played):
        print(f"    * {line}")
    print(f"    keys: {keys_line(played)}")
    print(f"    the device afterwards: {played.after_line}")
    for line in played.wrong:
        print(f"    WRONG: {line}")


# ---- the device's words ----------------------------------------------------

def device_line(event: dict[str, Any]) -> str:
    """An event that is no message in a line; nothing of others."""
    kind = event["event"]
    if kind == "session":
        why = f": {event['why']}" if event.get("why") else ""
        return f"session {event['session']} {event['state']}{why}"
    if kind == "abort":
        why = event.get("why", "")
        return why if why.startswith("aborted by the ") else \
            f"aborted by the {event['who']}: {why}"
    if kind == "fault":
        return (f"fault {event['rule']}: {event['action']} at {event['at']} "
                f"of {event.get('message', '?')}")
    if kind == "doe":
        text = f": {event['text']}" if event.get("text") else ""
        return f"mailbox {event['what']}{text}"
    if kind == "note":
        return event["text"]
    if kind == "message" and event.get("name") == "ERROR":
        return f"answers ERROR {event.get('text', '')}".rstrip()
    return ""


def device_lines(played: Played) -> list[str]:
    """From the first message on: the requester empties the mailbox first."""
    messages = [i for i, event in enumerate(played.events)
                if event["event"] == "message"]
    if not messages:
        return []
    last = played.events[messages[-1]]
    lines = map(device_line, played.events[messages[0]:])
    return [*filter(None, lines),
            f"{len(messages)} messages, the last {last.get('name', '?')}"]


KEYS_SHOWN = {
    Keys.AT_ONCE: "spdm-status shows no session any more",
    Keys.AT_NEXT: "the device knew nothing of it until the requester began "
                  "anew; then spdm-status shows no session any more",
    Keys.NONE: "no session was opened",
    Keys.GONE: "they went with the device",
}


def keys_line(played: Played) -> str:
    """What became of the device's keys, and how that is known."""
    if not played.keys:
        return "not known"
    words = [KEYS_SHOWN[keys_of(played)]]
    words += [f"session ended: {why}" for why in played.ended]
    if any(e["event"] == "doe" and e.get("what") == "drop"
           for e in played.events):
        words.append("the next record got no answer")
    return "; ".join(words)


# ---- the table and the summary --------------------------------------------

HEAD = ("abort", "by", "the requester says", "keys on the device", "after",
        "as it has to")
WIDE = 58


def shortened(text: str) -> str:
    return text if len(text) <= WIDE else text[:WIDE - 3] + "..."


def words_of(played: Played) -> str:
    """Without who says it, and when."""
    return re.sub(r"^(spdm-requester:|\d+\.\d+) +", "", played.reason)


def table(rows: list[Played]) -> str:
    cells = [[p.scene.id, p.scene.by, shortened(words_of(p)), p.keys,
              p.after, "NO" if p.wrong else "yes"] for p in rows]
    widths = [max(map(len, column)) for column in zip(HEAD, *cells)]
    lines = [HEAD, ["-" * width for width in widths], *cells]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in
                               zip(line, widths)).rstrip() for line in lines)


def write_summary(rows: list[Played], path: Path) -> None:
    path.write_text(json.dumps({
        "aborts": len(rows), "right": sum(not p.wrong for p in rows),
        "rows": [{"id": p.scene.id, "title": p.scene.title,
                  "by": p.scene.by, "did": p.did, "command": p.command,
                  "exit": p.exit, "requester": words_of(p),
                  "device": device_lines(p), "ended": p.ended,
                  "keys": p.keys, "keys_shown": keys_line(p),
                  "after": p.after,
                  "seconds": round(p.seconds, 3), "wrong": p.wrong}
                 for p in rows]}, indent=2) + "\n")
