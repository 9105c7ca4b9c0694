# SPDX-License-Identifier: GPL-2.0-or-later
"""One page that needs nothing else: no network, no script."""
from html import escape
from typing import TextIO

from . import ladders
from .case import CLASSES
from .ladders import Drawn
from .report import Result, closing, status
from .verdict import Outcome

# Behind the style that spdm-trace gives its ladders, whose colours are used.
STYLE = """
:root{color-scheme:light dark}
body{max-width:76rem;margin:0 auto}
h2{margin:2rem 0 .5rem}
.case{border-top:1px solid #8884}
.case>summary{display:grid;cursor:pointer;gap:.75rem;padding:.35rem .3rem;
grid-template-columns:3.5rem 1fr 9rem 5.5rem;list-style:none}
.case>summary .name{overflow-wrap:anywhere}
.case.ok .word{color:var(--good,#1a7f37)}
.case.FAIL .word{color:var(--bad,#c62828);font-weight:600}
.case.skip .word,.case.known .word,.time{color:var(--dim,#777)}
.time{text-align:right;font-variant-numeric:tabular-nums}
.case>p,.case>pre,.case>.end{margin:.4rem 0 .4rem 4.5rem}
.case>pre{padding:.6rem;background:var(--panel,#8881);overflow-x:auto;
font:12.5px/1.5 ui-monospace,'DejaVu Sans Mono',monospace;border-radius:6px}
.case>.ladder{margin:.6rem 0 .6rem 4.5rem}
.case>.cut{color:var(--dim,#777);font-size:.86rem}
.plan{color:var(--dim,#777)}
"""


def _ladder(o: Outcome, drawn: Drawn) -> list[str]:
    """spdm-trace's drawing, or lines where there is no room for one."""
    rows = [drawn.end] if drawn.end else []
    if drawn.items:
        rows.append(f'<div class="ladder">{"".join(drawn.items)}</div>')
        if drawn.left_out:
            rows.append(f'<p class="cut">{drawn.left_out} more messages and '
                        "events are left out.</p>")
    elif o.seen.ladder:
        rows.append(f"<pre>{escape(chr(10).join(o.seen.ladder))}</pre>")
    return rows


def _case(o: Outcome, known: set[str], drawn: Drawn) -> str:
    word = status(o, known)
    bug = f" ({escape(o.case.bug)})" if o.case.bug else ""
    after = ", ".join(o.seen.after)
    fired = ", ".join(f"{name}: {count}"
                      for name, count in o.seen.fired.items())
    rows = [f"<p>{escape(o.case.why)}{bug}</p>",
            f"<p>Expected: {o.case.expect}. The requester: "
            f"{escape(o.reason) or o.said.says.value}</p>"]
    if fired:
        rows.append(f"<p>Fired: {escape(fired)}. Requests after that: "
                    f"{escape(after) or 'none'}.</p>")
    if o.case.plan:
        rows.append(f'<pre class="plan">{escape(o.case.plan)}</pre>')
    rows += _ladder(o, drawn)
    return (f'<details class="case {word}"'
            f'{" open" if word == "FAIL" else ""}>'
            f'<summary><span class="word">{word}</span>'
            f'<span class="name">{escape(o.case.name)}</span>'
            f'<span class="word">{o.verdict.value}</span>'
            f'<span class="time">{o.said.seconds * 1000:.0f} ms</span>'
            f"</summary>{''.join(rows)}</details>")


def write_html(result: Result, out: TextIO) -> None:
    drawn = dict(zip((o.case.name for o in result.outcomes),
                     ladders.draw(result.outcomes)))
    first = next((d for d in drawn.values() if d.style), Drawn())
    print('<!doctype html><html lang="en"><meta charset="utf-8">'
          '<meta name="viewport" content="width=device-width">'
          f"<title>SPDM campaign</title><style>{first.style}{STYLE}</style>"
          f"<h1>SPDM campaign: {escape(result.requester)}</h1>"
          f'<p class="sum">{escape(closing(result))}</p>'
          f"<p>A case opens with a click.</p>{first.legend}", file=out)
    for letter, title in CLASSES.items():
        row = [o for o in result.outcomes if o.case.letter == letter]
        if row:
            good = sum(o.passed for o in row)
            print(f"<h2>{letter} &middot; {title} &middot; {good} of "
                  f"{len(row)}</h2>", file=out)
            for outcome in row:
                print(_case(outcome, result.known,
                            drawn[outcome.case.name]), file=out)
    print("</html>", file=out)
