# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/campaign: options, and what is done with them."""
import argparse
import contextlib
import os
import shlex
import signal
import sys
import tempfile
from pathlib import Path

from . import case as case_module
from . import guest, mutants, page, report, runner
from .case import Case, CaseError
from .host import Host
from .place import Limits, Place, PlaceError
from .verdict import Outcome

TOP = Path(__file__).resolve().parent.parent
TOOLS = TOP / "build/tools"
WEAK = TOP / "build/meson-weak/tools/spdm-requester-weak"
BAD_USAGE, CANNOT_RUN = 2, 3
MUTANT_LIMIT = 8.0          # seconds; they hang on purpose

DESCRIPTION = """\
Runs an SPDM requester against devices that lie, break off and stray, and
judges it. Without options: spdm-requester in a guest, through a device's DOE
mailbox. See docs/campaign.rst."""


def part(text: str) -> tuple[int, int]:
    index, _, count = text.partition("/")
    if not (index.isdigit() and count.isdigit() and
            1 <= int(index) <= int(count)):
        raise argparse.ArgumentTypeError("a shard is I/N, such as 2/4")
    return int(index), int(count)


def add_where(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("where, and whose requester")
    group.add_argument("--host", action="store_true",
                       help="on the host's socket instead of in a guest: "
                       "seconds for all")
    group.add_argument("--requester", metavar="CMD",
                       help="a command in the guest, run once a case")
    group.add_argument("--requester-host", metavar="CMD",
                       help="a command on this host, run once a case; "
                       "implies --host")
    group.add_argument("--connect", metavar="HOST:PORT",
                       help="where the device is to listen for it (default: "
                       "a free port of 127.0.0.1); implies --host")


def add_guest(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the guest")
    group.add_argument("--kernel", type=Path, metavar="FILE",
                       help="instead of the distribution's")
    group.add_argument("--initramfs", type=Path, metavar="FILE",
                       help="instead of ours; must run the agent "
                       "(docs/campaign.rst)")
    group.add_argument("--append", default="", metavar="TEXT",
                       help="more of the kernel's command line")
    group.add_argument("--copy", action="append", default=[],
                       metavar="FILE[:PATH]", help="put a file into the "
                       "guest (default: into /bin); may be repeated")
    group.add_argument("--setup", default="", metavar="SCRIPT",
                       help="shell script run in the guest after each boot, "
                       "such as 'insmod /bin/driver.ko'")
    group.add_argument("--qemu", default=guest.Machine.qemu, metavar="FILE",
                       help="the emulator (default: the plug-in's wrapper)")
    group.add_argument("--qemu-args", default="", metavar="WORDS",
                       help="more arguments for it, such as a disk")


def add_which(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("which cases")
    group.add_argument("--only", action="append", default=[],
                       metavar="WORD", help="a class (A to L), a part of a "
                       "name, or a pattern; may be repeated")
    group.add_argument("--list", action="store_true",
                       help="name them, and why each is there")
    group.add_argument("--show", metavar="CASE",
                       help="print one case's fault plan, for a device")
    group.add_argument("--shard", type=part, metavar="I/N",
                       help="the I'th of N parts, the same on each machine")
    group.add_argument("--no-wait", action="store_true",
                       help="leave out those that take time on purpose")


def add_how(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how")
    group.add_argument("--seed", default="campaign", metavar="TEXT",
                       help="of the devices: keys, nonces, chances")
    group.add_argument("--jobs", type=int, metavar="N",
                       help="cases at once (default: as many as there are "
                       "processors, in the guest one more)")
    group.add_argument("--limit", type=float, default=20.0,
                       metavar="SECONDS",
                       help="after which a requester is hung (default 20)")
    group.add_argument("--baseline", metavar="FILE",
                       help="known failures, a name a line: only others "
                       "make the exit status 1")
    group.add_argument("--write-baseline", metavar="FILE",
                       help="write this run's failures as such a file")
    group.add_argument("--mutants", action="store_true",
                       help="judge the campaign: each weakened requester "
                       "has to be caught (meson -Dweaken=true)")
    group.add_argument("--check", action="append", default=[],
                       metavar="NAME", help="with --mutants, only the one "
                       "without this check; may be repeated")
    group.add_argument("--weak", type=Path, default=WEAK, metavar="FILE",
                       help=argparse.SUPPRESS)
    group.add_argument("--tools", type=Path, default=TOOLS, metavar="DIR",
                       help=argparse.SUPPRESS)
    group.add_argument("--keep", metavar="DIR",
                       help="keep plans, events and logs there")


def add_output(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("output (FILE may be -)")
    for name in ("json", "tap", "junit", "html"):
        group.add_argument(f"--{name}", metavar="FILE")
    group.add_argument("--quiet", action="store_true",
                       help="no line a case")


def parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/campaign", description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    for add in (add_where, add_guest, add_which, add_how, add_output):
        add(parser)
    options = parser.parse_args(argv)
    options.on_host = bool(options.host or options.requester_host or
                           options.connect or options.mutants)
    if options.on_host and options.requester:
        parser.error("--requester is a command in the guest; on the host "
                     "it is --requester-host")
    return options


def choose(options: argparse.Namespace) -> list[Case]:
    cases = case_module.chosen(case_module.load(), options.only)
    place = "host" if options.on_host else "guest"
    cases = [case for case in cases if place in case.places]
    if options.no_wait:
        cases = [case for case in cases if not case.wait]
    if options.shard:
        cases = case_module.shard(cases, *options.shard)
    return cases


def list_cases(cases: list[Case]) -> None:
    for case in cases:
        bug = f" [{case.bug}]" if case.bug else ""
        print(f"{case.letter} {case.name:<46} {case.expect:<8} "
              f"{case.why}{bug}")
    print(f"{len(cases)} cases")


def show_plan(name: str) -> int:
    for case in case_module.load():
        if case.name == name:
            print(f"# {case.why}\n# profile {case.profile}, flow "
                  f"{case.flow}, expected: {case.expect}\n{case.plan}",
                  end="")
            return 0
    print(f"scripts/campaign: there is no case {name!r}; --list names them",
          file=sys.stderr)
    return BAD_USAGE


# ---- running -------------------------------------------------------------

def machine(options: argparse.Namespace) -> guest.Machine:
    return guest.Machine(
        qemu=options.qemu, kernel=options.kernel,
        initramfs=options.initramfs, append=options.append,
        extra=tuple(shlex.split(options.qemu_args)),
        copies=tuple(options.copy), setup=options.setup)


def place_maker(options: argparse.Namespace, folder: Path,
                cases: list[Case]) -> runner.MakePlace:
    limits = Limits(case=options.limit)

    def on_host(index: int) -> Place:
        return Host(options.tools, folder / f"host{index}", limits,
                    options.seed, shlex.split(options.requester_host or ""),
                    options.connect or "")

    vm = guest.Vm(folder / "guest", options.seed,
                  sorted({case.profile for case in cases}),
                  job_count(options), machine(options))

    def in_guest(index: int) -> Place:
        return guest.GuestPlace(vm, index, limits,
                                shlex.split(options.requester or ""))

    return on_host if options.on_host else in_guest


def job_count(options: argparse.Namespace) -> int:
    """A fixed address is that of one device at a time."""
    if options.connect:
        return 1
    usual = (os.cpu_count() or 1) + (not options.on_host)
    return max(1, usual if options.jobs is None else options.jobs)


def read_baseline(path: str | None) -> set[str]:
    if not path:
        return set()
    lines = Path(path).read_text().splitlines()
    return {line.split("#")[0].strip() for line in lines} - {""}


def write_baseline(path: str, result: report.Result) -> None:
    with Path(path).open("w") as out:
        for outcome in result.failed():
            print(f"{outcome.case.name}  # {outcome.verdict.value}",
                  file=out)


def run_cases(options: argparse.Namespace, cases: list[Case],
              folder: Path) -> report.Result:
    result = report.Result(known=read_baseline(options.baseline),
                           place="host" if options.on_host else "guest",
                           requester=options.requester or
                           options.requester_host or "spdm-requester",
                           seed=options.seed)
    # Machines read stdout then; people look at stderr.
    out = sys.stderr if "-" in (options.json, options.tap, options.junit,
                                options.html) else sys.stdout
    progress = report.Progress(len(cases), result.known, out)
    runner.run_all(place_maker(options, folder, cases), job_count(options), cases,
                   (lambda o: None) if options.quiet else progress.show,
                   result)
    return result


def run_mutants(options: argparse.Namespace, cases: list[Case],
                folder: Path, result: report.Result) -> None:
    """Every check in turn; the sound run is in result already."""
    sound = {o.case.name: o for o in result.outcomes if o.passed}
    checks = options.check or mutants.names(options.weak)
    usable = [case for case in cases if case.name in sound]

    with contextlib.ExitStack() as stack:
        places = [stack.enter_context(Host(
            options.tools, folder / f"weak{index}",
            Limits(case=min(options.limit, MUTANT_LIMIT)), options.seed))
            for index in range(job_count(options))]
        done = mutants.try_all(places, options.weak, checks, usable, sound,
                               show_mutant)
    result.mutants = len(done)
    result.killed = sum(m.killer is not None for m in done)
    result.redundant = sum(m.proof is not None for m in done)
    result.survivors = [{"check": m.check, "why": m.instead,
                         "proved": m.proof is not None}
                        for m in done if not m.killer]


def show_mutant(mutant: mutants.Mutant) -> None:
    if mutant.killer:
        print(f"caught   {mutant.check:<30} by {mutant.killer.case.name}: "
              f"{mutant.killer.verdict.value}", flush=True)
    else:
        word = "backed" if mutant.proof else "SURVIVED"
        print(f"{word:8} {mutant.check:<30} {mutant.instead}", flush=True)


def write_reports(options: argparse.Namespace,
                  result: report.Result) -> None:
    for path, writer in ((options.json, report.write_json),
                         (options.tap, report.write_tap),
                         (options.junit, report.write_junit),
                         (options.html, page.write_html)):
        if path:
            report.write_file(path, writer, result)
    if options.write_baseline:
        write_baseline(options.write_baseline, result)


def conclude(options: argparse.Namespace, result: report.Result) -> int:
    out = sys.stderr if "-" in (options.json, options.tap, options.junit,
                                options.html) else sys.stdout
    print(f"\n{report.table(result)}\n", file=out)
    for name in result.mended():
        print(f"passes now; take it out of the baseline: {name}", file=out)
    print(report.closing(result), file=out)
    return 1 if result.news() else 0


def campaign(options: argparse.Namespace) -> int:
    if options.show:
        return show_plan(options.show)
    cases = choose(options)
    if not cases:
        print("scripts/campaign: no case is chosen; --list names them",
              file=sys.stderr)
        return BAD_USAGE
    if options.list:
        list_cases(cases)
        return 0
    with tempfile.TemporaryDirectory(
            prefix="campaign-", ignore_cleanup_errors=True) as scratch:
        folder = Path(options.keep or scratch)
        result = run_cases(options, cases, folder)
        if options.mutants:
            run_mutants(options, cases, folder, result)
        write_reports(options, result)
    return conclude(options, result)


def main(argv: list[str] | None = None) -> int:
    options = parse(sys.argv[1:] if argv is None else argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return campaign(options)
    except (CaseError, OSError) as error:
        print(f"scripts/campaign: {error}", file=sys.stderr)
        return BAD_USAGE
    except PlaceError as error:
        print(f"scripts/campaign: {error}", file=sys.stderr)
        return CANNOT_RUN
