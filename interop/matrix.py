# SPDX-License-Identifier: GPL-2.0-or-later
"""What is combined, and which combinations SPDM allows."""
from pairwise import Pairwise, Row, Rule

# In each list the first value is the usual one.
VALUES = {
    "version": ["1.2", "1.0", "1.1", "1.3", "1.4"],
    "transport": ["doe", "mctp", "tcp"],
    "hash": ["SHA-384", "SHA-256", "SHA-512", "SHA3-256", "SHA3-384",
             "SHA3-512"],
    "asym": ["ECDSA-P384", "ECDSA-P256", "ECDSA-P521", "RSAPSS-2048",
             "RSAPSS-3072", "RSAPSS-4096", "RSASSA-2048", "RSASSA-3072",
             "RSASSA-4096", "EDDSA-25519", "EDDSA-448"],
    "session": ["sigma", "none", "clear", "psk", "psk-context"],
    "dhe": ["SECP384R1", "none", "SECP256R1", "SECP521R1", "FFDHE2048",
            "FFDHE3072", "FFDHE4096"],
    "kem": ["none"],
    "aead": ["AES-256-GCM", "none", "AES-128-GCM", "CHACHA20-POLY1305"],
    "protection": ["encrypt", "mac-only", "none"],
    "mutual": ["none", "without-encap", "encap", "digests", "basic"],
    "req-asym": ["none", "ECDSA-P256", "ECDSA-P384", "ECDSA-P521",
                 "RSAPSS-2048", "RSAPSS-3072", "RSASSA-2048", "RSASSA-3072",
                 "EDDSA-25519"],
    "identity": ["chain", "multi-key", "public-key"],
    "slot": ["0", "1"],
    "measure": ["all", "one", "raw", "none"],
    "summary": ["all", "none", "tcb"],
    "update": ["none", "request", "all", "response"],
    "chunk": ["no", "yes"],
    # What the emulators say in a session by themselves: IDE_KM, TDISP and
    # CXL's over DOE, PLDM over MCTP.
    "app": ["no", "yes"],
}

# What only libraries newer than today's distributions have, apart: rows that
# either side lacks the algorithms for are skipped.
POST_QUANTUM = VALUES | {
    "version": ["1.4"],
    "hash": ["SHA-384", "SHA-256", "SHA-512", "SHA3-384"],
    "asym": ["ML-DSA-65", "ML-DSA-44", "ML-DSA-87", "ECDSA-P384"],
    "session": ["sigma", "none", "clear"],
    "dhe": ["none", "SECP384R1"],
    "kem": ["ML-KEM-768", "none", "ML-KEM-512", "ML-KEM-1024"],
    "aead": ["AES-256-GCM", "none"],
    "mutual": ["none", "without-encap", "encap", "digests"],
    "req-asym": ["none", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87",
                 "ECDSA-P384"],
    "identity": ["chain"],
    "measure": ["all", "one"],
    "summary": ["all"],
    "update": ["none", "all"],
    "chunk": ["yes"],
}

IN_SESSION = ("without-encap", "encap", "digests")

RULES = [
    Rule(("version", "asym"),
         lambda v, asym: v >= "1.2" or not asym.startswith("ED")),
    Rule(("version", "req-asym"),
         lambda v, asym: v >= "1.2" or not asym.startswith("ED")),
    Rule(("version", "session"), lambda v, s: v >= "1.1" or s == "none"),
    Rule(("session", "dhe", "kem"),
         lambda s, dhe, kem: (dhe != "none") + (kem != "none") ==
         (s in ("sigma", "clear"))),
    Rule(("session", "aead"), lambda s, a: (a != "none") == (s != "none")),
    Rule(("session", "protection"),
         lambda s, p: (p != "none") == (s != "none")),
    Rule(("session", "update"), lambda s, u: s != "none" or u == "none"),
    Rule(("mutual", "req-asym"),
         lambda m, asym: (m == "none") == (asym == "none")),
    Rule(("mutual", "session"),
         lambda m, s: m not in IN_SESSION or s in ("sigma", "clear")),
    Rule(("mutual", "version"),
         lambda m, v: m == "none" or v >= "1.1"),
    # CHALLENGE announces it by a bit that later versions took away.
    Rule(("mutual", "version"), lambda m, v: m != "basic" or v <= "1.3"),
    # GET_MEASUREMENTS of 1.0 names no slot: it is 0.
    Rule(("slot", "version"), lambda n, v: n == "0" or v >= "1.1"),
    Rule(("identity", "version"),
         lambda i, v: v >= {"chain": "1.0", "public-key": "1.1",
                            "multi-key": "1.3"}[i]),
    Rule(("identity", "slot"), lambda i, n: i != "public-key" or n == "0"),
    Rule(("identity", "mutual"), lambda i, m: i != "public-key" or m == "none"),
    Rule(("chunk", "version"), lambda c, v: c == "no" or v >= "1.2"),
    Rule(("app", "session"), lambda a, s: a == "no" or s != "none"),
    Rule(("app", "transport"),
         lambda a, t: a == "no" or t in ("doe", "mctp")),
    Rule(("measure", "version"), lambda m, v: m != "raw" or v >= "1.2"),
]


def post_quantum(row: Row) -> set[str]:
    """What is new in it."""
    return {row[key] for key in ("asym", "req-asym", "kem")
            if row[key].startswith("ML-")}


ONE_IS_NEW = Rule(("asym", "req-asym", "kem"), lambda *names:
                  any(name.startswith("ML-") for name in names))


def rows(seed: int) -> list[Row]:
    """The combinations of one direction."""
    return Pairwise(VALUES, RULES, seed).rows() + \
        Pairwise(POST_QUANTUM, [*RULES, ONE_IS_NEW], seed).rows()


def describe(row: Row) -> str:
    """The row in one line, without what is usual or does not apply."""
    words = [row[key] for key in ("version", "transport", "hash", "asym",
                                  "session")]
    words += [row[key] for key in ("dhe", "kem", "aead") if row[key] != "none"]
    if row["protection"] == "mac-only":
        words.append("mac-only")
    if row["mutual"] != "none":
        words.append(f"mutual:{row['mutual']}/{row['req-asym']}")
    words += [f"{key}:{row[key]}" for key in
              ("identity", "slot", "measure", "summary", "update", "chunk",
               "app")
              if row[key] != VALUES[key][0]]
    words += [f"{key}:{row[key]}" for key in ("with",) if key in row]
    return " ".join(words)
