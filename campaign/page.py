# SPDX-License-Identifier: GPL-2.0-or-later
"""One page that needs nothing else: no network, no script."""
from html import escape
from typing import TextIO

from .case import CLASSES
from .report import Result, closing, status
from .verdict import Outcome

STYLE = """
:root { color-scheme: light dark; --ok: #1a7f37; --bad: #c62828;
        --line: #8884; --dim: #777; }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 72rem;
       margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
details { border-top: 1px solid var(--line); padding: .35rem 0 }
summary { display: grid; cursor: pointer; gap: .75rem;
          grid-template-columns: 3.5rem 1fr 8rem 5rem }
summary .name { overflow-wrap: anywhere }
.ok .word { color: var(--ok) } .FAIL .word { color: var(--bad);
font-weight: 600 } .skip .word, .known .word, .time { color: var(--dim) }
.time { text-align: right; font-variant-numeric: tabular-nums }
p { margin: .4rem 0 .4rem 4.25rem } pre { margin: .4rem 0 .4rem 4.25rem;
padding: .6rem; background: #8881; overflow-x: auto; font-size: 13px }
"""


def _case(o: Outcome, known: set[str]) -> str:
    word = status(o, known)
    bug = f" ({escape(o.case.bug)})" if o.case.bug else ""
    after = ", ".join(o.seen.after)
    fired = ", ".join(f"{name}: {count}"
                      for name, count in o.seen.fired.items())
    rows = [f"<p>{escape(o.case.why)}{bug}</p>",
            f"<p>Expected: {o.case.expect}. {escape(o.reason)}</p>"]
    if fired:
        rows.append(f"<p>Fired: {escape(fired)}. Requests after that: "
                    f"{escape(after) or 'none'}.</p>")
    if o.seen.ladder:
        rows.append(f"<pre>{escape(chr(10).join(o.seen.ladder))}</pre>")
    if o.case.plan:
        rows.append(f"<pre>{escape(o.case.plan)}</pre>")
    return (f'<details class="{word}"{" open" if word == "FAIL" else ""}>'
            f'<summary><span class="word">{word}</span>'
            f'<span class="name">{escape(o.case.name)}</span>'
            f'<span class="word">{o.verdict.value}</span>'
            f'<span class="time">{o.said.seconds * 1000:.0f} ms</span>'
            f"</summary>{''.join(rows)}</details>")


def write_html(result: Result, out: TextIO) -> None:
    print('<!doctype html><html lang="en"><meta charset="utf-8">'
          '<meta name="viewport" content="width=device-width">'
          f"<title>SPDM campaign</title><style>{STYLE}</style>"
          f"<h1>SPDM campaign: {escape(result.requester)}</h1>"
          f"<p style=\"margin-left:0\">{escape(closing(result))}</p>",
          file=out)
    for letter, title in CLASSES.items():
        row = [o for o in result.outcomes if o.case.letter == letter]
        if row:
            good = sum(o.passed for o in row)
            print(f"<h2>{letter} &middot; {title} &middot; {good} of "
                  f"{len(row)}</h2>", file=out)
            for outcome in row:
                print(_case(outcome, result.known), file=out)
    print("</html>", file=out)
