# SPDX-License-Identifier: GPL-2.0-or-later
"""One page for the lot: it loads nothing and needs no script.

The ladders are spdm-trace's own; here they are cut in three, so that the abort
is what one sees, and what was before and after it opens with a click.
"""
import re
import subprocess
from dataclasses import dataclass
from html import escape
from pathlib import Path

from qspdm.env import TRACE

from .report import device_lines, keys_line, last_lines
from .stage import Played, Stage

# Beside the style that spdm-trace gave its ladders.
STYLE = """
nav ol{columns:2;column-gap:2.5rem;padding-left:1.6rem;margin:.6rem 0 0}
nav li{break-inside:avoid;padding:.08rem 0}a{color:var(--req)}
.abort{border-top:1px solid var(--line);margin-top:2.4rem;padding-top:1.2rem}
.abort h2{font-size:1.2rem;margin:0}.abort>p{max-width:46rem;margin:.4rem 0}
.by{font-size:.8rem;font-weight:500;border:1px solid var(--line);
border-radius:1rem;padding:.1rem .6rem;margin-left:.5rem;color:var(--dim);
white-space:nowrap}
.two{display:grid;grid-template-columns:1fr 1fr;gap:.8rem;margin:.8rem 0}
@media(max-width:760px){.two{grid-template-columns:1fr}nav ol{columns:1}}
.two>div{background:var(--panel);border-radius:6px;padding:.5rem .8rem;
min-width:0}h3{font-size:.85rem;margin:0 0 .3rem}
.two .req{color:var(--req)}.two .rsp{color:var(--rsp)}
pre{margin:0;font:12px/1.5 ui-monospace,'DejaVu Sans Mono',monospace;
white-space:pre-wrap;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem .9rem;
margin:.8rem 0}dt{color:var(--dim)}dd{margin:0}
dd.good{color:var(--good)}dd.bad{color:var(--bad)}
code{font:.88em ui-monospace,'DejaVu Sans Mono',monospace;
overflow-wrap:anywhere}
.part>summary{color:var(--dim);font-size:.86rem;text-align:center;
padding:.3rem}.part>summary::before{content:"\\25b8  "}
.part[open]>summary::before{content:"\\25be  "}
.end::before{content:"spdm-trace: ";color:var(--dim)}.end>div{display:inline}
.end>div+div::before{content:"; "}
.verdict{font-weight:600}.verdict.good{color:var(--good)}
.verdict.bad{color:var(--bad)}
"""
ITEM = re.compile(r"<details id=.*?</details>|"
                  r'<svg .*?</svg>(?:<div class="why note">.*?</div>)?',
                  re.S)


@dataclass
class Traced:
    """spdm-trace's page of one device, taken apart."""
    style: str
    legend: str
    end: str                    # what it says of how it ended
    heads: str
    items: list[str]            # messages, and what is between them


def found(pattern: str, text: str, what: Path) -> re.Match[str]:
    match = re.search(pattern, text, re.S)
    if not match:
        raise AssertionError(f"{what}: no {pattern}: not spdm-trace's page?")
    return match


def trace(stage: Stage, played: Played) -> Traced:
    target = stage.file(played.scene, "html")
    subprocess.run([TRACE, "--quiet", "--keys",
                    stage.file(played.scene, "keys"), "--html", target,
                    stage.file(played.scene, "events")], check=True)
    text = target.read_text()
    body = found(r"<section>(.*)</section>", text, target).group(1)
    heads, ladder = body.split('<div class="ladder">')
    return Traced(
        found(r"<style>(.*?)</style>", text, target).group(1),
        found(r'<p class="legend">.*?</p>', text, target).group(),
        found(r'<div class="end.*?</div>\s*(?=<svg)', heads, target).group(),
        heads[heads.rindex("<svg "):], ITEM.findall(ladder))


def is_message(item: str, name: str = "") -> bool:
    return item.startswith("<details") and f'"n">{name}' in item


def cuts(items: list[str]) -> tuple[int, int]:
    """Where the abort begins and ends among them."""
    begins = [i for i, item in enumerate(items)
              if is_message(item, "GET_VERSION<")]
    again = begins[1] if len(begins) > 1 else len(items)
    keys = [i for i, item in enumerate(items[:again])
            if is_message(item, "KEY_EXCHANGE<") or
            is_message(item, "GET_DIGESTS<")]
    # The exchange of keys, or what it did not come to.
    first = keys[-1] if keys else 0
    # What GET_VERSION made of old sessions stands before its answer.
    answers = [i for i, item in enumerate(items)
               if i > again and is_message(item, "VERSION<")]
    return first, answers[0] + 1 if answers else len(items)


def part(title: str, items: list[str]) -> str:
    count = sum(map(is_message, items))
    if not count:
        return f'<div class="ladder">{"".join(items)}</div>'
    return (f'<details class="part"><summary>{title}: {count} messages'
            f'</summary><div class="ladder">{"".join(items)}</div></details>')


def ladder(traced: Traced) -> str:
    first, last = cuts(traced.items)
    return "".join([
        traced.heads, part("before", traced.items[:first]),
        f'<div class="ladder">{"".join(traced.items[first:last])}</div>',
        part("afterwards", traced.items[last:])])


# ---- one abort ---------------------------------------------------------------

def side(title: str, kind: str, lines: list[str]) -> str:
    text = "\n".join(re.sub(r" {2,}", "  ", line.strip()) for line in lines)
    return (f'<div><h3 class="{kind}">{title}</h3>'
            f"<pre>{escape(text)}</pre></div>")


def facts(played: Played) -> str:
    rows = [("done", f"<code>{escape(played.did)}</code>", "")] \
        if played.did else []
    kind = "" if played.wrong else "good"
    rows += [("asked", f"<code>{escape(played.command)}</code>", ""),
             ("keys", escape(keys_line(played)), kind),
             ("afterwards", escape(played.after_line), kind)]
    rows += [("wrong", escape(line), "bad") for line in played.wrong]
    return "<dl>" + "".join(f'<dt>{name}</dt><dd class="{kind}">{text}</dd>'
                            for name, text, kind in rows) + "</dl>"


def section(played: Played, traced: Traced) -> str:
    scene = played.scene
    return (f'<section class="abort" id="abort-{scene.id}">'
            f'<h2>{escape(scene.title)}<span class="by">by the '
            f"{scene.by}</span></h2><p>{escape(scene.story)}</p>"
            f'{facts(played)}<div class="two">'
            f'{side("What the requester saw", "req", last_lines(played))}'
            f'{side("What the device saw", "rsp", device_lines(played))}'
            f"</div>{traced.end}{ladder(traced)}</section>")


def entry(played: Played) -> str:
    good = not played.wrong
    return (f'<li><a href="#abort-{played.scene.id}">'
            f"{escape(played.scene.title)}</a> "
            f'<span class="verdict {"good" if good else "bad"}">'
            f'{"✓" if good else "✗"}</span></li>')


def write_page(stage: Stage, rows: list[Played], path: Path) -> None:
    traces = [trace(stage, played) for played in rows]
    right = sum(not played.wrong for played in rows)
    body = "".join(map(section, rows, traces))
    path.write_text(
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>SPDM sessions, aborted</title><style>{traces[0].style}"
        f"{STYLE}</style></head><body><h1>SPDM sessions, aborted</h1>"
        f'<p class="sum">{len(rows)} manners in which a session ends, each '
        "on a virtual device of its own in one Linux guest; "
        f"{right} as it has to be.</p>"
        f"<nav><ol>{''.join(map(entry, rows))}</ol></nav>"
        f"{body}{traces[0].legend}</body></html>\n")
