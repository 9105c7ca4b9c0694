/*
 * spdm-requester: what its parts share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TOOLS_REQUESTER_TOOL_H
#define TOOLS_REQUESTER_TOOL_H

#include <stdio.h>

#include "common/trace-files.h"
#include "requester/ladder.h"
#include "requester/tool-io.h"

/** Exit codes; docs/requester.rst. */
typedef enum ToolExit {
    TOOL_OK = 0,
    TOOL_USAGE = 2,              /* options, files, calls out of order */
    TOOL_TRANSPORT = 3,          /* no device, no answer */
    TOOL_PROTOCOL = 4,           /* ERROR, or an answer against DSP0274 */
    TOOL_VERIFY = 5,             /* identity, signature, MAC, policy */
    TOOL_UNEXPECTED = 6,         /* what had to fail did not */
} ToolExit;

/** Domain of our own errors: the code is a ToolExit. */
#define TOOL_ERROR (tool_error_quark())
GQuark tool_error_quark(void);

/** Sets @errp; always false. */
bool tool_fail(GError **errp, ToolExit code, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/** The exit code that an error stands for. */
ToolExit tool_exit_code(const GError *err);

/** Options as given; see options.c for what they mean. */
typedef struct Options {
    char *device;
    int doe;
    char *connect;
    char *transport;
    gboolean shutdown;
    double timeout;

    char *version;
    char *secured;
    char *hash;
    char *asym;
    char *req_asym;
    char *dhe;
    char *kem;
    char *aead;
    char *flags;
    gboolean no_encrypt;
    gboolean no_multi_key;
    gboolean clear;
    int transfer_size;
    int message_size;
    char *seed;

    char *trust;
    char *cma_name;
    gboolean any_name;
    gboolean any_time;
    char *require;

    int slot;
    int portion;
    char *summary;
    char *chain;
    char *save_chain;
    char *public_key;
    char **identity;
    char *save_roots;

    gboolean sigma;
    gboolean psk;
    char *psk_hint;
    char *psk_secret;
    char *psk_opaque;
    char *save_state, *load_state;
    char *provisioned;
    gboolean supported;
    char *opaque;
    int aead_limit;
    char *psk_derive;
    int heartbeat;
    char *key_update;
    char *vendor_echo;
    gboolean measurements;
    gboolean encapsulated;
    double hold;
    int ide_port;                /* ide-km, tdisp */
    int ide_stream;
    gboolean no_ide;
    char *function;
    char *subscribe;
    double seconds;
    gboolean no_end;
    gboolean end;
    char *by;

    char *out;                   /* csr, set-certificate */
    char *info;
    gboolean erase;
    gboolean trusted_environment;
    gboolean overwrite;
    int bank;
    int key_pair;
    int model;
    int tag;

#ifdef SPDM_WEAKEN
    char *weaken;                /* spdm-requester-weak */
#endif
    TraceFiles trace;
    gboolean json;
    char *json_file;
    gboolean quiet;
    char **words;                /* the command and its arguments */
} Options;

/** Parses; false with @errp on a bad option. */
bool options_parse(Options *o, int *argc, char ***argv, GError **errp);
void options_clear(Options *o);

/** A file's content, wiped when done with. */
typedef struct OwnFile {
    char *text;
    gsize len;
} OwnFile;

/** Our own keys and chains, by --identity. */
typedef struct OwnIdentity {
    GArray *list;                /* SpdmRequesterIdentity */
    GPtrArray *files;            /* OwnFile, that the list views */
} OwnIdentity;

void own_identity_init(OwnIdentity *own);
void own_identity_clear(OwnIdentity *own);

/** Reads what each of @texts (NULL: none) names. */
bool own_identity_load(OwnIdentity *own, char **texts, GError **errp);

/** Writes the roots that a device has to trust; @path NULL: does nothing. */
bool own_identity_save_roots(const SpdmRequester *rq, const char *path,
                             GError **errp);

/** Offer and policy by the options; strings stay those of @o. */
bool options_to_config(const Options *o, const OwnIdentity *own,
                       SpdmRequesterConfig *config, GError **errp);

/** "text:..." or "hex:..." (plain text without either); NULL on error. */
GBytes *options_bytes(const char *text, GError **errp);

/** "none", "tcb" or "all". */
bool options_summary(const char *text, uint8_t *summary, GError **errp);

typedef struct Tool {
    Options opt;
    SpdmRequesterConfig cfg;
    int64_t timeout_us;          /* instead of what is asked for; 0: that */
    ToolIo *io;
    SpdmRequester *rq;
    SpdmTrace *trace;            /* NULL: nothing is recorded */
    Ladder ladder;
    FILE *people;                /* NULL: nothing */
    GBytes *opaque;              /* of cfg */
    char *trust_pem;
    char *cma_name;
    OwnIdentity own;

    Json certificates;           /* array elements, for the report */
    Json measurements;
    Json key_pairs;
    Json banks;
    Json sessions;
    Json doe;
    Json events;
    unsigned answered;           /* encapsulated requests, by polling */
    bool attested;
    int64_t connect_us;
    int64_t open_us;             /* the latest session's handshake */
} Tool;

/** A line for people. */
void tool_say(Tool *t, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Building blocks (steps.c). */

bool tool_connect(Tool *t, GError **errp);
bool tool_discover_doe(Tool *t, GError **errp);

/** The chain of --slot: asked for, or taken from --chain. */
bool tool_identify(Tool *t, GError **errp);

bool tool_measure(Tool *t, uint32_t session,
                  const SpdmMeasurementQuery *query, GError **errp);

/** Measures everything, signed if the responder can. */
bool tool_measure_all(Tool *t, uint32_t session, GError **errp);

/** Whether --psk, or the device has nothing else. */
bool tool_wants_psk(const Tool *t);

/** KEY_EXCHANGE or PSK_EXCHANGE alone. */
bool tool_exchange_keys(Tool *t, bool psk, uint32_t *session, GError **errp);

/** FINISH or PSK_FINISH, unless the session is established already. */
bool tool_finish(Tool *t, bool psk, uint32_t session, GError **errp);

/** Both, for the report too. */
bool tool_open(Tool *t, bool psk, uint32_t *session, GError **errp);

/** Sends @text to a vendor echo service; the answer has to be the same. */
bool tool_echo(Tool *t, uint32_t session, const char *text, GError **errp);

/** Answers what the device has to ask, in @session or (0) outside. */
bool tool_encapsulated(Tool *t, uint32_t session, GError **errp);

/** SpdmRequesterConfig.event */
void tool_on_event(void *opaque, const SpdmRequesterEvent *e);

/** One line of the report about a session that ended (or not). */
void tool_report_session(Tool *t, uint32_t session, const char *outcome);

/** Whether the responder declares all flags of this mask-by-name. */
bool tool_peer_has(const Tool *t, const char *flag);

/** A value for people: text in quotes, else hexadecimal; g_free(). */
char *tool_show_value(GBytes *value);

/* cmd-provision.c */

/**
 * Connects, and opens a session if @protect or an option asks for one, with
 * the chain of slot 0: --chain and --slot mean what is to be changed.
 */
bool tool_begin_with_slot_0(Tool *t, bool protect, uint32_t *session,
                            GError **errp);

/** Ends it again. */
bool tool_end(Tool *t, uint32_t session, GError **errp);

/** The chain structure made of --chain. */
GBytes *tool_new_chain(Tool *t, GError **errp);

/** Says so; true. */
bool tool_say_reset(Tool *t, const SpdmProvisionResult *result);

/** Says whose it is; to --out if there is one. */
bool tool_write_csr(Tool *t, const GByteArray *csr, GError **errp);

/* key-pairs.c */

/** Arguments of set-key-pair as given; NULL: not there. */
typedef struct ToolKeyPairWords {
    const char *id;
    const char *op;              /* change, erase, generate */
    const char *usage;
    const char *asym;
    const char *slots;
} ToolKeyPairWords;

/** Each key pair of the device. */
bool tool_key_pairs(Tool *t, uint32_t session, GError **errp);
bool tool_set_key_pair(Tool *t, uint32_t session, const ToolKeyPairWords *w,
                       GError **errp);

/* about.c */

/** The measurement extension log, and whether measurements agree with it. */
bool tool_read_log(Tool *t, uint32_t session, unsigned portion,
                   GError **errp);
bool tool_endpoint_info(Tool *t, uint32_t session, bool sign, GError **errp);

/** Subscribes to @types ("all", "none", "2+4") and listens for so long. */
bool tool_events(Tool *t, uint32_t session, const char *types, double seconds,
                 GError **errp);

bool cmd_mel(Tool *t, char **words, GError **errp);
bool cmd_endpoint_info(Tool *t, char **words, GError **errp);
bool cmd_events(Tool *t, char **words, GError **errp);

/* cmd-pcie.c */

/**
 * QUERY, and for the six keys of key set 0 of @stream KEY_PROG and K_SET_GO, or
 * (@stop) K_SET_STOP, on @port.
 */
bool tool_ide_keys(Tool *t, uint32_t session, uint8_t port, uint8_t stream,
                   bool stop, GError **errp);

/**
 * From GET_TDISP_VERSION to START_INTERFACE_REQUEST, or (@stop)
 * STOP_INTERFACE_REQUEST. @function: FunctionID as text; NULL: that of
 * --device.
 */
bool tool_tdisp(Tool *t, uint32_t session, const char *function,
                uint8_t stream, bool stop, GError **errp);

/** PLDM GetTID, over MCTP. */
bool tool_pldm(Tool *t, uint32_t session, GError **errp);

bool cmd_ide_km(Tool *t, char **words, GError **errp);
bool cmd_tdisp(Tool *t, char **words, GError **errp);

#ifdef SPDM_WEAKEN
/* weaken.c */
void weaken_add_options(GOptionContext *context, Options *o);
bool weaken_apply(Tool *t, GError **errp);
#endif

/* Commands: what follows the command's name is in @words. */
bool cmd_discover(Tool *t, char **words, GError **errp);
bool cmd_attest(Tool *t, char **words, GError **errp);
bool cmd_session(Tool *t, char **words, GError **errp);
bool cmd_abort(Tool *t, char **words, GError **errp);
bool cmd_run(Tool *t, char **words, GError **errp);
bool cmd_slots(Tool *t, char **words, GError **errp);
bool cmd_csr(Tool *t, char **words, GError **errp);
bool cmd_set_certificate(Tool *t, char **words, GError **errp);

/** The --json report. */
void report_write(Tool *t, const char *command, const GError *err,
                  FILE *out);

#endif
