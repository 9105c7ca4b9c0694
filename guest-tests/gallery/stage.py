# SPDX-License-Identifier: GPL-2.0-or-later
"""Plays a scene on its device, and judges what both sides saw."""
import json
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qspdm.agent import Command, Result
from qspdm.env import TOP
from qspdm.guest import Device, Guest, plain

from .acts import is_plugged, sysfs
from .scenes import Keys, Scene

PROFILE = TOP / "guest-tests/profiles/aborts.ini"
MODEL = "spdm-endpoint"
PATIENCE = "300"        # seconds for an answer: the host may be busy
SILENCE_COSTS = "10"    # ... of the requester's own aborts, which ask in vain
HANG_GUARD = 900        # seconds
REPORT = "/tmp/report.json"


@dataclass
class Played:
    """What came of a scene; @wrong lists what should have been otherwise."""
    scene: Scene
    command: str = ""
    did: str = ""                       # the act, or the plan
    said: str = ""                      # all that the requester printed
    reason: str = ""                    # its last word
    exit: int = -1
    events: list[dict[str, Any]] = field(default_factory=list)
    opened: int = 0                     # sessions, of the device
    left: list[dict[str, Any]] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    keys: str = ""
    after: str = ""
    after_line: str = ""                # the same, in more words
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0


class Stage:
    """A device for each scene, in one guest; files in @folder."""

    def __init__(self, folder: Path, scenes: tuple[Scene, ...]) -> None:
        self.folder, self.scenes = folder, scenes

    # ---- files and devices

    def file(self, scene: Scene, kind: str) -> Path:
        return self.folder / f"{scene.id}.{kind}"

    def _profile(self, scene: Scene) -> Path:
        path = self.file(scene, "ini")
        text, count = re.subn(r"(?m)^heartbeat-period=.*$",
                              f"heartbeat-period={scene.heartbeat}",
                              PROFILE.read_text())
        assert count == 1, PROFILE
        path.write_text(text)
        return path

    def device(self, scene: Scene) -> Device:
        return plain(MODEL, scene.id, spdm_profile=self._profile(scene),
                     spdm_identity_out=self.file(scene, "pem"),
                     spdm_events=self.file(scene, "events"),
                     spdm_keylog=self.file(scene, "keys"))

    def events(self, scene: Scene, begin: int = 0) -> list[dict[str, Any]]:
        with self.file(scene, "events").open("rb") as file:
            file.seek(begin)
            return [json.loads(line) for line in file]

    # ---- the requester in the guest

    def prepare(self, guest: Guest) -> None:
        for scene in self.scenes:
            guest.sh(f"cat >/tmp/{scene.id}.pem",
                     stdin=self.file(scene, "pem").read_bytes())

    @staticmethod
    def _words(guest: Guest, scene: Scene, words: tuple[str, ...]
               ) -> list[str]:
        return ["spdm-requester", "--device", guest.bdf(scene.id),
                "--trust", f"/tmp/{scene.id}.pem", "--timeout",
                SILENCE_COSTS if "--by" in words else PATIENCE,
                "--json-file", REPORT, *words]

    @staticmethod
    def _until_it_waits(guest: Guest, command: Command, path: str) -> bool:
        """False when the requester ended before it came so far."""
        end = time.monotonic() + HANG_GUARD
        while command.running and time.monotonic() < end:
            if guest.run(["test", "-e", path]).ok:
                return True
            time.sleep(0.1)
        return False

    def _perform(self, guest: Guest, scene: Scene, played: Played) -> Result:
        path = f"/tmp/waits-{scene.id}"
        words = [f"wait:file={path}" if word == "WAIT" else word
                 for word in self._words(guest, scene, scene.words)]
        played.command = " ".join(words)
        command = guest.launch(words)
        if scene.act and self._until_it_waits(guest, command, path):
            played.did = scene.act(guest, scene.id)
            guest.sh(f"rm -f {path}")
        return command.wait()

    # ---- one scene

    def play(self, guest: Guest, scene: Scene) -> Played:
        played = Played(scene)
        begin = time.monotonic()
        mark = self.file(scene, "events").stat().st_size
        if scene.plan:
            played.did = f"qom-set spdm-faults {scene.plan.name}"
            guest.qom_set(scene.id, "spdm-faults", str(scene.plan))
        result = self._perform(guest, scene, played)
        played.said, played.exit = about_the_abort(result.out), result.exit
        played.reason = last_word(scene, result)
        played.events = self.events(scene, mark)
        if is_plugged(guest, scene.id):
            status = guest.qom_get(scene.id, "spdm-status")
            played.opened = status["sessions-opened"]
            played.left = status["sessions"]
            self._afterwards(guest, scene, played)
        else:
            self._gone(guest, scene, played)
        whole = self.events(scene, mark)
        played.ended = [event.get("why", "") for event in whole
                        if event["event"] == "session" and
                        event["state"] == "ended"]
        judge(played)
        played.seconds = time.monotonic() - begin
        return played

    def _afterwards(self, guest: Guest, scene: Scene, played: Played
                    ) -> None:
        """The device is honest again: is it usable?"""
        if scene.plan:
            guest.qom_set(scene.id, "spdm-faults", "")
        result = guest.run(self._words(guest, scene, ("attest",)))
        status = guest.qom_get(scene.id, "spdm-status")
        played.after = "attested" if result.ok else "not usable"
        played.after_line = (
            f"{played.after}: chain, challenge and measurements; no session "
            "is left" if result.ok else result.describe())
        if not result.ok:
            played.wrong.append(f"afterwards: {result.describe()}")
        elif not json.loads(guest.sh(f"cat {REPORT}"))["authenticated"]:
            played.wrong.append("afterwards: not authenticated")
        if status["sessions"]:
            played.wrong.append(f"still has {status['sessions']}")

    def _gone(self, guest: Guest, scene: Scene, played: Played) -> None:
        """Nothing of it is left in the guest, and its neighbours answer."""
        played.after = "gone"
        played.after_line = ("gone from QEMU and from the guest's bus; its "
                             "neighbours answer")
        if guest.run(["test", "-e", sysfs(guest, scene.id)]).ok:
            played.wrong.append("the guest still shows the function")
        other = self.scenes[0]
        result = guest.run(self._words(guest, other, ("discover",)))
        if not result.ok:
            played.wrong.append(f"its neighbour: {result.describe()}")


