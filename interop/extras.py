# SPDX-License-Identifier: GPL-2.0-or-later
"""Combinations beside the pairwise ones: what few peers can, one at a time."""
import json
import subprocess
from pathlib import Path
from typing import NamedTuple

import judge
import matrix
from pairwise import Row


class Deed(NamedTuple):
    """What is done besides, in a row's "with".

    {keys}: the peer's samples for the row, {folder}: where all of them are.
    """

    caps: tuple[str, ...]       # of both responders
    asks: tuple[str, ...]       # of both requesters, besides
    connection: str             # the peer's words for it
    session: str
    steps: tuple[str, ...]      # ours, outside and inside the session
    command: tuple[str, ...] = ()   # ours, instead of steps
    profile: str = ""
    words: tuple[str, ...] = ()     # of our requester, besides


DEEDS = {
    "mel": Deed(("MEL",), (), "MEL", "MEL", ("mel",), profile=(
        "[measurement 4]\ntype=hash-extended\n"
        "[mel 1]\nmeasurement=4\ntype=firmware\nvalue=text:first\n")),
    "endpoint-info": Deed(
        ("EP_INFO_SIG", "ENCAP"), ("EP_INFO_SIG", "ENCAP"), "EP_INFO",
        "EP_INFO", ("endpoint-info:sign", "encapsulated:oob=endpoint-info")),
    "csr": Deed(
        ("CSR", "SET_CERT"), (), "GET_CSR", "GET_CSR", (), command=("csr",)),
    # Longer than what the emulator takes at once.
    "set-certificate": Deed(
        ("SET_CERT", "CHUNK"), ("CHUNK",), "", "", (), command=(
            "set-certificate", "--slot", "0", "--chain",
            "{keys}/bundle_responder.certchain_alias.der")),
    # Without it the emulator fails to read its own SM2 key.
    "req-asym": Deed(
        (), ("MUT_AUTH", "CERT", "CHAL"), "", "", (), words=(
            "--req-asym", "RSAPSS-3072", "--identity",
            "0:{folder}/rsa3072/bundle_requester.certchain.der:"
            "{folder}/rsa3072/end_requester.key")),
    "events": Deed(("EVENT", "ENCAP"), ("ENCAP",), "", "",
                   ("events:ms=100",)),
}


def _row(**changes: str) -> Row:
    usual = {name: values[0] for name, values in matrix.VALUES.items()}
    row = usual | changes
    if row["session"] == "none":
        row |= {"dhe": "none", "aead": "none", "protection": "none"}
    return row


SM = {"hash": "SM3", "asym": "SM2-P256", "dhe": "SECP256R1"}
RAW = {"identity": "public-key", "with": "req-asym"}
BOTH = (judge.OUR_RESPONDER, judge.OUR_REQUESTER)
PEER, OURS = (judge.OUR_RESPONDER,), (judge.OUR_REQUESTER,)

EXTRAS: list[tuple[tuple[str, ...], Row]] = [
    (PEER, _row(**SM)),
    (PEER, _row(**SM, transport="mctp", slot="1")),
    (OURS, _row(**SM)),
    (OURS, _row(**SM, **RAW)),
    (OURS, _row(**SM, **RAW, transport="tcp", session="clear")),
    (BOTH, _row(hash="SM3")),
    (BOTH, _row(aead="SM4-GCM")),
    (BOTH, _row(version="1.4", dhe="none", kem="ML-KEM-512")),
    (BOTH, _row(version="1.4", dhe="none", kem="ML-KEM-768",
                transport="mctp")),
    (BOTH, _row(version="1.4", dhe="none", kem="ML-KEM-1024",
                hash="SHA-512", asym="ECDSA-P521")),
    (BOTH, _row(**{"version": "1.3", "with": "mel"})),
    (BOTH, _row(**{"version": "1.4", "with": "mel", "transport": "tcp"})),
    (BOTH, _row(**{"version": "1.3", "with": "endpoint-info",
                   "mutual": "without-encap", "req-asym": "ECDSA-P384"})),
    (BOTH, _row(**{"version": "1.4", "with": "endpoint-info",
                   "mutual": "encap", "req-asym": "ECDSA-P256",
                   "transport": "mctp"})),
    (BOTH, _row(**{"with": "csr"})),
    (BOTH, _row(**{"with": "csr", "version": "1.3", "transport": "mctp"})),
    (OURS, _row(**{"with": "set-certificate", "asym": "RSASSA-4096",
                   "session": "none"})),
    (OURS, _row(**{"with": "set-certificate", "asym": "RSAPSS-4096",
                   "session": "none", "version": "1.3",
                   "transport": "mctp"})),
    (BOTH, _row(**{"version": "1.3", "with": "events"})),
]


def rows() -> list[tuple[str, Row]]:
    return [(direction, row) for directions, row in EXTRAS
            for direction in directions]


def deed(row: Row) -> Deed | None:
    return DEEDS.get(row.get("with", ""))


def served(tools: Path) -> dict[str, list[str]]:
    """What this build of ours has."""
    done = subprocess.run([tools / "spdm-responder", "--print-capabilities"],
                          capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def why_not(direction: str, row: Row, have: dict[str, list[str]]) -> str:
    """Why there is nothing to run; "" when there is."""
    kem = row["kem"]
    if kem != "none" and kem not in have["kem"]:
        return (f"this build of ours has no {kem}: it needs libgcrypt 1.11 "
                "or later")
    if direction == judge.OUR_RESPONDER and row.get("with") == "events":
        return ("the emulator's requester cannot subscribe: it has no word "
                "for it")
    return ""
