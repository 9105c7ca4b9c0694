# SPDX-License-Identifier: GPL-2.0-or-later
"""Four of the gallery's aborts (scripts/demo aborts plays all), one for each
of those who can end a session; and the page that shows them."""
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from gallery.page import write_page
from gallery.scenes import SCENES, Scene
from gallery.stage import Played, Stage
from qspdm.env import GUEST
from qspdm.guest import Guest
from qspdm.tap import Row, Suite, equal, true

from .machine import Models

SHOWN = ("verify-data", "operator", "flr", "unplug")


@dataclass
class Show:
    stage: Stage
    guest: Guest
    played: list[Played] = field(default_factory=list)


@contextmanager
def boot(qemu: str, name: str) -> Iterator[Show]:
    folder = GUEST / name
    folder.mkdir(parents=True, exist_ok=True)
    # The first is the neighbour of the one that goes.
    scenes = tuple(scene for scene in SCENES if scene.id in SHOWN)
    stage = Stage(folder, scenes)
    with Guest(qemu, [stage.device(scene) for scene in scenes],
               name=name) as guest:
        stage.prepare(guest)
        yield Show(stage, guest)


def plays(scene: Scene) -> Callable[[Show], None]:
    def check(show: Show) -> None:
        played = show.stage.play(show.guest, scene)
        show.played.append(played)
        equal(played.wrong, [], "what is wrong with it")
    return check


def has_page(show: Show) -> None:
    page = GUEST / "gallery.html"
    write_page(show.stage, show.played, page)
    text = page.read_text()
    page.unlink()
    for scene in show.stage.scenes:
        true(f'id="abort-{scene.id}"' in text, f"no {scene.id}")
    equal(text.count("spdm-status shows no session any more"), 3,
          "keys that are shown wiped")
    for words in ("the operator ended session", "the bus ended session",
                  "the platform ended session",
                  "ResponderVerifyData does not match the transcript"):
        true(words in text, f"it does not say: {words}")


def suites(qemu: str, _: Models, tag: str) -> list[Suite]:
    rows: list[Row] = [(f"the gallery's abort: {scene.title}", plays(scene))
                       for scene in SCENES if scene.id in SHOWN]
    rows.append(("a page shows them, and who ended each", has_page))
    return [Suite(f"{tag}: gallery", lambda: boot(qemu, f"{tag}-gallery"),
                  rows)]
