# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of cases: campaign/cases/*.ini.

A case is a [case NAME] section and, up to the next one, the fault plan that
goes with it (docs/faults.rst), which is handed to the device as it stands.
"""
import configparser
import fnmatch
import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
CASES = FOLDER / "cases"
PROFILES = FOLDER / "profiles"

CLASSES = {
    "A": "version and negotiation",
    "B": "downgrade",
    "C": "identity",
    "D": "signatures and measurements",
    "E": "key exchange",
    "F": "pre-shared keys",
    "G": "secured messages and session life",
    "H": "errors and timing",
    "I": "chunks",
    "J": "DOE",
    "K": "life cycle",
    "L": "encapsulated requests",
}
EXPECT = ("abort", "succeed", "any")
BELIEVED = ("accepted", "weaker")
PLACES = ("host", "guest")
ACTS = ("", "flr", "bus-reset", "d3", "system-reset", "unplug", "swap")
TRUST = ("root", "any")

# What a requester is asked to do; docs/campaign.rst.
FLOWS = ("discover", "attest", "session", "psk", "mutual", "basic-mutual",
         "update", "update-all", "heartbeat", "two-sessions", "encapsulated",
         "mel", "endpoint-info", "events", "key-pairs", "csr",
         "set-certificate", "slots", "vendor", "raw-key")

HEAD = re.compile(r"^\[case ([^\]]+)\]\s*$")
RULE = re.compile(r"^\[rule ([^\]]+)\]\s*$", re.M)


class CaseError(Exception):
    """A table that cannot be read: file, line, what is wrong."""


@dataclass(frozen=True)
class Case:
    name: str
    letter: str                     # A to L
    why: str
    expect: str                     # abort, succeed, any
    plan: str                       # what the device is given; may be empty
    bug: str = ""
    profile: str = "full"
    flow: str = "session"
    options: tuple[str, ...] = ()   # for spdm-requester
    steps: tuple[str, ...] = ()     # its "run", instead of the flow's own
    believed: str = "accepted"      # the verdict when it is
    never: tuple[str, ...] = ()     # requests that must not follow the lie
    may_not_fire: tuple[str, ...] = ()
    trust: str = "root"             # or "any": spdm-requester asks for none
    wait: bool = False              # takes time on purpose
    places: tuple[str, ...] = PLACES
    gone: bool = False              # the device is, afterwards
    act: str = ""                   # done to it when a rule fires: acts.py
    where: str = ""                 # file and line, for messages

    @property
    def version(self) -> str:
        """The SPDM version that it is about, or none."""
        words = dict(zip(self.options, self.options[1:]))
        return words.get("--version", "")

    @property
    def rules(self) -> list[str]:
        return RULE.findall(self.plan)


KEYS = {
    "class": "letter", "why": "why", "expect": "expect", "bug": "bug",
    "profile": "profile", "flow": "flow", "options": "options",
    "steps": "steps", "believed": "believed", "never": "never",
    "may-not-fire": "may_not_fire", "wait": "wait", "places": "places",
    "gone": "gone", "trust": "trust", "act": "act",
}
LISTS = {"options", "steps", "never", "may_not_fire", "places"}


def _words(text: str) -> tuple[str, ...]:
    return tuple(shlex.split(text))


def _value(key: str, text: str) -> object:
    if key in LISTS:
        return _words(text)
    if key in ("wait", "gone"):
        return text == "yes"
    return text


def _check(case: Case) -> str:
    """What is wrong with it, or nothing."""
    if case.letter not in CLASSES:
        return f"class is a letter, A to L, not {case.letter!r}"
    for key, value, valid in (("expect", case.expect, EXPECT),
                              ("believed", case.believed, BELIEVED),
                              ("trust", case.trust, TRUST),
                              ("act", case.act, ACTS),
                              ("flow", case.flow, FLOWS)):
        if value not in valid:
            return f"{key} is {', '.join(valid)}, not {value!r}"
    if not set(case.places) <= set(PLACES):
        return f"places are {' and '.join(PLACES)}"
    if case.act and case.places != ("guest",):
        return "an act needs places=guest"
    if not (PROFILES / f"{case.profile}.ini").exists():
        return f"there is no campaign/profiles/{case.profile}.ini"
    if not case.why or "\n" in case.why.strip():
        return "why is one sentence"
    unknown = set(case.may_not_fire) - set(case.rules)
    if unknown:
        return f"may-not-fire names no rule: {' '.join(sorted(unknown))}"
    return ""


def _parse_head(lines: list[str]) -> dict[str, str]:
    parser = configparser.ConfigParser(
        interpolation=None, comment_prefixes=("#",), delimiters=("=",))
    parser.read_string("\n".join(lines))
    return dict(parser[parser.sections()[0]])


def _split_head(lines: list[str]) -> tuple[list[str], str]:
    """The [case] section's own lines, and the plan behind them."""
    for index, line in enumerate(lines):
        if index and line.startswith("["):
            return lines[:index], "\n".join(lines[index:]).strip() + "\n"
    return lines, ""


def _make(name: str, lines: list[str], where: str) -> Case:
    head, plan = _split_head(lines)
    try:
        given = _parse_head(head)
    except configparser.Error as error:
        raise CaseError(f"{where}: {str(error).splitlines()[0]}") from error
    unknown = set(given) - set(KEYS)
    missing = {"class", "why", "expect"} - set(given)
    if unknown or missing:
        what = f"unknown key {sorted(unknown)[0]}" if unknown else \
            f"{sorted(missing)[0]} is missing"
        raise CaseError(f"{where}: [case {name}]: {what}")
    values = {KEYS[key]: _value(KEYS[key], text.strip())
              for key, text in given.items()}
    case = Case(name=name, plan=plan, where=where, **values)  # type: ignore
    wrong = _check(case)
    if wrong:
        raise CaseError(f"{where}: [case {name}]: {wrong}")
    return case


def parse(text: str, origin: str) -> list[Case]:
    cases: list[Case] = []
    name, begin, lines = "", 0, []
    for number, line in enumerate([*text.splitlines(), None], 1):
        head = HEAD.match(line) if line is not None else None
        if head or line is None:
            if name:
                cases.append(_make(name, lines, f"{origin}:{begin}"))
            if head:
                name, begin, lines = head.group(1), number, []
        if name and line is not None:
            lines.append(line)
        elif line and line.strip() and not line.startswith("#"):
            raise CaseError(f"{origin}:{number}: before the first [case]")
    return cases


def load(folder: Path = CASES) -> list[Case]:
    """All cases by class and, within one, as their file has them."""
    cases: list[Case] = []
    for path in sorted(folder.glob("*.ini")):
        cases += parse(path.read_text(), path.name)
    names: dict[str, str] = {}
    for case in cases:
        if case.name in names:
            raise CaseError(f"{case.where}: [case {case.name}] is already in "
                            f"{names[case.name]}")
        names[case.name] = case.where
    return sorted(cases, key=lambda case: case.letter)


def chosen(cases: Iterable[Case], only: list[str]) -> list[Case]:
    """Those that one of the words names: a class, a name, or a pattern."""
    if not only:
        return list(cases)
    return [case for case in cases
            if any(word == case.letter or word in case.name or
                   fnmatch.fnmatch(case.name, word) for word in only)]


def shard(cases: list[Case], index: int, count: int) -> list[Case]:
    """The index'th of count parts (from 1), the same on every machine."""
    return cases[index - 1::count]
