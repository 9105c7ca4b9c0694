# SPDX-License-Identifier: GPL-2.0-or-later
"""Our tools' command lines and the responder's profile for a row."""
from pathlib import Path

import extras
import peer
from pairwise import Row
from peer import FOLDER, PSK_HINT, PSK_SECRET

NO_SESSION = {"dhe": "SECP384R1", "aead": "AES-256-GCM"}
FORM = {"without-encap": "provisioned", "encap": "encapsulated",
        "digests": "implicit-digests", "basic": "encapsulated"}


def _caps(row: Row) -> list[str]:
    caps = []
    if row["session"] != "none":
        caps += ["MAC", "HBEAT", "KEY_UPD"]
        if row["protection"] == "encrypt":
            caps.append("ENCRYPT")
    if row["session"] in ("sigma", "clear"):
        caps.append("KEY_EX")
    if row["session"] == "clear":
        caps.append("HANDSHAKE_IN_THE_CLEAR")
    if row["mutual"] != "none":
        caps.append("MUT_AUTH")
    if peer.needs_encap(row):
        caps.append("ENCAP")
    if row["chunk"] == "yes":
        caps.append("CHUNK")
    if row["version"] >= "1.4":
        caps.append("LARGE_RESP")
    return caps


def _responder_caps(row: Row) -> list[str]:
    caps = ["PUB_KEY_ID" if row["identity"] == "public-key" else "CERT",
            "CHAL", *_caps(row), "MEAS_SIG", "MEAS_FRESH"]
    if row["session"] == "psk":
        caps.append("PSK")
    if row["session"] == "psk-context" or peer.has_secondary(row):
        caps.append("PSK_WITH_CONTEXT")
    if row["identity"] == "multi-key":
        caps += ["MULTI_KEY_NEG", "GET_KEY_PAIR_INFO"]
    besides = extras.deed(row)
    if besides:
        caps += [cap for cap in besides.caps if cap not in caps]
    return caps


def _mutual(row: Row, folder: Path) -> str:
    keys = folder / FOLDER[row["req-asym"]]
    text = (f"[mutual-auth]\nform={FORM[row['mutual']]}\n"
            f"mode={'none' if row['mutual'] == 'basic' else 'required'}\n"
            f"asym={row['req-asym']}\ntrust={keys / 'roots.pem'}\n")
    if row["mutual"] == "basic":
        text += "basic=true\n"
    if row["mutual"] == "without-encap":
        text += f"cert={keys / 'bundle_requester.certchain.der'}\n"
    return text


def _slots(row: Row, folder: Path) -> str:
    """RSA keys are the peer's sample ones: ours would take their time."""
    if not row["asym"].startswith("RSA"):
        return "[slot 0]\nauto=true\n[slot 1]\nauto=true\n"
    keys = folder / FOLDER[row["asym"]]
    return "".join(
        f"[slot {slot}]\nkey={keys / 'end_responder.key'}\n"
        f"cert={keys / f'bundle_responder.certchain{suffix}.der'}\n"
        for slot, suffix in ((0, ""), (1, "1")))


def profile(row: Row, folder: Path) -> str:
    """@folder has the sample keys of the emulators."""
    def alg(key: str) -> str:
        return NO_SESSION[key] if row[key] == "none" else row[key]

    sizes = "data-transfer-size=1024\nmax-spdm-msg-size=65536\n" \
        if row["chunk"] == "yes" else ""
    text = (f"[device]\nname=interop\n[spdm]\n"
            f"min-version={row['version']}\nmax-version={row['version']}\n"
            f"capabilities={';'.join(_responder_caps(row))}\n{sizes}"
            f"[algorithms]\nhash={row['hash']}\nasym={row['asym']}\n"
            f"measurement-hash={row['hash']}\n"
            f"[measurement 1]\ntype=firmware\nvalue=text:firmware\n"
            f"[measurement 2]\ntype=firmware-version\nvalue=text:1\n"
            f"[measurement 3]\ntype=immutable-rom\nvalue=text:rom\n")
    if row["session"] in ("sigma", "clear"):
        exchange = f"dhe=none\nkem={row['kem']}" if row["kem"] != "none" \
            else f"dhe={alg('dhe')}"
        text = text.replace("[measurement 1]",
                            f"{exchange}\n[measurement 1]")
    if row["session"] != "none":
        text = text.replace("[measurement 1]",
                            f"aead={alg('aead')}\n[measurement 1]")
    if row["identity"] == "public-key":
        # The one that the peer's requester was given.
        key = folder / FOLDER[row["asym"]] / "end_responder.key"
        text += f"[public-key]\nprivate-key={key}\n"
    else:
        text += _slots(row, folder)
    if row["app"] == "yes":
        # The emulators program port 1.
        text += "[pcie]\nide=true\nide-ports=8\ntdisp=true\ncxl=true\n"
    if row["session"].startswith("psk") or peer.has_secondary(row):
        text += (f"[psk dmtf]\nhint=hex:{PSK_HINT.hex()}\n"
                 f"secret=hex:{PSK_SECRET.hex()}\n")
    if row["mutual"] != "none":
        text += _mutual(row, folder)
    besides = extras.deed(row)
    return text + besides.profile if besides else text


