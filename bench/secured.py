# SPDX-License-Identifier: GPL-2.0-or-later
"""Secured messages, beside the bare cipher sealing and opening as much."""
from collections.abc import Iterator

from .figure import Figure, Goal, of_samples, ratio_at_least
from .provider import Context, Provider

WHAT = {"responder": "a record in, the same out: the responder's part",
        "bytes": "payload in and out, of the responder's part",
        "both": "requester and responder, each sealing and opening one"}
REASON = ("what is not AES-GCM (gates, decoding, buffers, two copies of the "
          "payload) takes some 0.9 us a message, and by turns a little more "
          "or less than the goal allows. Tried: tables that are indexed, "
          "fields that are passed without a call, a header in one step, the "
          "answer made in its frame, no \"rep movsb\" and \"rep stos\", "
          "secrets wiped only where there were some")


def goal_of(figure: str) -> Goal | None:
    return ratio_at_least(0.70) if figure == "responder.4k" else None


def measure(context: Context) -> Iterator[Figure]:
    found = context.program("secured", "--runs", str(context.runs(60, 8)))
    for figure, samples in found.items():
        yield of_samples(f"secured.{figure}", samples.unit, samples.values,
                         samples.floors, goal_of(figure),
                         WHAT[figure.split(".")[0]], REASON)


PROVIDERS = (Provider("secured", "secured messages by size of record",
                      measure),)
