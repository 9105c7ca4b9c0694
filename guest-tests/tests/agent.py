# SPDX-License-Identifier: GPL-2.0-or-later
"""The harness itself: what the agent says of a command is what happened."""
import time

from qspdm.guest import Guest
from qspdm.tap import Row, Suite, equal, true

from .machine import Machine, Models, booting

BINARY = bytes(range(256)) * 4


def exit_status(m: Machine) -> None:
    result = m.guest.run(["sh", "-c", "echo out; echo err >&2; exit 3"])
    equal((result.exit, result.signal, result.out, result.err),
          (3, 0, "out\n", "err\n"))


def ended_by_signal(m: Machine) -> None:
    result = m.guest.run(["sh", "-c", "kill -SEGV $$"])
    equal((result.exit, result.signal), (-1, 11))


def not_found(m: Machine) -> None:
    equal(m.guest.run(["no-such-program"]).exit, 127)


def empty_and_odd_words(m: Machine) -> None:
    words = ["", "a b", "q\"'\\", "grün", "line\nline"]
    result = m.guest.run(["printf", "[%s]", *words])
    equal(result.out, "".join(f"[{word}]" for word in words))


def any_byte(m: Machine) -> None:
    out = m.guest.sh("xxd -p -c 256 | tr -d '\\n'", stdin=BINARY)
    equal(out, BINARY.hex(), "to the guest")
    back = m.guest.run(["cat"], stdin=BINARY).out
    equal(back, BINARY.decode("utf-8", "replace"), "from the guest")


def timeout_kills_group(m: Machine) -> None:
    result = m.guest.run(["sh", "-c", "sleep 4242 & sleep 4242"], timeout=1)
    true(result.timed_out, result.describe())
    equal(m.guest.sh("pgrep -f 'sleep 4242' | grep -v $$ || true", check=False)
          .strip(), "", "left over")


def output_is_bounded(m: Machine) -> None:
    result = m.guest.run(["head", "-c", "100000", "/dev/zero"],
                         max_output=1000)
    equal((len(result.out), result.truncated, result.exit), (1000, True, 0))


def several_at_once(m: Machine) -> None:
    first = m.guest.launch(["cat", "/dev/zero"], max_output=10)
    others = [m.guest.launch(["echo", str(n)]) for n in range(8)]
    equal([command.wait().out for command in others],
          [f"{n}\n" for n in range(8)])
    true(first.running, "the first has ended")
    first.kill()
    equal(first.wait().signal, 9)


def streams(m: Machine) -> None:
    """The command waits for what the host does after hearing from it."""
    command = m.guest.launch(["sh", "-c", "echo one; until test -e /tmp/go; "
                              "do sleep 0.1; done; echo two"])
    while command.output() != "one\n":
        true(command.running, "it ended unheard")
        time.sleep(0.05)
    m.guest.sh("touch /tmp/go")
    equal(command.wait().out, "one\ntwo\n")


def comes_back(m: Machine) -> None:
    m.guest.sh("touch /tmp/mark")
    lost = m.guest.launch(["sleep", "1000"])
    m.guest.reset()
    true(not m.guest.run(["test", "-e", "/tmp/mark"]).ok, "no reset")
    true(not lost.running, "a command survived the reset")


def qom(m: Machine) -> None:
    equal(m.guest.qom_get("ssd", "serial"), "ssd")
    equal(m.guest.qom_list("ssd")["serial"], "str")


def nothing_left(m: Machine) -> None:
    guest = Guest(m.guest.qemu, name="agent-short").start()
    pid = guest.pid
    guest.stop()
    equal(_alive(pid), False, "QEMU runs on")


def _alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii"):
            return True
    except FileNotFoundError:
        return False


ROWS: list[Row] = [
    ("exit status and both outputs are told apart", exit_status),
    ("an end by signal is told as one", ended_by_signal),
    ("a program that is not there exits with 127", not_found),
    ("words arrive as they were given", empty_and_odd_words),
    ("any byte passes both ways", any_byte),
    ("a time-out ends the whole process group", timeout_kills_group),
    ("output is cut where the host said", output_is_bounded),
    ("several commands run at the same time", several_at_once),
    ("output is heard while the command runs", streams),
    ("the guest is there again after a platform reset", comes_back),
    ("device properties are read over QMP", qom),
    ("a guest that is stopped leaves no process", nothing_left),
]


def suites(qemu: str, models: Models, tag: str) -> list[Suite]:
    return [Suite(f"{tag}: the harness", booting(qemu, models,
                                                 f"{tag}-agent"), ROWS)]