def _measure(row: Row) -> list[str]:
    kind = row["measure"]
    if kind == "none":
        return []
    return ["measurements:index=count", {
        "one": "measurements:index=1,sign", "all": "measurements:sign",
        "raw": "measurements:sign,raw"}[kind]]


def _steps(row: Row) -> list[str]:
    slot = "255" if row["identity"] == "public-key" else row["slot"]
    ask = f"slot={slot},summary={row['summary']}"
    steps = ["connect"]
    if row["identity"] != "public-key":
        steps += ["digests", f"certificate:slot={slot}"]
    steps += [f"challenge:{ask}",
              *(f"{s},slot={slot}" if "sign" in s else s
                for s in _measure(row))]
    # At the end, so that all else has been tried before it may fail.
    last = ["key-pairs:session=0"] if row["identity"] == "multi-key" else []
    besides = extras.deed(row)
    more = list(besides.steps) if besides else []
    # Events are of a session.
    steps += [step for step in more if not step.startswith("events")]
    if row["session"] == "none":
        return steps + last
    if row["session"] in ("sigma", "clear"):
        steps += [f"key-exchange:{ask}", "finish"]
    else:
        steps.append("psk-exchange")
        if row["session"] == "psk-context":
            steps.append("psk-finish")
    steps.append("heartbeat")
    if row["update"] in ("request", "all"):
        steps.append("key-update:all" if row["update"] == "all"
                     else "key-update:update")
    if row["update"] == "response":
        steps.append("encapsulated:oob")
    if row["app"] == "yes":
        steps += ["pldm"] if row["transport"] == "mctp" else [
            "ide-km:port=1", "tdisp:function=0xbeef",
            "tdisp:function=0xbeef,stop", "ide-km:port=1,stop"]
    # A PSK session says nothing of the key that signs.
    if row["session"] in ("sigma", "clear"):
        steps += [f"{s},slot={slot}" if "sign" in s else s
                  for s in _measure(row)]
    return [*steps, *more, "end-session", *last]


def requester(tools: Path, row: Row, port: int, folder: Path) -> list[str]:
    caps = _caps(row)
    if row["mutual"] != "none":
        caps += ["CERT", "CHAL"]
        if row["identity"] == "multi-key":
            caps.append("MULTI_KEY_NEG")
    if row["session"].startswith("psk"):
        caps.append("PSK")
    besides = extras.deed(row)
    if besides:
        caps += [cap for cap in besides.asks if cap not in caps]
    words = [str(tools / "spdm-requester"), "--connect", f"127.0.0.1:{port}",
             "--transport", row["transport"], "--timeout", "10",
             "--version", row["version"], "--hash", row["hash"],
             "--asym", row["asym"], *(["--flags", ",".join(caps)] if caps
                                      else []),
             "--shutdown", "--any-name", "--any-time", "--summary",
             row["summary"]]
    for key in ("dhe", "kem", "aead"):
        if row.get(key, "none") != "none":
            words += [f"--{key}", row[key]]
    keys = folder / FOLDER[row["asym"]]
    if row["identity"] == "public-key":
        words += ["--public-key", str(keys / "end_responder.key.pub")]
    else:
        words += ["--trust", str(keys / "roots.pem")]
    if row["session"].startswith("psk"):
        words += ["--psk-hint", f"hex:{PSK_HINT.hex()}", "--psk-secret",
                  f"hex:{PSK_SECRET.hex()}"]
    if row["mutual"] != "none":
        own = folder / FOLDER[row["req-asym"]]
        words += ["--req-asym", row["req-asym"], "--identity",
                  f"0:{own / 'bundle_requester.certchain.der'}:"
                  f"{own / 'end_requester.key'}"]
    if row["chunk"] == "yes":
        words += ["--transfer-size", "1024", "--message-size", "65536"]
    if besides:
        words += [word.format(folder=folder) for word in besides.words]
    if besides and besides.command:
        return [*words, *(word.format(keys=keys)
                          for word in besides.command)]
    return [*words, "run", *_steps(row)]


def responder(tools: Path, row: Row, port: int, work: Path,
              folder: Path) -> list[str]:
    path = work / "profile.ini"
    path.write_text(profile(row, folder))
    return [str(tools / "spdm-responder"), "--port", str(port), "--once",
            "--profile", str(path)]
