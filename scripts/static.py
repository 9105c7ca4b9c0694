#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""gcc -fanalyzer, clang-tidy and cppcheck over lib, tools and hw/spdm, as TAP.

A row a tool; what it found is printed below it.  Which checks there are, and
why some are not, is in .clang-tidy and below.

usage: static.py TOP BUILD [PATH...]       only files whose path has PATH
"""
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

AREAS = ("lib/", "tools/", "hw/spdm/")
FINDING = re.compile(r"(warning|error|style|performance|portability): ")

# cppcheck reads no headers of the system: it knows GLib by its own library
# files, and says so of what it does not find.
CPPCHECK = [
    "cppcheck", "--quiet", "--std=c11", "--library=gtk", "--library=posix",
    "--enable=warning,portability", "--inline-suppr", "--force",
    "--max-configs=1", "-D__linux__", "-D__x86_64__", "-DG_GNUC_NO_INLINE=",
    "-DSPDM_API=", "-DG_BEGIN_DECLS=", "-DG_END_DECLS=",
    # g_auto() declares and frees through macros that are not expanded here.
    "--suppress=unknownMacro", "--suppress=unassignedVariable",
    "--suppress=uninitvar", "--suppress=legacyUninitvar",
    # g_assert() ends a path, and cppcheck does not know it.
    "--suppress=nullPointerRedundantCheck", "--suppress=ctunullpointer",
    # Casts of a reader's view, which is what unions of bytes are read with.
    "--suppress=invalidPointerCast",
    # uint8_t becomes int in an expression; -Wformat knows what is printed.
    "--suppress=invalidPrintfArgType_uint",
    "--suppress=preprocessorErrorDirective", "--suppress=syntaxError",
    "--template={file}:{line}: {severity}: {message} [{id}]",
]


class Unit:
    def __init__(self, top: Path, entry: dict[str, str]) -> None:
        self.dir = Path(entry["directory"])
        self.path = os.path.relpath(self.dir / entry["file"], top)
        self.command = shlex.split(entry["command"])


def units(top: Path, build: Path, only: list[str]) -> list[Unit]:
    entries = json.loads((build / "compile_commands.json").read_text())
    found = {u.path: u for u in (Unit(top, e) for e in entries)
             if u.path.startswith(AREAS) and "/tests/" not in u.path}
    return [u for p, u in sorted(found.items())
            if not only or any(word in p for word in only)]


def run(words: list[str], where: Path) -> str:
    done = subprocess.run(words, cwd=where, capture_output=True, text=True)
    return done.stdout + done.stderr


def analyse(u: Unit) -> str:
    """-O0: what is inlined is told to be read before it is written."""
    words, drop = [], 0
    for word in u.command:
        if drop:
            drop -= 1
        elif word in ("-o", "-MQ", "-MF"):
            drop = 1
        elif word not in ("ccache", "-MD", "-Werror", "-O2", "-O3",
                          "-fdiagnostics-color=always"):
            words.append(word)
    return run(words + ["-O0", "-o", "/dev/null", "-fanalyzer",
                        "-fdiagnostics-plain-output"], u.dir)


def tidy(top: Path, build: Path) -> Callable[[Unit], str]:
    return lambda u: run(["clang-tidy", "-p", str(build), "--quiet",
                          u.path], top)


def cppcheck(top: Path) -> Callable[[Unit], str]:
    return lambda u: run([*CPPCHECK, "-Ilib", "-Ilib/include", "-Itools",
                          "-Ihw/spdm", u.path], top)


def findings(text: str) -> list[str]:
    return sorted({line for line in text.splitlines()
                   if FINDING.search(line)})


def main() -> int:
    top, build = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    todo = units(top, build, sys.argv[3:])
    tools: list[tuple[str, str, Callable[[Unit], str]]] = [
        ("gcc", "gcc -fanalyzer", analyse),
        ("clang-tidy", "clang-tidy", tidy(top, build)),
        ("cppcheck", "cppcheck", cppcheck(top)),
    ]
    bad = 0
    print(f"1..{len(tools)}")
    for number, (program, name, check) in enumerate(tools, 1):
        sentence = f"{name} has nothing to say of {len(todo)} files"
        if not todo or not shutil.which(program):
            print(f"not ok {number} - {name} cannot be run")
            bad += 1
            continue
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            found = sorted({line for text in pool.map(check, todo)
                            for line in findings(text)})
        print(f"{'not ok' if found else 'ok'} {number} - {sentence}")
        for line in found:
            print(f"# {line}")
        sys.stdout.flush()
        bad += bool(found)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
