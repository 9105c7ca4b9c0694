# SPDX-License-Identifier: GPL-2.0-or-later
"""A virtual machine with the devices under test.

    with Guest(qemu, [ssd("spdm-ssd", "disk", image), nic("spdm-nic")]) as g:
        print(g.run(["lspci", "-vvv", "-s", g.bdf("disk")]).out)
        print(g.qom_get("disk", "spdm-version"))
"""
import atexit
import ctypes
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import accel, image
from .agent import Agent, AgentError, Command, Listener, Result
from .env import LOGS
from .qmp import Qmp

BOOT_TIMEOUT = 600.0        # hang guards, not expectations
RUN_TIMEOUT = 300.0
PLUG_TIMEOUT = 600.0
PR_SET_PDEATHSIG = 1
FIRST_SLOT = 0x10           # root ports sit at 00:10.0 and up
SLOTS = 15                  # ... to 00:1e, then at 00:10.1 and up

# console= first and little else: every kernel message costs time. The check
# of the timer is a race against the host, and panics when the host is busy.
# Programs at the same addresses each time: an emulator translates them once.
APPEND = ("console=ttyS0 quiet panic=-1 mitigations=off nokaslr norandmaps "
          "random.trust_cpu=on net.ifnames=0 no_timer_check")


class GuestError(Exception):
    """QEMU did not start, or a command that had to work did not."""


@dataclass(frozen=True)
class Device:
    """One -device behind a root port of its own, and what it stands on."""
    model: str
    id: str
    props: dict[str, Any] = field(default_factory=dict)
    backend: tuple[str, ...] = ()

    def arguments(self, bus: str) -> list[str]:
        values = {"id": self.id, "bus": bus, **self.props}
        words = [f"{k}={option_text(v)}" for k, v in values.items()]
        return [*self.backend, "-device", ",".join([self.model, *words])]


def option_text(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value).replace(",", ",,")


def ssd(model: str, id: str, disk: Path, **props: Any) -> Device:
    backend = ("-drive", f"if=none,id={id}-drive,format=raw,cache=unsafe,"
               f"file={option_text(disk)}")
    return Device(model, id, {"drive": f"{id}-drive", "serial": id,
                              **dashed(props)}, backend)


def nic(model: str, id: str = "nic", **props: Any) -> Device:
    return Device(model, id, {"netdev": f"{id}-net", **dashed(props)},
                  ("-netdev", f"user,id={id}-net"))


def plain(model: str, id: str, **props: Any) -> Device:
    """A device that stands on nothing: a display, a bare endpoint."""
    return Device(model, id, dashed(props))


def dashed(props: dict[str, Any]) -> dict[str, Any]:
    return {key.replace("_", "-"): value for key, value in props.items()}


_running: set["Guest"] = set()


@atexit.register
def _stop_all() -> None:
    for guest in list(_running):
        guest.stop()


