# SPDX-License-Identifier: GPL-2.0-or-later
"""CPU time of a handshake in the responder, beside the bare operations."""
from collections.abc import Iterator

from .figure import Figure, Goal, of_samples, ratio_at_most
from .provider import Context, Provider

NAMES = {"p256": "ECDSA P-256, ECDHE P-256, SHA-256",
         "p384": "ECDSA P-384, ECDHE P-384, SHA-384",
         "rsa3072": "RSAPSS 3072, ECDHE P-384, SHA-384",
         "ffdhe3072": "ECDSA P-384, FFDHE 3072, SHA-384",
         "psk": "PSK, SHA-384"}
WHAT = {"connection": "GET_VERSION to FINISH_RSP",
        "session": "KEY_EXCHANGE to FINISH_RSP",
        "answer": "KEY_EXCHANGE to its response, over one DHE and one "
        "signature; the ephemeral key is made meanwhile",
        "answer-ahead": "the same with the ephemeral key made ahead, idle"}
GOAL = ratio_at_most(1.10)
REASON = ("above the floor are the messages themselves, some 2 % of P-256, "
          "and libgcrypt's own work around its operations: expressions that "
          "are built and parsed, curves that are opened. Tried: digests of "
          "chains that are kept, curves looked up once, free sessions that "
          "are not wiped again")


def goal_of(what: str, name: str) -> Goal | None:
    """A PSK handshake is all HMACs: there is no slow operation in it."""
    return GOAL if name != "psk" and what == "connection" else None


def measure(context: Context) -> Iterator[Figure]:
    found = context.program("handshake", "--runs",
                            str(context.runs(200, 20)))
    for figure, samples in found.items():
        what, name = figure.split(".")
        yield of_samples(f"handshake.{figure}", samples.unit, samples.values,
                         samples.floors, goal_of(what, name),
                         f"{WHAT[what]}; {NAMES[name]}", REASON)


PROVIDERS = (Provider("handshake", "CPU time of handshakes, in process",
                      measure),)
