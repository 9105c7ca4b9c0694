#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Replays what a fuzzer knows, as TAP.

usage: replay.py FUZZER TARGET

One row for the seeds and the corpus together (lib/fuzz/corpus/TARGET.tar.xz),
one for each input that once was a bug (lib/fuzz/found/TARGET/SENTENCE).
"""
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SHOWN = 12                  # lines of what a fuzzer says when it ends


def unpack(target: str, directory: str) -> list[str]:
    """The corpus as a directory; nothing where there is none."""
    archive = HERE / "corpus" / f"{target}.tar.xz"
    if not archive.exists():
        return []
    with tarfile.open(archive) as tar:
        for member in tar:
            data = tar.extractfile(member)
            if data:
                (Path(directory) / Path(member.name).name).write_bytes(
                    data.read())
    return [directory]


def run(fuzzer: str, *args: str) -> tuple[bool, str]:
    done = subprocess.run([fuzzer, *args], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True,
                          errors="replace")
    return done.returncode == 0, done.stdout


def row(number: int, sentence: str, ok: bool, said: str) -> bool:
    print(f"{'ok' if ok else 'not ok'} {number} {sentence}")
    for line in [] if ok else said.splitlines()[:SHOWN]:
        print(f"# {line}")
    return ok


def main() -> int:
    fuzzer, target = sys.argv[1:]
    found = sorted((HERE / "found" / target).glob("*"))
    print(f"1..{1 + len(found)}")
    with tempfile.TemporaryDirectory() as name:
        ok, said = run(fuzzer, *unpack(target, name))
    count = said.split()[0] if ok else "the"
    good = row(1, f"/fuzz/{target}/{count}-inputs-of-seeds-and-corpus-are-"
               "survived", ok, said)
    for number, path in enumerate(found, 2):
        ok, said = run(fuzzer, "--no-seeds", str(path))
        good &= row(number, f"/fuzz/{target}/{path.name}", ok, said)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
