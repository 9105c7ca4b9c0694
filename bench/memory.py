# SPDX-License-Identifier: GPL-2.0-or-later
"""Heap of a responder and of each session that is open in it."""
from collections.abc import Iterator

from .figure import Figure, of_samples, value_at_most
from .provider import Context, Provider

SESSION = value_at_most(16 * 1024)


def measure(context: Context) -> Iterator[Figure]:
    found = context.program("memory", "--runs", str(context.runs(5, 2)))
    for figure, samples in found.items():
        is_session = figure.startswith("session")
        yield of_samples(
            f"memory.{figure}", samples.unit, samples.values,
            goal=SESSION if is_session else None,
            note="its place in the table, and heap it added when in use"
            if is_session else "heap of a responder without a connection; "
            "the table of sessions is in it")


PROVIDERS = (Provider("memory.session", "heap of a session", measure),)
