# SPDX-License-Identifier: GPL-2.0-or-later
"""What became of a row, and the failures that are explained."""
from collections.abc import Callable
from typing import NamedTuple

from pairwise import Row

OUR_RESPONDER, OUR_REQUESTER = "peer->ours", "ours->peer"


class Result(NamedTuple):
    direction: str
    row: Row
    passed: bool
    seconds: float
    said: str                   # by the requester, its end
    explained: str              # "" unless the peer is at fault


class Known(NamedTuple):
    """A failure that is the peer's, and why."""

    direction: str
    concerns: Callable[[Row], bool]
    said: str                   # part of what a requester says
    why: str


ED448 = ("the emulators sign and verify Ed448 with an empty context, for "
         "OpenSSL before 3.2 has no other; DSP0274 1.2 \"Signature "
         "generation\" gives it the SPDM context string as its RFC 8032 "
         "context")

KEY_PAIR_14 = ("the emulator's KEY_PAIR_INFO of 1.4 has six bytes of zeros "
               "behind CurrentPqcAsymAlgo, its last field; DSP0274 1.4 "
               "\"KEY_PAIR_INFO\" ends there (PqcAsymAlgoCapLen, "
               "PqcAsymAlgoCapabilities, CurrentPqcAsymAlgoLen, "
               "CurrentPqcAsymAlgo), and libspdm's pull request 3642 \"Fix key "
               "pair info compliance\" has since taken them away: 10 bytes, "
               "not 16")

KNOWN = [
    Known(OUR_REQUESTER, lambda row: row["identity"] == "multi-key" and
          row["version"] == "1.4",
          "GET_KEY_PAIR_INFO: there is more after the message", KEY_PAIR_14),
    Known(OUR_REQUESTER, lambda row: row["asym"] == "EDDSA-448",
          "the signature does not verify", ED448),
    Known(OUR_RESPONDER, lambda row: row["asym"] == "EDDSA-448",
          "80020001", ED448),   # its code for a signature that is wrong
]


def explain(direction: str, row: Row, said: str) -> str:
    for known in KNOWN:
        if known.direction == direction and known.concerns(row) and \
                known.said in said:
            return known.why
    return ""
