# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs cases in one or several places at once, quick ones first."""
import queue
import threading
import time
from collections.abc import Callable, Sequence

from .case import Case
from .place import Place
from .report import Result
from .verdict import Outcome

Show = Callable[[Outcome], None]
MakePlace = Callable[[int], Place]


def _work(place: Place, todo: "queue.SimpleQueue[Case]",
          done: "queue.SimpleQueue[Outcome | BaseException]") -> None:
    try:
        while True:
            done.put(place.judge(todo.get_nowait()))
    except queue.Empty:
        pass
    except BaseException as error:      # shown by the one who waits
        done.put(error)


def run_in(places: Sequence[Place], cases: Sequence[Case],
           show: Show) -> list[Outcome]:
    """Outcomes in the order of the cases."""
    todo: queue.SimpleQueue = queue.SimpleQueue()
    done: queue.SimpleQueue = queue.SimpleQueue()
    for case in cases:
        todo.put(case)
    for place in places:
        threading.Thread(target=_work, args=(place, todo, done),
                         daemon=True).start()
    outcomes: dict[str, Outcome] = {}
    while len(outcomes) < len(cases):
        outcome = done.get()
        if isinstance(outcome, BaseException):
            raise outcome
        outcomes[outcome.case.name] = outcome
        show(outcome)
    return [outcomes[case.name] for case in cases]


def run_all(make: MakePlace, jobs: int, cases: Sequence[Case], show: Show,
            result: Result) -> None:
    """Fills result. Waiting cases have a clock of their own."""
    quick = [case for case in cases if not case.wait]
    slow = [case for case in cases if case.wait]
    places = [make(i) for i in range(max(1, min(jobs, len(cases))))]
    try:
        for place in places:
            place.start()
        begin = time.monotonic()
        outcomes = run_in(places, quick, show)
        result.seconds = time.monotonic() - begin
        begin = time.monotonic()
        outcomes += run_in(places, slow, show)
        result.waited = time.monotonic() - begin if slow else 0.0
        result.facts = places[0].facts()
    finally:
        for place in places:
            place.stop()
    by_name = {o.case.name: o for o in outcomes}
    result.outcomes = [by_name[case.name] for case in cases]
