# SPDX-License-Identifier: GPL-2.0-or-later
"""What became of a case: what the requester said, what the device saw."""
from dataclasses import dataclass, field
from enum import Enum

from .case import Case


class Says(Enum):
    """The requester's own word."""
    OK = "ok"
    ERROR = "error"
    SKIP = "skip"           # it cannot do what the case asks for
    HUNG = "hung"           # it was killed at the time limit
    CRASHED = "crashed"     # a signal, or the guest went down


@dataclass(frozen=True)
class Said:
    says: Says
    text: str = ""          # its last words, for people
    seconds: float = 0.0
    check: str = ""         # spdm-requester names the check that failed


@dataclass(frozen=True)
class Seen:
    """The device's side of it."""
    fired: dict[str, int] = field(default_factory=dict)
    after: tuple[str, ...] = ()     # requests since the first rule fired
    ladder: tuple[str, ...] = ()    # a line an event
    trouble: str = ""               # the device itself could not go on
    left: str = ""                  # what an abort left behind
    events: tuple[dict, ...] = ()   # as the device told them, not too many
    keys: str = ""                  # its key log, to verify them with


class Verdict(Enum):
    ACCEPTED = "accepted"           # the lie was believed
    WEAKER = "weaker"               # it carried on with less security
    ABORT = "clean abort"
    UNCLEAN = "unclean abort"       # ... and the device is not usable after
    TOLERATED = "tolerated"         # legal, and the requester coped
    REFUSED = "refused"             # legal, and the requester gave up
    HUNG = "hung"
    CRASHED = "crashed"
    UNFIRED = "unfired"             # the device never got to lie
    SKIPPED = "skipped"
    BROKEN = "broken"               # the campaign itself failed


GOOD = {
    "abort": {Verdict.ABORT},
    "succeed": {Verdict.TOLERATED},
    "any": {Verdict.ABORT, Verdict.TOLERATED},
}


@dataclass(frozen=True)
class Outcome:
    case: Case
    verdict: Verdict
    reason: str
    said: Said
    seen: Seen

    @property
    def passed(self) -> bool:
        return self.verdict in GOOD[self.case.expect]

    @property
    def skipped(self) -> bool:
        return self.verdict == Verdict.SKIPPED


def unfired(case: Case, seen: Seen) -> list[str]:
    """Rules that had to fire, and did not."""
    return [rule for rule in case.rules
            if rule not in case.may_not_fire and not seen.fired.get(rule)]


def _went_on(case: Case, seen: Seen) -> str:
    """What it sent although it had been lied to."""
    for request in seen.after:
        if request in case.never:
            return request
    return ""


def _believed(case: Case, said: Said, seen: Seen) -> tuple[Verdict, str]:
    lie = Verdict(case.believed)
    went_on = _went_on(case, seen)
    if went_on:
        return lie, f"it went on with {went_on}"
    if said.says == Says.ERROR:
        if case.expect == "succeed":
            return Verdict.REFUSED, said.text or "it reported an error"
        if seen.left:
            return Verdict.UNCLEAN, f"{seen.left}; {said.text}"
        return Verdict.ABORT, said.text
    if case.expect == "abort":
        return lie, "it reported success"
    return Verdict.TOLERATED, said.text


def judge(case: Case, said: Said, seen: Seen) -> Outcome:
    """One verdict; a crash or hang counts before everything else."""
    silent = unfired(case, seen)
    if seen.trouble:
        verdict, reason = Verdict.BROKEN, seen.trouble
    elif said.says == Says.CRASHED:
        verdict, reason = Verdict.CRASHED, said.text
    elif said.says == Says.HUNG:
        verdict, reason = Verdict.HUNG, said.text
    elif said.says == Says.SKIP:
        verdict, reason = Verdict.SKIPPED, said.text
    elif silent:
        verdict = Verdict.UNFIRED
        reason = f"never fired: {', '.join(silent)}; {said.says.value}: " \
                 f"{said.text}"
    else:
        verdict, reason = _believed(case, said, seen)
    return Outcome(case, verdict, reason, said, seen)
