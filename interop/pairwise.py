# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows in which every allowed pair of values occurs, few of them."""
import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

STEPS = 2000                # of looking for a row with two given values
Row = dict[str, str]
Item = tuple[str, str]
Pair = tuple[Item, Item]


class Rule(NamedTuple):
    """Looks at these names only, once all of them have a value."""

    names: tuple[str, ...]
    holds: Callable[..., bool]

    def allows(self, row: Row) -> bool:
        found = [row.get(name) for name in self.names]
        return None in found or self.holds(*found)


class Pairwise:
    """Picks rows greedily; the same seed gives the same rows."""

    def __init__(self, values: Mapping[str, Sequence[str]],
                 rules: Sequence[Rule], seed: int = 1):
        self.values = values
        self.rules = {name: [rule for rule in rules if name in rule.names]
                      for name in values}
        self.random = random.Random(seed)
        self.steps = 0

    def allows(self, row: Row, name: str) -> bool:
        return all(rule.allows(row) for rule in self.rules[name])

    def _complete(self, row: Row, names: list[str],
                  wanted: set[Item]) -> Row | None:
        """Fills in @names, by wanted values first; backtracks."""
        self.steps += 1
        if not names:
            return row
        name, rest = names[0], names[1:]
        values = list(self.values[name])
        self.random.shuffle(values)
        values.sort(key=lambda value: (name, value) not in wanted)
        for value in values:
            longer = row | {name: value}
            if self.allows(longer, name):
                whole = self._complete(longer, rest, wanted)
                if whole or self.steps > STEPS:
                    return whole
        return None

    @staticmethod
    def pairs_of(row: Row) -> set[Pair]:
        return set(itertools.combinations(sorted(row.items()), 2))

    def all_pairs(self) -> Iterator[Pair]:
        items = [[(name, value) for value in values]
                 for name, values in sorted(self.values.items())]
        for a, b in itertools.combinations(items, 2):
            yield from itertools.product(a, b)

    def _row_with(self, pair: Pair, todo: dict[Pair, None]) -> Row | None:
        row = dict(pair)
        if not all(self.allows(row, name) for name in row):
            return None
        names = [name for name in self.values if name not in row]
        names.sort(key=lambda name: -len(self.rules[name]))
        self.steps = 0
        wanted = {item for other in todo for item in other
                  if pair[0] in other or pair[1] in other}
        return self._complete(row, names, wanted)

    def rows(self, candidates: int = 6) -> list[Row]:
        """Ends when the pairs that no row has cannot be had."""
        todo = dict.fromkeys(self.all_pairs())
        rows: list[Row] = []
        while todo:
            pair = next(iter(todo))
            found = [row for row in (self._row_with(pair, todo)
                                     for _ in range(candidates)) if row]
            if not found:
                del todo[pair]
                continue
            best = max(found, key=lambda row: sum(
                other in todo for other in self.pairs_of(row)))
            rows.append(best)
            for other in self.pairs_of(best):
                todo.pop(other, None)
        return rows