# ---- the requester's words ------------------------------------------------

def about_the_abort(text: str) -> str:
    """Without the new connection that "abort" makes after it."""
    return text.split("--- and the device serves")[0]


def last_word(scene: Scene, result: Result) -> str:
    """Why it stopped; of one that did not, the line that tells of it."""
    if result.err.strip():
        return result.err.strip().splitlines()[-1]
    lines = [line.strip() for line in result.out.splitlines()
             if re.search(scene.says, line)]
    return lines[-1] if lines else about_the_abort(
        result.out).rstrip().rpartition("\n")[2]


# ---- what has to hold ------------------------------------------------------

def told(played: Played) -> str:
    """The device's side as lines, for a pattern to look at."""
    return "\n".join(" ".join(str(value) for key, value in event.items()
                              if key not in ("us", "device", "hex"))
                     for event in played.events)


def judge(played: Played) -> None:
    scene, wrong = played.scene, played.wrong
    if played.exit != scene.exit:
        wrong.append(f"spdm-requester: exit {played.exit}, not {scene.exit}")
    if not re.search(scene.says, f"{played.said}\n{played.reason}"):
        wrong.append(f"the requester does not say \"{scene.says}\"")
    if not re.search(scene.tells, told(played)):
        wrong.append(f"the device does not tell \"{scene.tells}\"")
    wrong += [f"the requester went on: {event['name']}"
              for event in played.events
              if event["event"] == "message" and
              event.get("name") in scene.never]
    if scene.stays != (played.after != "gone"):
        wrong.append(f"the device is {played.after}")
    if scene.stays and len(played.ended) != played.opened:
        wrong.append(f"{played.opened} sessions opened, {len(played.ended)} "
                     "ended")
    if scene.act and not played.did:
        wrong.append("the requester did not come so far")
    played.keys = keys_of(played).value
    if keys_of(played) != scene.keys:
        wrong.append(f"keys: {played.keys}, not {scene.keys.value}")


def keys_of(played: Played) -> Keys:
    if played.after == "gone":
        return Keys.GONE
    if not played.opened:
        return Keys.NONE
    return Keys.AT_NEXT if played.left else Keys.AT_ONCE
