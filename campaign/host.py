# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases on the host: a requester on the socket of spdm-responder."""
import json
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

from . import flows
from .case import PROFILES, Case
from .place import (Limits, Place, PlaceError, environment, fill, kept, ladder,
                    read_events, read_from, requests_after_fault,
                    run_command, said, size_of)
from .verdict import Said, Seen

START = 30.0                # seconds for a responder to make its keys
# Who spdm-responder says it is; without config space it has to be told.
CMA_NAME = "Vendor=1b36:Device=0010:CC=010802:REV=02:SSVID=1af4:SSID=1100"


class Responder:
    """One spdm-responder: a profile, and a plan that is replaced."""

    def __init__(self, tool: Path, profile: str, folder: Path, seed: str,
                 address: str = "") -> None:
        self.folder = folder / profile
        self.folder.mkdir(parents=True, exist_ok=True)
        self.root = self.folder / "root.pem"
        self.events = self.folder / "events.jsonl"
        self.keys = self.folder / "keys.log"
        self.plan = self.folder / "plan.ini"
        self.log = (self.folder / "responder.log").open("w+")
        control = self.folder / "control"
        control.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [str(tool), "--profile", str(PROFILES / f"{profile}.ini"),
             "--port", address.rpartition(":")[2] or "0", "--seed", seed,
             "--keep-running", "--identity-out", str(self.root),
             "--control", str(control), "--events", str(self.events),
             "--keylog", str(self.keys)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=self.log, text=True, start_new_session=True)
        self.address = self._listening()
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(START)
        self._socket.connect(str(control))
        self._lines = self._socket.makefile("rw")

    def _listening(self) -> str:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line.startswith("listening on "):
            self.process.wait(START)
            raise PlaceError(f"spdm-responder did not start: "
                             f"{self.last_words()}")
        return line.split()[-1]

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def last_words(self) -> str:
        self.log.flush()
        return Path(self.log.name).read_text(errors="replace")[-400:].strip()

    def ask(self, command: str, **arguments: str) -> dict:
        """One line of the control socket, and its answer."""
        try:
            self._lines.write(json.dumps({"command": command, **arguments})
                              + "\n")
            self._lines.flush()
            answer = json.loads(self._lines.readline())
        except (OSError, ValueError) as error:
            raise PlaceError(f"spdm-responder is gone ({error}): "
                             f"{self.last_words()}") from error
        if not answer["ok"]:
            raise PlaceError(answer["error"])
        return answer

    def set_plan(self, text: str) -> None:
        self.plan.write_text(text)
        self.ask("set-faults", file=str(self.plan) if text else "")

    def fired(self) -> dict[str, int]:
        return {rule["name"]: rule["fired"]
                for rule in self.ask("fault-counts")["rules"]}

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self.log.close()
        for end in (self.process.stdout, self._socket):
            if end:
                end.close()


class Host(Place):
    name = "host"

    def __init__(self, tools: Path, folder: Path, limits: Limits,
                 seed: str = "campaign", command: Sequence[str] = (),
                 address: str = "") -> None:
        self.tools, self.folder, self.limits = tools, folder, limits
        self.seed, self.command, self.address = seed, command, address
        self.sound = [str(tools / "spdm-requester")]
        self.requester = self.sound     # another while mutants are tried
        self.responders: dict[str, Responder] = {}

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)

    def stop(self) -> None:
        for responder in self.responders.values():
            responder.stop()
        self.responders.clear()

    def responder(self, profile: str) -> Responder:
        """With a fixed address there can be one at a time only."""
        one = self.responders.get(profile)
        if one and not one.alive:
            self.responders.pop(profile).stop()
        if self.address and profile not in self.responders:
            self.stop()
        if profile not in self.responders:
            self.responders[profile] = Responder(
                self.tools / "spdm-responder", profile, self.folder,
                self.seed, self.address)
        return self.responders[profile]

    def _argv(self, case: Case, responder: Responder) -> list[str]:
        if self.command:
            host, _, port = responder.address.rpartition(":")
            return fill(self.command, {
                "connect": responder.address, "host": host, "port": port,
                "trust": str(responder.root), "case": case.name,
                "flow": case.flow})
        root = str(responder.root) if responder.root.stat().st_size else ""
        return [*self.requester, "--connect", responder.address,
                "--cma-name", CMA_NAME,
                *flows.words(case, self.limits.answer, root)]

    def run(self, case: Case) -> tuple[Said, Seen]:
        responder = self.responder(case.profile)
        responder.set_plan(case.plan)
        begin, keys = size_of(responder.events), size_of(responder.keys)
        env = environment(case, self.limits, SPDM_CONNECT=responder.address,
                          SPDM_TRUST=str(responder.root),
                          SPDM_SCRATCH=str(self.folder))
        ran = run_command(self._argv(case, responder), env, self.limits.case)
        fired = responder.fired()
        events = read_events(responder.events, begin)
        return said(ran), Seen(
            fired, requests_after_fault(events, bool(case.rules)),
            ladder(events), events=kept(events),
            keys=read_from(responder.keys, keys))
