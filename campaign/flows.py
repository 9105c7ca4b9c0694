# SPDX-License-Identifier: GPL-2.0-or-later
"""How spdm-requester goes through each flow of docs/campaign.rst."""
from .case import Case

CONNECT = ("connect",)
IDENTIFY = ("connect", "digests", "certificate")
OPEN = (*IDENTIFY, "key-exchange:summary=all", "finish")
END = ("end-session",)
PSK = ("--psk-hint", "campaign", "--psk-secret",
       "text:campaign test key, not secret")

STEPS = {
    "discover": ("discover", "connect"),
    "attest": (*IDENTIFY, "challenge:summary=all",
               "measurements:index=count", "measurements:sign"),
    "session": (*OPEN, "heartbeat", "measurements:sign", *END),
    "psk": (*CONNECT, "psk-exchange", "psk-finish", "heartbeat", *END),
    "mutual": (*IDENTIFY, "key-exchange", "finish", "heartbeat", *END),
    "basic-mutual": (*IDENTIFY, "challenge"),
    "update": (*OPEN, "key-update:update", "heartbeat", *END),
    "update-all": (*OPEN, "key-update:all", "heartbeat", *END),
    "heartbeat": (*OPEN, "heartbeat", "heartbeat", *END),
    "two-sessions": (*OPEN, "key-exchange", "finish", "heartbeat:session=1",
                     "end-session:session=2", "end-session:session=1"),
    "encapsulated": (*OPEN, "encapsulated", *END),
    "mel": (*IDENTIFY, "mel", "measurements:sign"),
    "endpoint-info": (*IDENTIFY, "endpoint-info:sign"),
    "events": (*OPEN, "events:types=all,ms=0", *END),
    "key-pairs": (*CONNECT, "key-pairs"),
    "csr": (),
    "set-certificate": (),
    "slots": ("list",),
    "vendor": (*OPEN, "vendor:text=hello", *END),
    "raw-key": (*CONNECT, "challenge:slot=255", "key-exchange:slot=255",
                "finish", *END),
}
OPTIONS = {
    "psk": PSK,
    "mutual": ("--identity", "auto"),
    "basic-mutual": ("--identity", "auto"),
    "encapsulated": ("--flags", "+ENCAP"),
    "events": ("--flags", "+ENCAP"),
}


def words(case: Case, timeout: float, root: str) -> list[str]:
    """The part of the command line that the case decides."""
    options = ["--quiet", "--timeout", f"{timeout:g}"]
    if root and case.trust == "root":
        options += ["--trust", root]
    options += [*OPTIONS.get(case.flow, ()), *case.options]
    if case.flow in ("csr", "set-certificate"):
        return [*options, case.flow]
    if case.flow == "slots":
        return [*options, case.flow, *(case.steps or STEPS[case.flow])]
    return [*options, "run", *(case.steps or STEPS[case.flow])]
