# SPDX-License-Identifier: GPL-2.0-or-later
"""What a core dump of a process would hold, searched for session keys.

Read is what a kernel writes into one: every page that exists, and the
registers of each thread.  Nothing needs to be set up for it, and the process
goes on afterwards.
"""
import contextlib
import ctypes
import hashlib
import hmac
import os
import re
import time
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")
PRESENT, SWAPPED = 1 << 63, 1 << 62
WORD = 8
SEIZE, INTERRUPT, DETACH, GETREGSET = 0x4206, 0x4207, 17, 0x4204
REGISTER_SETS = (1, 2, 0x202)           # general, floating point, extended
WAIT_ALL = 0x40000000
PATIENCE = 60.0             # hang guard

Secrets = dict[str, bytes]


# ---- what is looked for ---------------------------------------------------

def expand(hash_name: str, version: int, secret: bytes, label: str,
           size: int) -> bytes:
    """HKDF-Expand(BinConcat) of DSP0274, labels without a context."""
    info = size.to_bytes(2, "little") + b"spdm1.%d " % (version & 15) + \
        label.encode()
    done, block, count = b"", b"", 1
    while len(done) < size:
        block = hmac.new(secret, block + info + bytes([count]),
                         hash_name).digest()
        done, count = done + block, count + 1
    return done[:size]


def hash_of(secret: bytes) -> str:
    return {32: "sha256", 48: "sha384", 64: "sha512"}[len(secret)]


def of_direction(name: str, version: int, secret: bytes,
                 updated: bool = False) -> Secrets:
    size = len(secret)
    made = {name: secret}
    # 32 bytes: AES-256 and ChaCha20; AES-128's are not their beginning.
    for what, label, length in (("key", "key", 32), ("IV", "iv", 12)):
        made[f"{name} {what}"] = expand(hash_of(secret), version, secret,
                                        label, length)
    if not updated and name.startswith("data"):
        made |= of_direction(f"{name}, updated", version, expand(
            hash_of(secret), version, secret, "traffic upd", size), True)
    if name.startswith("handshake"):
        made[f"{name} finished key"] = expand(
            hash_of(secret), version, secret, "finished", size)
    return made


def of_session(lines: list[list[str]], version: int) -> Secrets:
    """All that a key log tells of a session, and what comes of it."""
    named = {label: bytes.fromhex(value) for label, _, value in lines}
    made: Secrets = {}
    for label, secret in named.items():
        if label.startswith(("handshake-", "data-")):
            made |= of_direction(label, version, secret)
        elif label != "psk":            # not of the session: of the device
            made[label] = secret
    start = named.get("dhe") or named.get("psk")
    size = len(next(v for k, v in named.items() if k.startswith("hand")))
    name = {32: "sha256", 48: "sha384", 64: "sha512"}[size]
    ones = "psk" in named and version >= 0x13
    assert start is not None
    handshake = hmac.new((b"\xff" if ones else b"\0") * size, start,
                         name).digest()
    salt = expand(name, version, handshake, "derived", size)
    made["handshake secret"] = handshake
    made["salt of the master secret"] = salt
    made["master secret"] = hmac.new(salt, bytes(size), name).digest()
    return made


def read_key_log(path: Path, version: int) -> dict[str, Secrets]:
    """By session, in their order; of each, name and bytes of its secrets."""
    sessions: dict[str, list[list[str]]] = {}
    for line in path.read_text().splitlines():
        words = line.split()
        if words and words[0] != "#":
            sessions.setdefault(words[1], []).append(words)
    return {name: of_session(lines, version)
            for name, lines in sessions.items()}


# ---- where it is looked for -----------------------------------------------

def mappings(pid: int) -> Iterator[tuple[int, int]]:
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        found = re.match(r"([0-9a-f]+)-([0-9a-f]+) r\S+ (.*)", line)
        if found and not found[3].endswith(("[vvar]", "[vsyscall]")):
            yield int(found[1], 16), int(found[2], 16)


def pieces(pid: int) -> Iterator[bytes]:
    """Memory, run by run of pages that exist."""
    with open(f"/proc/{pid}/pagemap", "rb") as pagemap, \
            open(f"/proc/{pid}/mem", "rb", buffering=0) as mem:
        for start, end in mappings(pid):
            pagemap.seek(start // PAGE * WORD)
            flags = array("Q", pagemap.read((end - start) // PAGE * WORD))
            here = [bool(f & (PRESENT | SWAPPED)) for f in flags] + [False]
            at = 0
            while True in here[at:]:
                at = here.index(True, at)
                stop = here.index(False, at)
                with contextlib.suppress(OSError):   # of a device's memory
                    mem.seek(start + at * PAGE)
                    yield mem.read((stop - at) * PAGE)
                at = stop


class Buffer(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]


def ptrace(request: int, tid: int, address: int = 0, data: int = 0) -> int:
    call = ctypes.CDLL(None, use_errno=True).ptrace
    call.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p,
                     ctypes.c_void_p]
    call.restype = ctypes.c_long
    return int(call(request, tid, address, data))


def registers(tid: int) -> bytes:
    """Of a thread that stands still."""
    got = b""
    for kind in REGISTER_SETS:
        room = ctypes.create_string_buffer(16384)
        buffer = Buffer(ctypes.addressof(room), len(room))
        if ptrace(GETREGSET, tid, kind, ctypes.addressof(buffer)) == 0:
            got += room.raw[:buffer.size // WORD * WORD]
    return got


@contextlib.contextmanager
def standing_still(pid: int) -> Iterator[list[int]]:
    """Stops all threads; gives those that can be looked into."""
    stopped = []
    for name in os.listdir(f"/proc/{pid}/task"):
        tid = int(name)
        if ptrace(SEIZE, tid) == 0 and ptrace(INTERRUPT, tid) == 0:
            os.waitpid(tid, WAIT_ALL)
            stopped.append(tid)
    try:
        yield stopped
    finally:
        for tid in stopped:
            ptrace(DETACH, tid)


def dump(pid: int) -> Iterator[bytes]:
    with standing_still(pid) as threads:
        yield from pieces(pid)
        for tid in threads:
            yield registers(tid)


# ---- the search -----------------------------------------------------------

def windows(secret: bytes) -> Iterator[int]:
    """
    Each eight bytes of it: wherever fifteen of its bytes lie in a row, one of
    these is at an address that can be divided by eight.  So the tail of a
    block that was freed, its beginning overwritten, is found too.  IVs have
    twelve: one that lies across is found in two of three places.
    """
    for at in range(len(secret) - WORD + 1):
        yield int.from_bytes(secret[at:at + WORD], "little")


def find(pid: int, secrets: Secrets) -> list[str]:
    """Which of them are in the process, as bytes or written in hex."""
    names: dict[int, str] = {}
    for name, secret in secrets.items():
        for form, text in ((name, secret),
                           (f"{name} in hex", secret.hex().encode())):
            names |= dict.fromkeys(windows(text), form)
    wanted = names.keys()
    found: set[str] = set()
    for piece in dump(pid):
        words = array("Q", piece[:len(piece) // WORD * WORD])
        found |= {names[w] for w in wanted & set(words)}
    return sorted(found)


def wait_for(what: Callable[[], bool], sentence: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        if time.monotonic() > deadline:
            raise AssertionError(f"in vain: {sentence}")
        time.sleep(0.02)
