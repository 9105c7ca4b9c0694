# SPDX-License-Identifier: GPL-2.0-or-later
"""The campaign judged: requesters with one check taken away.

Each has to fail at least one case that the sound requester passes.  A check
that another one stands behind cannot be missed by anybody: such a survivor
is redundant, which is proved by taking the other one away as well.
"""
import queue
import subprocess
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .case import Case
from .host import Host
from .verdict import Outcome


# Carelessness that no check stands for: where to look first.
HINTS = {
    "record-sequence": "record/",
    "session-after-error": "error/",
    "resynch": "error/resynch",
}


# A check that stands in front of another one: when it is missing, that one
# catches the same lie.  Shown by a case that passes without either, and fails
# without both.
REDUNDANT_WITH = {
    "record-session": ("record-tag",
                       "the session id is covered by the record's tag"),
    "header": ("layout,trailing",
               "less than four bytes is no message that can be laid out"),
    "version-count": ("version-common", "no version is no common version"),
    "chunk-limit": ("response-size",
                    "the whole answer is held against the same limit again"),
    "mel-remainder": ("mel-entries", "the log that was put together is held "
                      "against its own lengths"),
    "algs-opaque-one": ("algs-opaque-offered", "spdm-requester offers one "
                        "format, and two are not both offered"),
    "session-selected": ("session-offered", "a version that is not selected "
                         "reads as none, which was not offered"),
    "csr-empty": ("csr-signature", "a CSR without a byte is not signed"),
}
# What cannot be tried here.
EXPLAINED = {
    "algs-kem-offered": "needs a requester that offers KEM, and so libgcrypt "
                        "1.11.1",
    "algs-kem-one": "needs a requester that offers KEM, and so libgcrypt "
                    "1.11.1",
}


@dataclass(frozen=True)
class Mutant:
    check: str
    killer: Outcome | None      # the case that noticed
    ran: int                    # cases it took
    instead: str                # a survivor: what else caught the lies
    proof: Outcome | None = None    # ... without which it does not survive


def names(tool: Path) -> list[str]:
    """All checks that the weakened requester can do without."""
    done = subprocess.run([str(tool), "--list-checks"], check=True,
                          capture_output=True, text=True)
    return done.stdout.split()


def _order(cases: Sequence[Case], sound: dict[str, Outcome],
           check: str) -> list[Case]:
    """First those which that check decides in a sound requester.

    Cases that wait on purpose are tried only where they are of use.
    """
    hint = HINTS.get(check, check.split("-")[0] + "/")

    def aimed(case: Case) -> bool:
        return sound[case.name].said.check == check

    return sorted((case for case in cases if aimed(case) or not case.wait),
                  key=lambda case: (not aimed(case),
                                    not case.name.startswith(hint)))


def _explain(check: str, sound: dict[str, Outcome],
             seen: Sequence[Outcome]) -> str:
    if check in EXPLAINED:
        return EXPLAINED[check]
    aimed = [o for o in seen if sound[o.case.name].said.check == check]
    if not aimed:
        return "no case is decided by this check"
    others = sorted({o.said.check or o.reason for o in aimed})
    return f"{aimed[0].case.name} is refused all the same: " + \
        ", ".join(others)


def _fails(place: Host, tool: Path, checks: Sequence[str],
           case: Case) -> Outcome | None:
    """Without these checks; with none missing, the sound requester."""
    place.requester = [str(tool), "--weaken", ",".join(checks)] if checks \
        else place.sound
    outcome = place.judge(case)
    return None if outcome.passed or outcome.skipped else outcome


def _prove(place: Host, tool: Path, check: str, cases: Sequence[Case],
           sound: dict[str, Outcome]) -> tuple[Outcome | None, str]:
    """That another check stands behind this one: each alone is not missed
    in a case in which both are."""
    partner, why = REDUNDANT_WITH[check]
    aimed = [case for word in (check, partner) for case in cases
             if sound[case.name].said.check == word]
    rest = [case for case in _order(cases, sound, check)
            if case not in aimed]
    for case in (*aimed, *rest):
        both = _fails(place, tool, (check, partner), case)
        if both and not any(_fails(place, tool, some, case)
                            for some in ((check,), (partner,), ())):
            return both, (f"{why} ({partner}): without both, "
                          f"{case.name} is {both.verdict.value}, without "
                          "either it is not")
    return None, f"{why} ({partner}), which no case shows"


def try_one(place: Host, tool: Path, check: str, cases: Sequence[Case],
            sound: dict[str, Outcome]) -> Mutant:
    """Until a case notices; the sound requester is asked again, so that a
    busy host kills none."""
    seen: list[Outcome] = []
    for case in _order(cases, sound, check):
        place.requester = [str(tool), "--weaken", check]
        outcome = place.judge(case)
        seen.append(outcome)
        if not outcome.passed and not outcome.skipped and \
                not _fails(place, tool, (), case):
            return Mutant(check, outcome, len(seen), "")
    if check in REDUNDANT_WITH:
        both, why = _prove(place, tool, check, cases, sound)
        return Mutant(check, None, len(seen), why, both)
    return Mutant(check, None, len(seen), _explain(check, sound, seen))


def try_all(places: Sequence[Host], tool: Path, checks: Sequence[str],
            cases: Sequence[Case], sound: dict[str, Outcome],
            show: Callable[[Mutant], None]) -> list[Mutant]:
    """In the order of the checks; each place tries one at a time."""
    found: dict[str, Mutant] = {}
    todo: queue.SimpleQueue = queue.SimpleQueue()
    done: queue.SimpleQueue = queue.SimpleQueue()
    for check in checks:
        todo.put(check)

    def work(place: Host) -> None:
        try:
            while True:
                check = todo.get_nowait()
                done.put(try_one(place, tool, check, cases, sound))
        except queue.Empty:
            pass
        except BaseException as error:  # shown by the one who waits
            done.put(error)

    for place in places:
        threading.Thread(target=work, args=(place,), daemon=True).start()
    while len(found) < len(checks):
        mutant = done.get()
        if isinstance(mutant, BaseException):
            raise mutant
        found[mutant.check] = mutant
        show(mutant)
    return [found[check] for check in checks]
