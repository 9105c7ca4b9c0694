# SPDX-License-Identifier: GPL-2.0-or-later
"""The DMTF emulators' command lines for a row."""
import shutil
from pathlib import Path

import extras
from pairwise import Row

REQUESTER, RESPONDER = "spdm_requester_emu", "spdm_responder_emu"

TRANSPORT = {"doe": "PCI_DOE", "mctp": "MCTP", "tcp": "TCP", "none": "NONE"}
MUTUAL = {"none": "NO", "basic": "NO", "without-encap": "WO_ENCAP",
          "encap": "W_ENCAP", "digests": "DIGESTS"}
UPDATE = {"none": "REQ", "request": "REQ", "all": "ALL", "response": "RSP"}
DHE = {"SECP256R1": "SECP_256_R1", "SECP384R1": "SECP_384_R1",
       "SECP521R1": "SECP_521_R1", "none": "SECP_384_R1"}
PUBLIC_KEY_SLOT = "0xFF"

# What the emulators know of each other without being told.
PSK_HINT = b"TestPskHint\0"
PSK_SECRET = b"TestPskData\0"

# Folders of the sample keys that come with the emulators.
FOLDER = {"ECDSA-P256": "ecp256", "ECDSA-P384": "ecp384",
          "ECDSA-P521": "ecp521", "EDDSA-25519": "ed25519", "EDDSA-448": "ed448",
          "RSAPSS-2048": "rsa2048", "RSASSA-2048": "rsa2048",
          "RSAPSS-3072": "rsa3072", "RSASSA-3072": "rsa3072",
          "RSAPSS-4096": "rsa4096", "RSASSA-4096": "rsa4096",
          "SM2-P256": "sm2", "ML-DSA-44": "mldsa44", "ML-DSA-65": "mldsa65",
          "ML-DSA-87": "mldsa87"}

# Its names that are not ours with another dash.
NAMES = {"SM3": "SM3_256", "SM4-GCM": "SM4_128_GCM"}


def unbuffered(words: list[str]) -> list[str]:
    """So that what it said last is there when it is killed."""
    return ["stdbuf", "-oL", *words] if shutil.which("stdbuf") else words


def missing(folder: Path) -> list[str]:
    return [name for name in (REQUESTER, RESPONDER)
            if not (folder / name).is_file()]


def copy(folder: Path, to: Path) -> Path:
    """They read keys from, and write certificates to, where they run.

    All roots of a kind of key are put in one file besides.
    """
    shutil.copytree(folder, to)
    for keys in set(FOLDER.values()):
        if not (to / keys).is_dir():
            continue        # older than these keys
        roots = sorted((to / keys).glob("ca*.cert"))
        (to / keys / "roots.pem").write_text(
            "".join(root.read_text() for root in roots))
    return to


def _name(name: str) -> str:
    return NAMES.get(name) or name.replace("-", "_")


def _dhe(name: str) -> str:
    return DHE.get(name) or name.replace("FFDHE", "FFDHE_")


def _asym(whose: str, name: str) -> list[str]:
    new = name.startswith("ML-")
    return [f"--{whose}asym", "NONE" if new else _name(name),
            f"--{whose}pqc_asym", _name(name) if new else "NONE"]


def _exchange(row: Row) -> list[str]:
    if row["kem"] == "none":
        return ["--dhe", _dhe(row["dhe"]), "--kem", "NONE"]
    return ["--dhe", "NONE", "--kem", _name(row["kem"])]


def _aead(name: str) -> str:
    return "AES_256_GCM" if name == "none" else _name(name)


def _session_caps(row: Row) -> list[str]:
    if row["session"] == "none":
        return []
    caps = ["MAC", "HBEAT", "KEY_UPD"]
    if row["protection"] == "encrypt":
        caps.append("ENCRYPT")
    if row["session"] in ("sigma", "clear"):
        caps.append("KEY_EX")
    if row["session"] == "clear":
        caps.append("HANDSHAKE_IN_CLEAR")
    return caps


def has_secondary(row: Row) -> bool:
    """CXL TSP opens a second session, by a PSK that it has set itself."""
    return row["app"] == "yes" and row["transport"] == "doe" and \
        row["session"] in ("sigma", "clear")


def needs_encap(row: Row) -> bool:
    """1.1 has no mutual authentication without."""
    return row["mutual"] in ("encap", "digests", "basic") or \
        row["update"] == "response" or \
        (row["mutual"] != "none" and row["version"] == "1.1")


