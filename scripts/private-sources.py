#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Derive apt sources with deb-src from the system's own, into a directory.

usage: private-sources.py CODENAME DIRECTORY [POCKET]

With a pocket ("backports") the entries are those of that part of the release,
which lies where the release does.

Only the distribution's entries are taken: those whose suite is the
release's code name (or one of its pockets) and which carry "main".
"""
import re
import sys
from pathlib import Path

ETC = Path("/etc/apt")


def is_ours(suites: list[str], components: list[str], codename: str) -> bool:
    names = (codename, "stable", "oldstable")
    fits = any(re.match(rf"({'|'.join(names)})($|[-/])", s) for s in suites)
    return fits and "main" in components


def field(stanza: str, name: str) -> list[str]:
    match = re.search(rf"^{name}:(.*(?:\n[ \t].*)*)", stanza, re.M | re.I)
    return match.group(1).split() if match else []


def is_release(suites: list[str], codename: str) -> bool:
    """The release itself, none of its pockets."""
    return any(s in (codename, "stable", "oldstable") for s in suites)


def convert_deb822(text: str, codename: str, pocket: str) -> str:
    kept = []
    for stanza in re.split(r"\n\s*\n", text):
        stanza = re.sub(r"^#.*\n?", "", stanza, flags=re.M).strip("\n")
        if field(stanza, "Enabled") == ["no"]:
            continue
        if not is_ours(field(stanza, "Suites"), field(stanza, "Components"),
                       codename):
            continue
        if pocket and not is_release(field(stanza, "Suites"), codename):
            continue
        if pocket:
            stanza = re.sub(r"^Suites:.*$", f"Suites: {codename}-{pocket}",
                            stanza, flags=re.M | re.I)
        kept.append(re.sub(r"^Types:.*$", "Types: deb deb-src", stanza,
                           flags=re.M | re.I))
    return "\n\n".join(kept) + "\n" if kept else ""


def convert_list(text: str, codename: str, pocket: str) -> str:
    kept = []
    for line in text.splitlines():
        match = re.match(r"\s*deb\s+(\[.*?\]\s+)?(\S+)\s+(\S+)\s+([^#]*)",
                         line)
        if match and is_ours([match.group(3)], match.group(4).split(),
                             codename):
            rest = line.strip()[len("deb"):]
            if pocket and not is_release([match.group(3)], codename):
                continue
            if pocket:
                rest = rest.replace(f" {match.group(3)} ",
                                    f" {codename}-{pocket} ", 1)
            kept += ["deb" + rest, "deb-src" + rest]
    return "\n".join(kept) + "\n" if kept else ""


def main() -> int:
    codename, out = sys.argv[1], Path(sys.argv[2])
    pocket = sys.argv[3] if len(sys.argv) > 3 else ""
    for old in out.glob("system-*"):
        old.unlink()
    parts = sorted((ETC / "sources.list.d").glob("*"))
    written = 0
    for path in [ETC / "sources.list", *parts]:
        if not path.is_file() or path.suffix not in (".list", ".sources"):
            continue
        convert = convert_list if path.suffix == ".list" else convert_deb822
        text = convert(path.read_text(), codename, pocket)
        if text:
            (out / f"system-{path.name}").write_text(text)
            written += 1
    if not written:
        print(f"no apt source of {codename} with component main in {ETC}",
              file=sys.stderr)
    return 0 if written else 1


if __name__ == "__main__":
    sys.exit(main())
