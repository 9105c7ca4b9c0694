#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""gcc -fanalyzer, clang-tidy and cppcheck over lib, tools and hw/spdm, as TAP.

A row a tool; what it found is printed below it.  Which checks there are, and
why some are not, is in .clang-tidy and below.  What was said of a file is kept
in BUILD/static, by the hash of the file, of all that it includes of ours, and
of how it was looked at, so that only what changed is looked at again.

usage: static.py TOP BUILD [PATH...]       only files whose path has PATH
"""
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
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
    "--template={file}:{line}: {severity}: {message} [{id}]",
]


class Unit:
    """A C file as meson compiles it."""

    def __init__(self, top: Path, entry: dict[str, str]) -> None:
        self.dir = Path(entry["directory"])
        self.path = os.path.relpath(self.dir / entry["file"], top)
        self.words = bare(shlex.split(entry["command"]))

    def content(self) -> bytes:
        """The file and the headers that are not the system's."""
        rule = subprocess.run([*self.words, "-MM"], cwd=self.dir, check=True,
                              capture_output=True, text=True).stdout
        names = rule.replace("\\\n", " ").split()[1:]
        return b"".join((self.dir / name).read_bytes() for name in names)


def bare(command: list[str]) -> list[str]:
    """The command without what says where to, how fast and how coloured."""
    words, drop = [], False
    for word in command:
        if drop:
            drop = False
        elif word in ("-o", "-MQ", "-MF"):
            drop = True
        elif word not in ("ccache", "-MD", "-Werror", "-O2", "-O3",
                          "-fdiagnostics-color=always"):
            words.append(word)
    return words


def units(top: Path, build: Path, only: list[str]) -> list[Unit]:
    entries = json.loads((build / "compile_commands.json").read_text())
    found = {u.path: u for u in (Unit(top, e) for e in entries)
             if u.path.startswith(AREAS) and "/tests/" not in u.path}
    return [u for p, u in sorted(found.items())
            if not only or any(word in p for word in only)]


class Tool:
    """A program, and what it is started with for a file."""

    def __init__(self, name: str, version: list[str], config: str,
                 command: Callable[[Unit], tuple[list[str], Path]]) -> None:
        self.name = name
        self.program = version[0]
        self.version = version
        self.config = config
        self.command = command

    def key(self, u: Unit, content: bytes) -> str:
        words, _ = self.command(u)
        said = subprocess.run(self.version, check=True, capture_output=True)
        return hashlib.sha256(b"\0".join([
            said.stdout, self.config.encode(), *map(str.encode, words),
            content])).hexdigest()

    def look(self, u: Unit) -> str:
        """All that it says; that it broke off is something, too."""
        words, where = self.command(u)
        done = subprocess.run(words, cwd=where, capture_output=True, text=True)
        text = done.stdout + done.stderr
        if done.returncode and not findings(text):
            text += f"\n{u.path}: error: {self.name} ended with " \
                f"{done.returncode}: {text.strip()[-200:]!r}\n"
        return text


def for_clang(build: Path) -> Path:
    """Where the commands are without what only gcc knows (-mmemset...)."""
    where = build / "clang"
    where.mkdir(exist_ok=True)
    text = (build / "compile_commands.json").read_text()
    (where / "compile_commands.json").write_text(
        re.sub(r" -mmem\w+-strategy=\S+(?= )", "", text))
    return where


def tools(top: Path, build: Path) -> list[Tool]:
    config = (top / ".clang-tidy").read_text()
    commands = str(for_clang(build))
    # -O0: what is inlined is told to be read before it is written.
    return [
        Tool("gcc -fanalyzer", ["gcc", "--version"], "",
             lambda u: ([*u.words, "-O0", "-o", "/dev/null", "-fanalyzer",
                         "-fdiagnostics-plain-output"], u.dir)),
        Tool("clang-tidy", ["clang-tidy", "--version"], config,
             lambda u: (["clang-tidy", "-p", commands, "--quiet", u.path],
                        top)),
        Tool("cppcheck", ["cppcheck", "--version"], "",
             lambda u: ([*CPPCHECK, "-Ilib", "-Ilib/include", "-Itools",
                         "-Ihw/spdm", u.path], top)),
    ]


def findings(text: str) -> set[str]:
    return {line for line in text.splitlines() if FINDING.search(line)}


def check(tool: Tool, todo: list[Unit], contents: list[bytes],
          kept: Path) -> tuple[list[str], int]:
    """What it found, and how many files it had to look at for that."""
    def one(u: Unit, content: bytes) -> tuple[set[str], bool]:
        path = kept / tool.key(u, content)
        if path.exists():
            return findings(path.read_text()), False
        text = tool.look(u)
        new = path.with_suffix(".new")
        new.write_text(text)
        new.rename(path)
        return findings(text), True

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        said = list(pool.map(one, todo, contents))
    return (sorted(set().union(*(found for found, _ in said))),
            sum(fresh for _, fresh in said))


def main() -> int:
    top, build = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    todo = units(top, build, sys.argv[3:])
    kept = build / "static"
    kept.mkdir(exist_ok=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        contents = list(pool.map(Unit.content, todo))
    rows = tools(top, build)
    bad = 0
    print(f"1..{len(rows)}")
    for number, tool in enumerate(rows, 1):
        if not todo or not shutil.which(tool.program):
            print(f"not ok {number} - {tool.name} cannot be run")
            bad += 1
            continue
        start = time.monotonic()
        found, fresh = check(tool, todo, contents, kept)
        print(f"{'not ok' if found else 'ok'} {number} - {tool.name} has "
              f"nothing to say of {len(todo)} files")
        print(f"# {fresh} of them looked at now, "
              f"in {time.monotonic() - start:.0f} s")
        for line in found:
            print(f"# {line}")
        sys.stdout.flush()
        bad += bool(found)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