def _common_caps(row: Row) -> list[str]:
    caps = ["PUB_KEY_ID" if row["identity"] == "public-key" else "CERT",
            "CHAL", *_session_caps(row)]
    if row["mutual"] != "none":
        caps.append("MUT_AUTH")
    if needs_encap(row):
        caps.append("ENCAP")
    if row["chunk"] == "yes":
        caps.append("CHUNK")
    if row["version"] >= "1.4":
        caps.append("LARGE_RESP")
    return caps


def _common(row: Row) -> list[str]:
    words = ["--trans", TRANSPORT[row["transport"]], "--ver", row["version"],
             "--hash", _name(row["hash"]), *_asym("", row["asym"]),
             *_exchange(row), "--aead", _aead(row["aead"]),
             "--basic_mut_auth",
             "BASIC" if row["mutual"] == "basic" else "NO",
             "--mut_auth", MUTUAL[row["mutual"]],
             "--other_param", "OPAQUE_FMT_1,MULTI_KEY_CONN"
             if row["identity"] == "multi-key" else "OPAQUE_FMT_1"]
    if row["req-asym"] == "none":
        return [*words, "--req_pqc_asym", "NONE"]
    return words + _asym("req_", row["req-asym"])


def _connection(row: Row) -> str:
    steps = ["CHAL"]
    if row["identity"] != "public-key":
        steps = ["DIGEST", "CERT", *steps]
    if row["measure"] != "none":
        steps.append("MEAS")
    if row["identity"] == "multi-key":
        steps.append("GET_KEY_PAIR_INFO")
    besides = extras.deed(row)
    if besides and besides.connection:
        steps.append(besides.connection)
    return ",".join(steps)


def _session(row: Row) -> str:
    steps = ["KEY_EX" if row["session"] in ("sigma", "clear") else "PSK",
             "HEARTBEAT"]
    if row["update"] != "none":
        steps.append("KEY_UPDATE")
    if row["measure"] != "none":
        steps.append("MEAS")
    besides = extras.deed(row)
    if besides and besides.session:
        steps.append(besides.session)
    if row["app"] == "yes":
        steps.append("APP")
    return ",".join(steps)


def requester(row: Row, port: int) -> list[str]:
    caps = _common_caps(row)
    if row["session"].startswith("psk") or has_secondary(row):
        caps.append("PSK")
    if row["identity"] == "multi-key" and row["mutual"] != "none":
        caps.append("MULTI_KEY_NEG")
    besides = extras.deed(row)
    if besides:
        caps += [cap for cap in besides.asks if cap not in caps]
    slot = PUBLIC_KEY_SLOT if row["identity"] == "public-key" else row["slot"]
    words = [f"./{REQUESTER}", *_common(row), "--port", str(port),
             "--cap", ",".join(caps), "--exe_mode", "SHUTDOWN",
             "--exe_conn", _connection(row), "--slot_id", slot,
             "--meas_sum", row["summary"].upper().replace("NONE", "NO"),
             "--meas_op", "ONE_BY_ONE" if row["measure"] == "one" else "ALL",
             "--meas_att", "RAW" if row["measure"] == "raw" else "HASH",
             "--key_upd", UPDATE[row["update"]]]
    if row["session"] == "none":
        # There is no word for "no session": none that can be had will do.
        return words + ["--exe_session", "NO_END"]
    return words + ["--exe_session", _session(row)]


def responder(row: Row, port: int) -> list[str]:
    caps = [*_common_caps(row), "MEAS_SIG", "MEAS_FRESH"]
    if row["session"] == "psk":
        caps.append("PSK")
    if row["session"] == "psk-context":
        caps.append("PSK_WITH_CONTEXT")
    if row["identity"] == "multi-key":
        # Without the last its keys of several slots are not shareable, which
        # is no way for them to be (KEY_PAIR_INFO Capabilities).
        caps += ["MULTI_KEY_NEG", "GET_KEY_PAIR_INFO", "SET_KEY_PAIR_INFO"]
    besides = extras.deed(row)
    if besides:
        caps += [cap for cap in besides.caps if cap not in caps]
    words = [f"./{RESPONDER}", *_common(row), "--port", str(port),
             "--cap", ",".join(caps), "--meas_hash", _name(row["hash"])]
    if row["identity"] == "public-key":
        words += ["--slot_id", PUBLIC_KEY_SLOT]
    return words