def _die_with_parent() -> None:
    """In the child: a harness that is killed takes QEMU along."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Guest:
    """Starts on entry (or start()), is gone on exit (or stop()).

    QEMU is killed when the thread that called start() ends: start guests
    from a thread that outlives them.
    """

    def __init__(self, qemu: Path | str, devices: Sequence[Device] = (), *,
                 name: str = "guest", memory: int = 512, cpus: int = 1,
                 kernel: Path | None = None, initramfs: Path | None = None,
                 append: str = "", extra: Sequence[str] = (),
                 incoming: Path | None = None, paused: bool = False,
                 code_mib: int = 0,
                 env: dict[str, str] | None = None) -> None:
        self.qemu, self.devices, self.name = str(qemu), list(devices), name
        self._memory, self._cpus, self._append = memory, cpus, append
        self._kernel, self._initramfs = kernel, initramfs
        self._extra, self._env = list(extra), env or {}
        self._incoming = incoming       # what save() of a like guest wrote
        self._paused = paused           # no guest runs, only QEMU
        self._code_mib = code_mib       # of translated code at most; TCG
        self._bdfs: dict[str, str] = {}
        self._process: subprocess.Popen | None = None
        self._agent: Agent | None = None
        self._qmp: Qmp | None = None
        self.serial_log = LOGS / f"{name}.serial.log"
        self.qemu_log = LOGS / f"{name}.qemu.log"
        self.boot_seconds = 0.0     # from exec to the agent's first word
        self.kernel_seconds = 0.0   # of these, inside the guest's kernel

    # ---- start and stop

    def command_line(self, qmp_fd: int, agent_fd: int) -> list[str]:
        line = [
            *self._machine(self._accelerator(), self._append),
            "-smp", str(self._cpus),
            "-serial", f"file:{self.serial_log}",
            "-chardev", f"socket,id=qmp,fd={qmp_fd}",
            "-mon", "chardev=qmp,mode=control",
            "-device", "virtio-serial-pci,addr=0x2",
            "-chardev", f"socket,id=agent,fd={agent_fd}",
            "-device", "virtserialport,chardev=agent,"
            "name=org.qemu-spdm.agent",
        ]
        line += self._plugged()
        if self._incoming:
            line += ["-incoming", f"exec:cat '{self._incoming}'"]
        return line + ["-S"] * self._paused + self._extra

    def bare_command_line(self, append: str, console: Path) -> list[str]:
        """Of a guest that nobody talks to, on an emulated processor."""
        return [*self._machine(accel.TCG, append), *self._plugged(),
                "-serial", f"file:{console}"]

    def _accelerator(self) -> list[str]:
        return [f"tcg,tb-size={self._code_mib}"
                if word == "tcg" and self._code_mib else word
                for word in accel.choose(self.qemu)]

    def _machine(self, accelerator: Sequence[str], append: str) -> list[str]:
        return [
            self.qemu, "-nodefaults", "-no-user-config", "-display", "none",
            "-no-reboot", "-machine", "q35", *accelerator,
            "-m", str(self._memory),
            "-kernel", str(self._kernel or image.kernel()),
            "-initrd", str(self._initramfs or image.initramfs()),
            "-append", f"{APPEND} {append}".strip(),
        ]

    def _plugged(self) -> list[str]:
        line = []
        for index, device in enumerate(self.devices):
            line += root_port(index, len(self.devices)) + \
                device.arguments(f"rp{index}")
        return line

    def start(self) -> "Guest":
        LOGS.mkdir(parents=True, exist_ok=True)
        qmp, qmp_child = socket.socketpair()
        agent, agent_child = socket.socketpair()
        fds = (qmp_child.fileno(), agent_child.fileno())
        line = self.command_line(*fds)
        begin = time.monotonic()
        with self.qemu_log.open("w") as log:
            log.write(" ".join(line) + "\n")
            log.flush()
            self._process = subprocess.Popen(
                line, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                pass_fds=fds, start_new_session=True,
                preexec_fn=_die_with_parent, env=os.environ | self._env)
        _running.add(self)
        qmp_child.close()
        agent_child.close()
        self._agent, self._qmp = Agent(agent), Qmp(qmp)
        try:
            self._qmp.greet(BOOT_TIMEOUT)
            if self._incoming:
                self._wait_status("query-status", "running")
            elif not self._paused:
                self._agent.wait_ready(1, BOOT_TIMEOUT)
        except BaseException as error:
            self.stop()
            if isinstance(error, Exception):
                raise GuestError(f"{self.name}: {error}\n"
                                 f"{self.last_words()}") from error
            raise
        self.boot_seconds = time.monotonic() - begin
        self.kernel_seconds = self._agent.uptime_ms / 1000
        return self

    def stop(self) -> None:
        _running.discard(self)
        process, self._process = self._process, None
        if process:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
        for end in (self._agent, self._qmp):
            if end:
                end.close()
        self._agent = self._qmp = None

    def __enter__(self) -> "Guest":
        return self if self._process else self.start()

    def __exit__(self, *_: Any) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    @property
    def alive(self) -> bool:
        return bool(self._process) and self._process.poll() is None

    @property
    def died_of(self) -> int:
        """The signal that ended QEMU itself; 0: none did."""
        return max(0, -((self._process and self._process.poll()) or 0))

    def last_words(self) -> str:
        """The ends of QEMU's output and of the guest's console."""
        parts = []
        for path in (self.qemu_log, self.serial_log):
            if path.exists():
                text = path.read_text(errors="replace")
                parts.append(f"--- {path}\n{text[-1500:]}")
        return "\n".join(parts)

    # ---- in the guest

    def launch(self, argv: Sequence[str], *, timeout: float = RUN_TIMEOUT,
               stdin: bytes = b"", max_output: int = 4 << 20,
               listener: Listener | None = None) -> Command:
        """Start a command; others may run meanwhile."""
        if not self._agent:
            raise AgentError("the guest is not running")
        return self._agent.start(argv, timeout, stdin, max_output, listener)

    def run(self, argv: Sequence[str], *, check: bool = False,
            **options: Any) -> Result:
        """Run a command to its end; options as for launch()."""
        result = self.launch(argv, **options).wait()
        if check and not result.ok:
            raise GuestError(result.describe())
        return result

    def sh(self, script: str, *, check: bool = True, **options: Any) -> str:
        """What a shell script prints."""
        return self.run(["sh", "-c", script], check=check, **options).out

    def bdf(self, device_id: str) -> str:
        """The guest's name for a device, such as 0000:01:00.0."""
        if device_id not in self._bdfs:
            ids = [device.id for device in self.devices]
            slot, function = port_place(ids.index(device_id))
            port = f"/sys/bus/pci/devices/0000:00:{slot:02x}.{function}"
            names = self.sh(f"ls {port}")
            match = re.search(r"^\w{4}:\w\w:00\.0$", names, re.M)
            if not match:
                raise GuestError(f"nothing behind the port of {device_id}")
            self._bdfs[device_id] = match.group()
        return self._bdfs[device_id]

    def reset(self, timeout: float = BOOT_TIMEOUT) -> None:
        """Reset the platform, and wait until the guest is up again."""
        assert self._agent
        boots = self._agent.boots
        # -no-reboot makes the guest's own panic end QEMU; not this one.
        self.qmp("set-action", reboot="reset")
        self.qmp("system_reset")
        self._agent.wait_ready(boots + 1, timeout)
        self.qmp("set-action", reboot="shutdown")
        self._bdfs.clear()

    def save(self, path: Path) -> None:
        """Write the running machine to a file, and stop.

        Another Guest with the same devices and incoming=path goes on with
        it; QEMU must be able to migrate all of them (nvme it cannot).
        """
        self.qmp("migrate", uri=f"exec:cat >'{path}'")
        self._wait_status("query-migrate", "completed")
        self.stop()

    def _wait_status(self, query: str, wanted: str) -> None:
        end = time.monotonic() + BOOT_TIMEOUT
        while (answer := self.qmp(query)).get("status") != wanted:
            if answer.get("status") == "failed" or time.monotonic() > end:
                raise GuestError(f"{query}: {answer}")
            time.sleep(0.05)

    # ---- around it

    def qmp(self, command: str, **arguments: Any) -> Any:
        if not self._qmp:
            raise GuestError("QEMU is not running")
        return self._qmp.command(command, **arguments)

    def unplug(self, *device_ids: str) -> None:
        """Ask the guest for these devices, and wait until they are gone."""
        assert self._qmp
        waiting = set(device_ids)
        self._qmp.events.clear()
        for device_id in device_ids:
            self.qmp("device_del", id=device_id)
        end = time.monotonic() + PLUG_TIMEOUT
        while waiting:
            waiting -= {event["data"].get("device")
                        for event in self.events()
                        if event["event"] == "DEVICE_DELETED"}
            if time.monotonic() > end:
                raise GuestError(f"the guest does not let go of {waiting}")
            time.sleep(0.02 if waiting else 0)

    def plug(self, device: Device) -> None:
        """Into the port that it had; the guest sees it a moment later."""
        index = [known.id for known in self.devices].index(device.id)
        self.qmp("device_add", driver=device.model, id=device.id,
                 bus=f"rp{index}",
                 **{key: value if isinstance(value, (bool, int)) else
                    str(value) for key, value in device.props.items()})

    def events(self) -> list[dict[str, Any]]:
        """QMP events so far (those QEMU sent before its last answer)."""
        self.qmp("query-name")
        assert self._qmp
        return self._qmp.events

    @staticmethod
    def _path(device: str) -> str:
        return device if "/" in device else f"/machine/peripheral/{device}"

    def qom_get(self, device: str, name: str) -> Any:
        return self.qmp("qom-get", path=self._path(device), property=name)

    def qom_set(self, device: str, name: str, value: Any) -> None:
        self.qmp("qom-set", path=self._path(device), property=name,
                 value=value)

    def qom_list(self, device: str) -> dict[str, str]:
        """The properties of a device and their types."""
        rows = self.qmp("qom-list", path=self._path(device))
        return {row["name"]: row["type"] for row in rows}

    def resident_kib(self) -> int:
        """The memory QEMU holds at the moment."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        match = re.search(r"^VmRSS:\s+(\d+) kB", status, re.M)
        return int(match.group(1)) if match else 0


def port_place(index: int) -> tuple[int, int]:
    return FIRST_SLOT + index % SLOTS, index // SLOTS


def root_port(index: int, total: int) -> list[str]:
    slot, function = port_place(index)
    several = ",multifunction=on" if total > SLOTS else ""
    return ["-device", f"pcie-root-port,id=rp{index},bus=pcie.0,"
            f"addr={slot:#x}.{function},chassis={index + 1},"
            f"slot={index + 1}{several}"]
