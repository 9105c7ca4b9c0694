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
    cannot: bool = False        # ... or there was nothing to run


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

SM4 = ("the emulator has a name for SM4-GCM and, with this build of its "
       "OpenSSL (it came with 3.1), no cipher: its first record stops it "
       "(LIBSPDM_ASSERT)")

SM2_CHAIN = ("the emulator's sample root for SM2 allows no authority below it "
             "(pathlen 0) and has one: RFC 5280 4.2.1.9, which DSP0274 1.2 "
             "\"Certificates and certificate chains\" builds on, forbids it. "
             "By its raw key (PUB_KEY_ID) the same signatures are judged")

SM3_ONLY = ("the emulator's ECDSA has no SM3 (its help: not to mix NIST's "
            "algorithms with SM ones); DSP0274 \"NEGOTIATE_ALGORITHMS\" "
            "selects BaseAsymAlgo and BaseHashAlgo each by itself, and it has "
            "selected both")

EVENTS = ("the emulator's SUPPORTED_EVENT_TYPES has the bytes 00 to 07 where "
          "DSP0274 1.3 \"SUPPORTED_EVENT_TYPES\" has event groups, each with "
          "an id, counts and types; libspdm's own tests make them as we do")

KEM = ("the emulator selects ML-KEM and, with this build of its OpenSSL (it "
       "came with 3.5), has none: KEY_EXCHANGE ends with its "
       "LIBSPDM_STATUS_CRYPTO_ERROR (80020000), sent or answered by "
       "Unspecified")

PROVISIONED_ML_DSA = ("the emulator's responder takes the key out of a chain "
                      "that it was given in advance for RSA, ECDSA, EdDSA and "
                      "SM2 only; with one of ML-DSA it stops in FINISH "
                      "(LIBSPDM_ASSERT, context != NULL)")

KNOWN = [
    Known(OUR_RESPONDER, lambda row: row["kem"] != "none",
          "libspdm_send_receive_key_exchange - 80020000", KEM),
    Known(OUR_REQUESTER, lambda row: row["kem"] != "none",
          "KEY_EXCHANGE: the responder answered ERROR Unspecified", KEM),
    Known(OUR_REQUESTER, lambda row: row["mutual"] == "without-encap" and
          row["req-asym"].startswith("ML-DSA"),
          "FINISH: no answer in time", PROVISIONED_ML_DSA),
    Known(OUR_RESPONDER, lambda row: row["hash"] == "SM3" and
          row["asym"].startswith("ECDSA"),
          "verify_challenge_signature - FAIL", SM3_ONLY),
    Known(OUR_REQUESTER, lambda row: row["hash"] == "SM3" and
          row["asym"].startswith("ECDSA"),
          "CHALLENGE: the responder answered ERROR Unspecified", SM3_ONLY),
    Known(OUR_REQUESTER, lambda row: row.get("with") == "events",
          "event groups do not fill their list", EVENTS),
    Known(OUR_RESPONDER, lambda row: row["aead"] == "SM4-GCM",
          "libspdm_encode_secured_message", SM4),
    Known(OUR_REQUESTER, lambda row: row["aead"] == "SM4-GCM",
          "libspdm_decode_secured_message", SM4),
    Known(OUR_REQUESTER, lambda row: row["asym"] == "SM2-P256" and
          row["identity"] == "chain", "(chain-ca)", SM2_CHAIN),
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
