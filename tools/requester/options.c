/*
 * Options of spdm-requester.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "requester/tool.h"

#define ENTRY(name, kind, field, text, arg) \
    { name, 0, 0, G_OPTION_ARG_##kind, field, text, arg }

static GOptionGroup *group(const char *name, const char *title,
                           const GOptionEntry *entries)
{
    g_autofree char *help = g_strdup_printf("%s:", title);
    GOptionGroup *g = g_option_group_new(name, help, title, NULL, NULL);

    g_option_group_add_entries(g, entries);
    return g;
}

static void add_offer(GOptionContext *context, Options *o)
{
    const GOptionEntry entries[] = {
        ENTRY("version", STRING, &o->version, "SPDM version or range",
              "1.2|1.0-1.4"),
        ENTRY("secured-version", STRING, &o->secured,
              "secured message version or range", "1.1|1.0-1.3"),
        ENTRY("hash", STRING, &o->hash, "hashes", "SHA-256,..."),
        ENTRY("asym", STRING, &o->asym, "signature algorithms",
              "ECDSA-P384,..."),
        ENTRY("req-asym", STRING, &o->req_asym,
              "signature algorithms of ours (--identity)",
              "ECDSA-P384,..."),
        ENTRY("dhe", STRING, &o->dhe, "key exchange groups",
              "SECP384R1,FFDHE3072,..."),
        ENTRY("kem", STRING, &o->kem, "key encapsulation (1.4)",
              "ML-KEM-768,..."),
        ENTRY("aead", STRING, &o->aead, "record ciphers",
              "AES-256-GCM,..."),
        ENTRY("aead-limit", INT, &o->aead_limit,
              "a key protects 2^this records (secured messages 1.3)",
              "1-64"),
        ENTRY("opaque", STRING, &o->opaque,
              "opaque data of every request that has some",
              "text:..|hex:.."),
        ENTRY("flags", STRING, &o->flags,
              "capabilities, all or changes to the usual ones",
              "A,B|+A,-B"),
        ENTRY("no-encrypt", NONE, &o->no_encrypt,
              "records with a MAC only", NULL),
        ENTRY("no-multi-key", NONE, &o->no_multi_key,
              "one key even of a device that has several "
              "(MULTI_KEY_NEG)", NULL),
        ENTRY("hitc", NONE, &o->clear,
              "offer the handshake in the clear", NULL),
        ENTRY("transfer-size", INT, &o->transfer_size,
              "DataTransferSize, the most in one piece (default 4608)",
              "BYTES"),
        ENTRY("message-size", INT, &o->message_size,
              "MaxSPDMmsgSize, the most in chunks (default 131072)",
              "BYTES"),
        ENTRY("seed", STRING, &o->seed,
              "reproducible randomness (for tests only)", "TEXT"),
        { NULL, 0, 0, 0, NULL, NULL, NULL },
    };

    g_option_context_add_group(context, group("offer", "What is offered",
                                              entries));
}

static void add_policy(GOptionContext *context, Options *o)
{
    const GOptionEntry entries[] = {
        ENTRY("trust", FILENAME, &o->trust,
              "trusted root certificates; without it any root is believed",
              "FILE.pem"),
        ENTRY("cma-name", STRING, &o->cma_name,
              "PCIe CMA name that the leaf must have (with --device: by its "
              "config space)", "Vendor=...:..."),
        ENTRY("any-name", NONE, &o->any_name,
              "do not compare the CMA name", NULL),
        ENTRY("any-time", NONE, &o->any_time,
              "do not look at the certificates' validity", NULL),
        ENTRY("require", STRING, &o->require,
              "capabilities that the responder must have", "A,B"),
        { NULL, 0, 0, 0, NULL, NULL, NULL },
    };

    g_option_context_add_group(context, group("policy", "What is believed",
                                              entries));
}

static void add_identity(GOptionContext *context, Options *o)
{
    const GOptionEntry entries[] = {
        ENTRY("slot", INT, &o->slot, "certificate slot, 0 to 7", "N"),
        ENTRY("portion", INT, &o->portion,
              "bytes that one GET_CERTIFICATE asks for", "BYTES"),
        ENTRY("summary", STRING, &o->summary, "measurement summary hash",
              "none|tcb|all"),
        ENTRY("chain", FILENAME, &o->chain,
              "a chain known from before: nothing is asked for", "FILE"),
        ENTRY("save-chain", FILENAME, &o->save_chain,
              "write the verified chain, for --chain", "FILE"),
        ENTRY("public-key", FILENAME, &o->public_key,
              "the device's raw key, for slot 255 (PUB_KEY_ID)", "FILE"),
        ENTRY("identity", STRING_ARRAY, &o->identity,
              "who we are, for mutual authentication (may be repeated): a "
              "chain and its key in a slot, a raw key, or made here",
              "SLOT:CHAIN:KEY|key:KEY|auto"),
        ENTRY("save-roots", FILENAME, &o->save_roots,
              "write our own roots, for a device to trust", "FILE.pem"),
        { NULL, 0, 0, 0, NULL, NULL, NULL },
    };

    g_option_context_add_group(context, group("identity", "Identity",
                                              entries));
}

static void add_provision(GOptionContext *context, Options *o)
{
    const GOptionEntry entries[] = {
        ENTRY("out", FILENAME, &o->out, "csr: the request, PEM", "FILE"),
        ENTRY("info", FILENAME, &o->info,
              "csr: RequesterInfo, a DER CertificationRequestInfo", "FILE"),
        ENTRY("tag", INT, &o->tag,
              "csr: the CSRTrackingTag of an earlier one", "N"),
        ENTRY("overwrite", NONE, &o->overwrite,
              "csr: give up those that wait for a reset", NULL),
        ENTRY("erase", NONE, &o->erase, "set-certificate: empty the slot",
              NULL),
        ENTRY("trusted-environment", NONE, &o->trusted_environment,
              "set-certificate: slots 1 to 7 without a session, too", NULL),
        ENTRY("bank", INT, &o->bank, "slots: the BankID (1.4)", "N"),
        ENTRY("key-pair", INT, &o->key_pair, "KeyPairID (1.3)", "N"),
        ENTRY("model", INT, &o->model,
              "1 DeviceCert, 2 AliasCert, 3 GenericCert (1.3)", "N"),
        { NULL, 0, 0, 0, NULL, NULL, NULL },
    };

    g_option_context_add_group(context, group("provision",
                                              "Certificates for the device",
                                              entries));
}

static void add_session(GOptionContext *context, Options *o)
{
    const GOptionEntry entries[] = {
        ENTRY("sigma", NONE, &o->sigma, "KEY_EXCHANGE and FINISH", NULL),
        ENTRY("psk", NONE, &o->psk, "PSK_EXCHANGE and PSK_FINISH", NULL),
        ENTRY("psk-hint", STRING, &o->psk_hint, "which key",
              "text:..|hex:.."),
        ENTRY("psk-secret", STRING, &o->psk_secret, "the pre-shared key",
              "text:..|hex:.."),
        ENTRY("psk-opaque", STRING, &o->psk_opaque,
              "opaque data sent along", "text:..|hex:.."),
        ENTRY("provisioned", STRING, &o->provisioned,
              "the responder's capabilities: PSK_EXCHANGE comes right after "
              "GET_VERSION (with one --version, --hash and --aead)", "A,B"),
        ENTRY("supported", NONE, &o->supported,
              "ask CAPABILITIES for the supported algorithms (1.3)", NULL),
        ENTRY("save-state", FILENAME, &o->save_state,
              "write what was negotiated, for --load-state", "FILE"),
        ENTRY("load-state", FILENAME, &o->load_state,
              "go on with that, without GET_VERSION to "
              "NEGOTIATE_ALGORITHMS (CACHE_CAP)", "FILE"),
        ENTRY("psk-derive", STRING, &o->psk_derive,
              "derive the key from this device secret and the opaque data",
              "text:..|hex:.."),
        ENTRY("heartbeat", INT, &o->heartbeat, "send heartbeats", "N"),
        ENTRY("key-update", STRING, &o->key_update, "update keys",
              "update|all"),
        ENTRY("vendor-echo", STRING, &o->vendor_echo,
              "a vendor message that has to come back", "TEXT"),
        ENTRY("ide-port", INT, &o->ide_port, "PortIndex of IDE keys", "N"),
        ENTRY("stream", INT, &o->ide_stream, "IDE stream", "N"),
        ENTRY("no-ide", NONE, &o->no_ide,
              "tdisp of a device without IDE: no keys", NULL),
        ENTRY("function", STRING, &o->function,
              "FunctionID of tdisp (default: that of --device)", "0xN"),
        ENTRY("measurements", NONE, &o->measurements,
              "measure inside the session", NULL),
        ENTRY("encapsulated", NONE, &o->encapsulated,
              "answer what the device has to ask", NULL),
        ENTRY("subscribe", STRING, &o->subscribe,
              "events: DMTF types to hear of (default all)", "all|none|2+4"),
        ENTRY("seconds", DOUBLE, &o->seconds, "events: listen for so long",
              "SECONDS"),
        ENTRY("hold", DOUBLE, &o->hold,
              "keep the session, with heartbeats", "SECONDS"),
        ENTRY("end", NONE, &o->end, "END_SESSION (as without it)", NULL),
        ENTRY("no-end", NONE, &o->no_end, "leave the session open", NULL),
        ENTRY("by", STRING, &o->by,
              "manner of abort: end-session, get-version, bad-finish, "
              "bad-record, heartbeat, doe-abort or all", "MANNER,..."),
        { NULL, 0, 0, 0, NULL, NULL, NULL },
    };

    g_option_context_add_group(context, group("session",
                                              "Sessions and aborts",
                                              entries));
}

static void add_main(GOptionContext *context, Options *o)
{
    const GOptionEntry entries[] = {
        ENTRY("device", STRING, &o->device,
              "a PCI function, through its DOE mailbox", "0000:01:00.0"),
        ENTRY("doe", INT, &o->doe, "which DOE instance of it, from 0", "N"),
        ENTRY("connect", STRING, &o->connect,
              "a responder on the emulator socket, or behind SPDM over TCP",
              "HOST:PORT|unix:PATH|tcp:HOST:PORT"),
        ENTRY("transport", STRING, &o->transport,
              "framing on that socket (default doe)",
              "doe|mctp|tcp|storage|none"),
        ENTRY("shutdown", NONE, &o->shutdown,
              "tell the responder on the socket to stop, at the end", NULL),
        ENTRY("timeout", DOUBLE, &o->timeout,
              "for one answer (default 1)", "SECONDS"),
        ENTRY("json", NONE, &o->json,
              "one JSON object on stdout, and nothing else", NULL),
        ENTRY("json-file", FILENAME, &o->json_file,
              "that object to a file, the ladder to stdout", "FILE"),
        ENTRY("quiet", NONE, &o->quiet, "no ladder", NULL),
        ENTRY("events", FILENAME, &o->trace.events_name,
              "what we see of it, a line of JSON each", "FILE"),
        ENTRY("pcap", FILENAME, &o->trace.pcap_name,
              "a packet capture (PCI DOE, MCTP)", "FILE"),
        ENTRY("keylog", FILENAME, &o->trace.keylog_name,
              "the secrets to read that with", "FILE"),
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->words,
          NULL, NULL },
        { NULL, 0, 0, 0, NULL, NULL, NULL },
    };

    g_option_context_add_main_entries(context, entries, NULL);
}

static const char description[] =
    "Commands:\n"
    "  discover              what the device is and offers\n"
    "  attest                chain, challenge, measurements\n"
    "  session               open a session, use it, end it\n"
    "  abort                 open sessions and kill them (--by)\n"
    "  mel                   the measurement extension log\n"
    "  endpoint-info         device class identifiers\n"
    "  events                subscribe and listen (--flags +ENCAP)\n"
    "  ide-km                keys for an IDE stream, and its end\n"
    "  tdisp                 the same, and an interface locked and started\n"
    "  run REQUEST...        any requests, in that order\n"
    "  csr                   a certification request of the device (--out)\n"
    "  set-certificate       a chain into a slot (--slot, --chain, --erase)\n"
    "  slots [list|chain|csr|set|erase|config ALGORITHM]\n"
    "                        banks of slots (1.4; --bank, --slot)\n"
    "\n"
    "Requests: version capabilities algorithms connect discover digests\n"
    "  certificate[:slot=,portion=] challenge[:slot=,summary=]\n"
    "  measurements[:index=N|count|all,sign,raw,fresh,slot=]\n"
    "  key-exchange[:slot=,summary=,policy=] finish psk-exchange\n"
    "  mel[:portion=] endpoint-info[:sign] events[:types=,ms=]\n"
    "  key-pairs set-key-pair:id=,op=change|erase|generate[,usage=,asym=,\n"
    "  slots=]\n"
    "  psk-finish heartbeat key-update[:all|update] encapsulated[:oob]\n"
    "  vendor[:text=,standard=,id=] end-session[:clear] forget doe-abort\n"
    "  ide-km[:port=,stream=,stop] tdisp[:function=,stream=,stop] pldm\n"
    "  sleep:ms= timeout:ms= wait:file= raw:HEX[,session=]\n"
    "  A request acts in the latest session, outside with session=0, in the\n"
    "  N'th opened with session=N. \"!REQUEST\" has to fail.\n"
    "\n"
    "Exit status: 0 done; 2 usage; 3 no device or no answer; 4 ERROR or an\n"
    "answer against the standard; 5 identity, signature, MAC or policy did\n"
    "not hold; 6 what had to fail did not.\n";

bool options_parse(Options *o, int *argc, char ***argv, GError **errp)
{
    GOptionContext *context = g_option_context_new("COMMAND");
    bool ok;

    *o = (Options){ .timeout = 1, .transfer_size = 0 };
    g_option_context_set_summary(context,
                                 "Talks SPDM to a device and judges its "
                                 "answers.");
    g_option_context_set_description(context, description);
    add_main(context, o);
    add_offer(context, o);
    add_policy(context, o);
    add_identity(context, o);
    add_session(context, o);
    add_provision(context, o);
#ifdef SPDM_WEAKEN
    weaken_add_options(context, o);
#endif
    ok = g_option_context_parse(context, argc, argv, errp);
    g_option_context_free(context);
    return ok;
}

void options_clear(Options *o)
{
    char **strings[] = {
        &o->device, &o->connect, &o->transport, &o->version, &o->secured,
        &o->hash, &o->asym, &o->dhe, &o->kem, &o->aead, &o->flags, &o->seed,
        &o->trust, &o->cma_name, &o->require, &o->summary, &o->chain,
        &o->save_chain, &o->public_key, &o->req_asym, &o->save_roots,
        &o->psk_hint, &o->psk_secret, &o->psk_opaque, &o->psk_derive,
        &o->subscribe, &o->key_update, &o->vendor_echo, &o->by, &o->json_file,
        &o->function,
        &o->save_state, &o->load_state, &o->provisioned, &o->opaque,
        &o->out, &o->info,
#ifdef SPDM_WEAKEN
        &o->weaken,
#endif
    };

    for (size_t i = 0; i < G_N_ELEMENTS(strings); i++) {
        g_clear_pointer(strings[i], g_free);
    }
    g_clear_pointer(&o->words, g_strfreev);
    g_clear_pointer(&o->identity, g_strfreev);
}

static bool offer(SpdmRequesterConfig *c, const char *kind,
                  const char *names, GError **errp)
{
    return !names || spdm_requester_config_offer(c, kind, names, errp);
}

bool options_to_config(const Options *o, const OwnIdentity *own,
                       SpdmRequesterConfig *c, GError **errp)
{
    spdm_requester_config_init(c);
    spdm_requester_config_identify(
        c, (const SpdmRequesterIdentity *)(void *)own->list->data,
        own->list->len);
    c->seed = o->seed;
    c->timeout_us = (int64_t)(o->timeout * G_USEC_PER_SEC);
    c->wall_time = o->any_time ? 0 : g_get_real_time() / G_USEC_PER_SEC;
    c->ask_supported = o->supported;
    if (o->aead_limit) {
        c->aead_limit = (uint8_t)CLAMP(o->aead_limit, 0, UINT8_MAX);
    }
    if (o->transfer_size) {
        c->data_transfer_size = (uint32_t)MAX(o->transfer_size, 0);
    }
    c->max_msg_size = (uint32_t)MAX(o->message_size, 0);
    c->multi_key = !o->no_multi_key;
    return offer(c, "version", o->version, errp) &&
           offer(c, "secured", o->secured, errp) &&
           offer(c, "hash", o->hash, errp) &&
           offer(c, "asym", o->asym, errp) &&
           offer(c, "req-asym", o->req_asym, errp) &&
           offer(c, "dhe", o->dhe, errp) &&
           offer(c, "kem", o->kem, errp) &&
           offer(c, "aead", o->aead, errp) &&
           offer(c, "flags", o->no_encrypt ? "-ENCRYPT" : NULL, errp) &&
           offer(c, "flags", o->clear ? "+HANDSHAKE_IN_THE_CLEAR" : NULL,
                 errp) &&
           offer(c, "flags", o->flags, errp) &&
           (!o->require ||
            spdm_requester_config_require(c, o->require, errp));
}

static GBytes *decode_hex(const char *hex, GError **errp)
{
    g_autoptr(GByteArray) out = g_byte_array_new();

    while (*hex) {
        uint8_t byte;

        if (*hex == ' ' || *hex == ':') {
            hex++;
            continue;
        }
        if (!g_ascii_isxdigit(hex[0]) || !g_ascii_isxdigit(hex[1])) {
            tool_fail(errp, TOOL_USAGE, "\"%s\" is not pairs of hexadecimal "
                      "digits", hex);
            return NULL;
        }
        byte = (uint8_t)(g_ascii_xdigit_value(hex[0]) << 4 |
                         g_ascii_xdigit_value(hex[1]));
        g_byte_array_append(out, &byte, 1);
        hex += 2;
    }
    return g_byte_array_free_to_bytes(g_steal_pointer(&out));
}

GBytes *options_bytes(const char *text, GError **errp)
{
    if (!text) {
        return g_bytes_new(NULL, 0);
    }
    if (g_str_has_prefix(text, "hex:")) {
        return decode_hex(text + strlen("hex:"), errp);
    }
    if (g_str_has_prefix(text, "text:")) {
        text += strlen("text:");
    }
    return g_bytes_new(text, strlen(text));
}

bool options_summary(const char *text, uint8_t *summary, GError **errp)
{
    static const struct {
        const char *name;
        uint8_t value;
    } names[] = { { "none", 0 }, { "tcb", 1 }, { "all", 0xff } };

    *summary = 0;
    for (size_t i = 0; text && i < G_N_ELEMENTS(names); i++) {
        if (strcmp(text, names[i].name) == 0) {
            *summary = names[i].value;
            return true;
        }
    }
    return !text || tool_fail(errp, TOOL_USAGE, "summary is none, tcb or "
                              "all, not \"%s\"", text);
}
