# SPDX-License-Identifier: GPL-2.0-or-later
"""The aborts: what is done, by whom, and what has to come of it."""
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from qspdm.env import TOP
from qspdm.guest import Guest

from .acts import (change_measurement, end_sessions, reset_function, unplug)

FAULTS = TOP / "configs/faults"
OWN_FAULTS = TOP / "guest-tests/faults"
# spdm-requester's exit status.
DONE, NO_ANSWER, REFUSED, NOT_BELIEVED = 0, 3, 4, 5


class Keys(Enum):
    """When the device has wiped its session keys."""
    AT_ONCE = "wiped at once"
    AT_NEXT = "wiped when the requester began anew"
    NONE = "there were none yet"
    GONE = "gone with the device"


@dataclass(frozen=True)
class Scene:
    """One abort, on a device of its own.

    @words are the requester's; WAIT among them is where @act happens.
    @says has to be in what the requester prints, @tells in what the device
    does (both regular expressions, and both about the abort).
    """
    id: str
    title: str
    story: str
    by: str
    words: tuple[str, ...]
    says: str
    tells: str
    exit: int = DONE
    act: Callable[[Guest, str], str] | None = None
    plan: Path | None = None
    keys: Keys = Keys.AT_ONCE
    heartbeat: int = 60                 # seconds
    stays: bool = True                  # the device does
    never: tuple[str, ...] = ()         # requests that must not come


def opened(*words: str, policy: int = 0) -> tuple[str, ...]:
    asked = f"key-exchange:policy={policy}" if policy else "key-exchange"
    return ("run", "connect", "digests", "certificate", asked, "finish",
            *words)


HURRY = "timeout:ms=5000"       # what comes has no answer
SILENCE = r"failed as it has to: HEARTBEAT.*no answer"
DROPPED = r"discarded in silence"
WIPED = r"is gone, its keys are wiped"
SCENES = (
    Scene("end-session", "END_SESSION",
          "The requester has said what it had to say, and ends the session "
          "as DSP0274 has it.",
          "requester", ("abort", "--by", "end-session"),
          WIPED, r"ended END_SESSION"),
    Scene("get-version", "GET_VERSION in the middle",
          "The requester begins anew: GET_VERSION resets the connection, and "
          "every session with it.",
          "requester", ("abort", "--by", "get-version"),
          WIPED, r"ended GET_VERSION"),
    Scene("error", "ERROR from the responder",
          "FINISH comes with a wrong MAC. The responder answers DecryptError "
          "and gives the handshake up.",
          "responder", ("abort", "--by", "bad-finish"),
          r"ERROR DecryptError", r"RequesterVerifyData is wrong"),
    Scene("verify-data", "ResponderVerifyData is wrong",
          "A fault plan turns over one bit of the HMAC in KEY_EXCHANGE_RSP. "
          "The requester must not send FINISH.",
          "requester", opened(), r"key-exchange-verify", r"fault flip",
          NOT_BELIEVED, plan=FAULTS / "e-verify-data.ini",
          keys=Keys.AT_NEXT, never=("FINISH",)),
    Scene("certificate", "A certificate of an unknown root",
          "The device shows a chain that is in order but for its root, and "
          "signs with the key of its leaf. The requester trusts another.",
          "requester", opened(), r"chain-trust", r"CERTIFICATE",
          NOT_BELIEVED, plan=FAULTS / "c-chain-unknown-root.ini",
          keys=Keys.NONE, never=("CHALLENGE", "KEY_EXCHANGE")),
    Scene("answer-tampered", "A tampered record from the device",
          "One bit of the tag of an answer is turned over on its way. The "
          "requester ends the session without another word in it.",
          "requester", opened("key-update", "heartbeat"), r"record-tag",
          r"fault flip",
          NOT_BELIEVED, plan=FAULTS / "g-tag-flipped.ini",
          keys=Keys.AT_NEXT, never=("HEARTBEAT", "END_SESSION")),
    Scene("request-tampered", "A tampered record from the requester",
          "The same in the other direction: the record does not open. The "
          "responder answers DecryptError and ends the session.",
          "responder", ("abort", "--by", "bad-record"),
          WIPED, r"ended a record does not open"),
    Scene("heartbeat", "The heartbeat is missed",
          "Twice HeartbeatPeriod passes without a word. The responder ends "
          "the session by itself.",
          "responder", ("abort", "--by", "heartbeat"),
          "(?s)no answer.*" + WIPED,
          r"(?s)responder no heartbeat.*" + DROPPED, heartbeat=3),
    Scene("key-update", "KEY_UPDATE is refused",
          "The device answers KEY_UPDATE with ERROR. Whether its keys moved "
          "nobody can know: the requester ends the session.",
          "requester", opened("key-update", "heartbeat"),
          r"ERROR UnsupportedRequest",
          r"fault refuse", REFUSED,
          plan=OWN_FAULTS / "key-update-refused.ini", keys=Keys.AT_NEXT,
          never=("HEARTBEAT", "END_SESSION")),
    Scene("operator", "The operator's policy",
          "Somebody at QEMU's monitor writes the session's id to spdm-abort. "
          "The device wipes its keys; the guest is told nothing, and its "
          "next record gets no answer.",
          "operator", opened("heartbeat", "WAIT", HURRY, "!heartbeat"),
          SILENCE, r"(?s)operator.*" + DROPPED, act=end_sessions),
    Scene("doe-abort", "DOE Abort",
          "The requester sets Abort in the mailbox in the middle of an "
          "exchange: a GET_VERSION, whose answer is discarded. It gives the "
          "session up; on the device GET_VERSION has ended it.",
          "requester", ("abort", "--by", "doe-abort"),
          WIPED, r"(?s)established.*doe abort by the requester"),
    Scene("flr", "Function level reset",
          "The guest's kernel resets the function. Mailbox and connection "
          "are new, and the next record of the old session gets no answer.",
          "platform", opened("heartbeat", "WAIT", HURRY, "!heartbeat"),
          SILENCE, r"(?s)platform reset.*" + DROPPED, act=reset_function),
    Scene("measurement", "A measurement changes",
          "The session was opened with TerminationPolicy. At the monitor the "
          "firmware is updated: the device ends the session.",
          "responder", opened("heartbeat", "WAIT", HURRY, "!heartbeat", policy=1),
          SILENCE, r"(?s)by its SessionPolicy.*" + DROPPED,
          act=change_measurement),
    Scene("unplug", "Hot-unplug in the handshake",
          "Between KEY_EXCHANGE_RSP and FINISH the device is unplugged. "
          "There is nobody to finish with. The last that the device records is "
          "that its session ends with it.",
          "operator", ("run", "connect", "digests", "certificate",
                       "key-exchange", "WAIT", "finish"),
          r"FINISH: .*config space cannot be read", r"bus unplugged",
          NO_ANSWER, act=unplug, keys=Keys.GONE, stays=False),
)
