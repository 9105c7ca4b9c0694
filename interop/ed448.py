# SPDX-License-Identifier: GPL-2.0-or-later
"""Evidence that the emulators sign Ed448 with an empty context.

They are run against each other; the signature of their CHALLENGE_AUTH is then
given to openssl, whose pkeyutl knows Ed448 without a context only. It verifies
what DSP0274 wants signed under the context "responder-challenge_auth
signing", so it was made without.
"""
import re
import subprocess
from pathlib import Path

import peer

CONTEXT = b"responder-challenge_auth signing"
COMBINED_SIZE = 36          # zero padding and context string
SIGNATURE_SIZE = 114
OPTIONS = ["--trans", "PCI_DOE", "--ver", "1.2", "--hash", "SHA_512",
           "--asym", "EDDSA_448", "--pqc_asym", "NONE", "--req_pqc_asym",
           "NONE", "--kem", "NONE", "--mut_auth", "NO", "--basic_mut_auth",
           "NO"]


def to_be_signed(transcript_hash: bytes) -> bytes:
    prefix = b"dmtf-spdm-v1.2.*" * 4
    return prefix + CONTEXT.rjust(COMBINED_SIZE, b"\0") + transcript_hash


def dumped(said: str, title: str) -> bytes:
    """The bytes that the emulator shows under or behind @title."""
    _, _, rest = said.partition(title)
    data = b""
    for line in rest.splitlines():
        words = re.sub(r"^.*?(?:-|\d{4}:)", "", line).split()
        if not all(re.fullmatch("[0-9a-f]{2}", word) for word in words):
            if data:
                break
            continue
        data += bytes.fromhex("".join(words))
    return data


def challenge(folder: Path, port: int) -> str:
    """What the emulator's requester said of the other's CHALLENGE_AUTH."""
    words = [f"./{peer.RESPONDER}", *OPTIONS, "--port", str(port)]
    with subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as responder:
        try:
            done = subprocess.run(
                ["sh", "-c", "sleep 2; exec \"$0\" \"$@\"",
                 f"./{peer.REQUESTER}", *OPTIONS, "--port", str(port),
                 "--exe_conn", "DIGEST,CERT,CHAL", "--exe_session", "NO_END"],
                cwd=folder, capture_output=True, text=True, errors="replace",
                timeout=30, check=False)
        finally:
            responder.kill()
    return done.stdout


def evidence(folder: Path, port: int) -> str:
    """One sentence: what openssl says of the emulator's signature."""
    said = challenge(folder, port)
    hashed = dumped(said, "m1m2 hash")
    signature = dumped(said, "signature (0x72):")[:SIGNATURE_SIZE]
    if len(hashed) != 64 or len(signature) != SIGNATURE_SIZE:
        return "no evidence: the emulators did not come to CHALLENGE_AUTH"
    (folder / "ed448.tbs").write_bytes(to_be_signed(hashed))
    (folder / "ed448.sig").write_bytes(signature)
    done = subprocess.run(
        ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey",
         "ed448/end_responder.key.pub", "-sigfile", "ed448.sig", "-in",
         "ed448.tbs"], cwd=folder, capture_output=True, text=True,
        check=False)
    return ("openssl, which has Ed448 without a context only, says of the "
            "signature that one emulator accepts of the other: "
            f"{(done.stdout or done.stderr).strip()}")
