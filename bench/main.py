# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/bench: options, and what is done with them."""
import argparse
import datetime
import json
import sys
from pathlib import Path

from . import campaign, draw, handshake, memory, peer, report, scale, secured
from . import vm_exchange, vm_handshake, vm_scale, vm_start
from .machine import describe
from .provider import TOP, Context, Provider, Unavailable

# A row for each kind of figure, in the order of the table.
PROVIDERS: tuple[Provider, ...] = (
    *handshake.PROVIDERS,
    *secured.PROVIDERS,
    *memory.PROVIDERS,
    *scale.PROVIDERS,
    *peer.PROVIDERS,
    *vm_exchange.PROVIDERS,
    *vm_handshake.PROVIDERS,
    *vm_start.PROVIDERS,
    *vm_scale.PROVIDERS,
    *campaign.PROVIDERS,
)
CANNOT_RUN = 3
DOCS = TOP / "docs"

DESCRIPTION = """\
Measures what qemu-spdm costs: each figure beside what it cannot do without
(its floor), taken in the same run. Never fails a build: a goal that is missed
is said, with the reason. See docs/bench.rst."""


def parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="FILE",
                        help="write the figures there")
    parser.add_argument("--svg", type=Path, metavar="FILE",
                        help="draw them there")
    parser.add_argument("--from", dest="source", type=Path, metavar="FILE",
                        help="measure nothing; draw (--svg) what --json "
                        "wrote earlier")
    parser.add_argument("--only", action="append", default=[],
                        metavar="WORD", help="figures whose name has it; may "
                        "be repeated")
    parser.add_argument("--quick", action="store_true",
                        help="fewer runs, and none that takes minutes")
    parser.add_argument("--list", action="store_true",
                        help="name the kinds of figures")
    parser.add_argument("--peer", type=Path, metavar="DIR",
                        help="the DMTF emulators, built by you, to measure "
                        "beside ours (docs/interop.rst)")
    parser.add_argument("--docs", action="store_true",
                        help="the same as --json docs/bench.json --svg "
                        "docs/bench.svg")
    options = parser.parse_args(argv)
    if options.docs:
        options.json = options.json or DOCS / "bench.json"
        options.svg = options.svg or DOCS / "bench.svg"
    if options.source and not options.svg:
        parser.error("--from draws; say where, with --svg")
    return options


def skipped(provider: Provider, context: Context) -> str:
    """Why it is not run; nothing if it is."""
    if provider.slow and context.quick:
        return "--quick"
    if provider.needs_peer and not context.peer:
        return "needs --peer DIR"
    return ""


def measure(context: Context, keep: Path | None = None
            ) -> report.Report:
    """As far as it is, a report is in the file: it takes minutes."""
    result = report.Report(
        describe(context.build),
        taken=datetime.date.today().isoformat())
    for provider in PROVIDERS:
        if not context.wants(provider.name):
            continue
        reason = skipped(provider, context)
        if not reason:
            context.say(provider.title)
            try:
                for figure in provider.run(context):
                    result.figures.append(figure)
            except Unavailable as error:
                reason = str(error)
        if reason:
            result.left_out.append((provider.name, reason))
        if keep:
            report.write_json(result, keep)
    return result


def draw_file(source: Path, target: Path) -> int:
    try:
        target.write_text(draw.svg(json.loads(source.read_text())))
    except (OSError, ValueError, KeyError) as error:
        print(f"scripts/bench: {source}: {error}", file=sys.stderr)
        return CANNOT_RUN
    return 0


def main(argv: list[str] | None = None) -> int:
    options = parse(sys.argv[1:] if argv is None else argv)
    if options.list:
        for provider in PROVIDERS:
            print(f"{provider.name:<20} {provider.title}")
        return 0
    if options.source:
        return draw_file(options.source, options.svg)
    context = Context(quick=options.quick, peer=options.peer,
                      only=tuple(options.only))
    result = measure(context, options.json)
    print(report.text(result))
    if options.json:
        report.write_json(result, options.json)
    if options.svg:
        options.svg.write_text(draw.svg(result.as_json()))
    return 0
