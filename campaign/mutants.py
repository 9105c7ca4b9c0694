# SPDX-License-Identifier: GPL-2.0-or-later
"""The campaign judged: requesters with one check taken away.

Each has to fail at least one case that the sound requester passes.  A check
that another one stands behind cannot be missed by anybody: such a survivor
is explained by the check that caught the lie instead.
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


# Why nobody can notice that these are missing, or no plan can tell.
EXPLAINED = {
    "record-session": "the session id is covered by the record's tag",
    "header": "without four bytes there is no code to go on with: layout "
              "refuses the rest",
    "version-count": "no version is no common version",
    "chunk-limit": "the whole answer is held against the same limit again "
                   "(response-size)",
    "cert-form": "read in the other form, the chain is not the one of "
                 "DIGESTS (cert-digest)",
    "mel-remainder": "the log that was put together is held against its own "
                     "lengths (mel-entries)",
    "key-exchange-public": "without a shared secret no ResponderVerifyData "
                           "is right (key-exchange-verify)",
    "algs-kem-offered": "needs a requester that offers KEM, and so libgcrypt "
                        "1.11.1",
    "algs-kem-one": "needs a requester that offers KEM, and so libgcrypt "
                    "1.11.1",
    "algs-opaque-one": "spdm-requester offers one format, and two are not "
                       "both offered (algs-opaque-offered)",
    "chain-ca": "no plan makes a chain with such a certificate: "
                "lib/tests/requester/test-chains.c does",
    "chain-key-usage": "as chain-ca",
    "chain-extension": "as chain-ca",
    "session-selected": "a version that is not selected reads as none, which "
                        "was not offered (session-offered)",
    "csr-empty": "a CSR without a byte is not signed (csr-signature)",
    "slot-sub-codes": "spdm-requester does not ask for SupportedSubCodes: "
                      "lib/tests/requester does",
    "csr-key": "held against the negotiated algorithm by the chain already",
}


@dataclass(frozen=True)
class Mutant:
    check: str
    killer: Outcome | None      # the case that noticed
    ran: int                    # cases it took
    instead: str                # a survivor: what else caught the lies


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


def _is_sound(place: Host, case: Case) -> bool:
    """Whether the sound requester still passes: no kill by a busy host."""
    weak, place.requester = place.requester, place.sound
    try:
        return place.judge(case).passed
    finally:
        place.requester = weak


def try_one(place: Host, check: str, cases: Sequence[Case],
            sound: dict[str, Outcome]) -> Mutant:
    """Until a case notices."""
    seen: list[Outcome] = []
    for case in _order(cases, sound, check):
        outcome = place.judge(case)
        seen.append(outcome)
        if not outcome.passed and not outcome.skipped and \
                _is_sound(place, case):
            return Mutant(check, outcome, len(seen), "")
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
                place.requester = [str(tool), "--weaken", check]
                done.put(try_one(place, check, cases, sound))
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
