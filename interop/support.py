# SPDX-License-Identifier: GPL-2.0-or-later
"""Which post-quantum algorithms both sides have: that is the libraries'."""
import json
import subprocess
from pathlib import Path

import matrix
from live import Live
from pairwise import Row

OUR_NEEDS = {"ML-DSA": "ours is built with a libgcrypt before 1.12",
             "ML-KEM": "ours is built with a libgcrypt before 1.11.1"}


def _ours(tools: Path) -> set[str]:
    done = subprocess.run([tools / "spdm-responder", "--print-capabilities"],
                          capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    return {*told["asym"], *told["kem"]}


def _probe(name: str) -> Row:
    """As little else as can be."""
    row = {key: values[0] for key, values in matrix.POST_QUANTUM.items()}
    if name.startswith("ML-KEM"):
        return row | {"asym": "ECDSA-P384", "kem": name}
    return row | {"asym": name, "kem": "none", "session": "none",
                  "aead": "none", "protection": "none"}


def lacking(names: set[str], tools: Path, folder: Path) -> dict[str, str]:
    """Of @names those that cannot be tried, and why."""
    have = _ours(tools) if names else set()
    why = {name: OUR_NEEDS[name[:6]] for name in names - have}
    if names & have:
        live = Live(tools, folder)
        for name in sorted(names & have):
            if not live.peer_can(_probe(name)):
                why[name] = f"the emulators have no {name}: they want " \
                    "OpenSSL 3.5 or later"
        live.close()
    return why
