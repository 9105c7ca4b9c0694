/*
 * spdm-requester: talks SPDM to a PCI device or a socket, and judges.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

#include "common/output.h"
#include "requester/tool.h"
#include "spdm/file.h"

G_DEFINE_QUARK(tool-error-quark, tool_error)

bool tool_fail(GError **errp, ToolExit code, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(errp, TOOL_ERROR, code, text);
    return false;
}

ToolExit tool_exit_code(const GError *err)
{
    static const ToolExit codes[] = {
        [SPDM_REQUESTER_ERROR_USAGE] = TOOL_USAGE,
        [SPDM_REQUESTER_ERROR_TRANSPORT] = TOOL_TRANSPORT,
        [SPDM_REQUESTER_ERROR_PEER] = TOOL_PROTOCOL,
        [SPDM_REQUESTER_ERROR_PROTOCOL] = TOOL_PROTOCOL,
        [SPDM_REQUESTER_ERROR_VERIFY] = TOOL_VERIFY,
    };

    if (!err) {
        return TOOL_OK;
    }
    if (err->domain == TOOL_ERROR) {
        return (ToolExit)err->code;
    }
    return err->domain == SPDM_REQUESTER_ERROR ? codes[err->code]
                                               : TOOL_USAGE;
}

void tool_say(Tool *t, const char *format, ...)
{
    va_list args;

    if (!t->people) {
        return;
    }
    va_start(args, format);
    vfprintf(t->people, format, args);
    va_end(args);
    fputc('\n', t->people);
    fflush(t->people);
}

static bool transport_by_name(const char *name, SpdmTransportType *type,
                              GError **errp)
{
    static const struct {
        const char *name;
        SpdmTransportType type;
    } names[] = {
        { "doe", SPDM_TRANSPORT_PCI_DOE }, { "mctp", SPDM_TRANSPORT_MCTP },
        { "none", SPDM_TRANSPORT_NONE }, { "tcp", SPDM_TRANSPORT_TCP },
        { "storage", SPDM_TRANSPORT_STORAGE },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (strcmp(name ? name : "doe", names[i].name) == 0) {
            *type = names[i].type;
            return true;
        }
    }
    return tool_fail(errp, TOOL_USAGE, "--transport is doe, mctp, tcp, "
                     "storage or none");
}

/* Whatever goes wrong here is the transport's fault: exit 3. */
static bool open_io(Tool *t, GError **errp)
{
    SpdmTransportType type = SPDM_TRANSPORT_PCI_DOE;
    GError *err = NULL;

    if (!t->opt.device == !t->opt.connect) {
        return tool_fail(errp, TOOL_USAGE, "give --device or --connect");
    }
    if (!transport_by_name(t->opt.transport, &type, errp)) {
        return false;
    }
    t->io = t->opt.device
        ? tool_io_sysfs(t->opt.device, (unsigned)MAX(t->opt.doe, 0),
                        t->cfg.timeout_us, &err)
        : g_str_has_prefix(t->opt.connect, "tcp:")
        ? tool_io_stream(t->opt.connect + strlen("tcp:"), &err)
        : tool_io_socket(t->opt.connect, type, t->cfg.timeout_us,
                         t->opt.shutdown, &err);
    if (!t->io) {
        tool_fail(errp, TOOL_TRANSPORT, "%s", err->message);
        g_error_free(err);
        return false;
    }
    return true;
}

static bool send_receive(void *opaque, const uint8_t *frame, size_t len,
                         GByteArray *reply, int64_t timeout_us, GError **errp)
{
    Tool *t = opaque;

    return t->io->send_receive(t->io, frame, len, reply,
                               t->timeout_us ? t->timeout_us : timeout_us,
                               errp);
}

static bool load_policy(Tool *t, GError **errp)
{
    if (t->opt.trust && !spdm_read_file(t->opt.trust, &t->trust_pem,
                                             NULL, errp)) {
        return false;
    }
    t->cfg.trust_pem = t->trust_pem;
    if (t->opt.opaque) {
        t->cfg.opaque = t->opaque = options_bytes(t->opt.opaque, errp);
    }
    if (t->opt.opaque && !t->opaque) {
        return false;
    }
    if (t->opt.cma_name) {
        t->cfg.cma_name = t->opt.cma_name;
    } else if (!t->opt.any_name) {
        t->cfg.cma_name = t->io->cma_name;
        t->cfg.cma_name_serial = t->io->cma_name_serial;
    }
    return true;
}

static bool open_requester(Tool *t, GError **errp)
{
    if (!own_identity_load(&t->own, t->opt.identity, errp) ||
        !options_to_config(&t->opt, &t->own, &t->cfg, errp) ||
        !open_io(t, errp) ||
        !load_policy(t, errp) ||
        !trace_files_open(&t->opt.trace, "spdm-requester", errp)) {
        return false;
    }
    t->cfg.transport = t->io->transport;
    t->cfg.io.send_receive = send_receive;
    t->cfg.io.opaque = t;
    t->cfg.event = tool_on_event;
    t->cfg.event_opaque = t;
    t->rq = spdm_requester_new(&t->cfg, errp);
    if (!t->rq) {
        return false;
    }
#ifdef SPDM_WEAKEN
    if (!weaken_apply(t, errp)) {
        return false;
    }
#endif
    t->ladder.rq = t->rq;
    spdm_requester_add_tap(t->rq, &t->ladder.tap);
    t->trace = trace_files_trace(&t->opt.trace, t->io->transport, 0);
    if (t->trace) {
        spdm_trace_attach_requester(t->trace, t->rq);
    }
    return own_identity_save_roots(t->rq, t->opt.save_roots, errp);
}

/* Nobody is talked to: a device has to know whom to trust beforehand. */
static bool save_roots(Tool *t, GError **errp)
{
    g_autoptr(SpdmRequester) rq = NULL;

    if (!own_identity_load(&t->own, t->opt.identity, errp) ||
        !options_to_config(&t->opt, &t->own, &t->cfg, errp)) {
        return false;
    }
    t->cfg.io.send_receive = send_receive;
    rq = spdm_requester_new(&t->cfg, errp);
    return rq && own_identity_save_roots(rq, t->opt.save_roots, errp);
}

static bool run_command(Tool *t, const char *command, GError **errp)
{
    static const struct {
        const char *name;
        bool (*run)(Tool *t, char **words, GError **errp);
    } commands[] = {
        { "discover", cmd_discover }, { "attest", cmd_attest },
        { "session", cmd_session }, { "abort", cmd_abort },
        { "run", cmd_run }, { "mel", cmd_mel },
        { "ide-km", cmd_ide_km }, { "tdisp", cmd_tdisp },
        { "endpoint-info", cmd_endpoint_info }, { "events", cmd_events },
        { "slots", cmd_slots },
        { "csr", cmd_csr }, { "set-certificate", cmd_set_certificate },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (strcmp(command, commands[i].name) == 0) {
            return open_requester(t, errp) &&
                   commands[i].run(t, t->opt.words + 1, errp);
        }
    }
    if (!*command && t->opt.save_roots) {
        return save_roots(t, errp);
    }
    return tool_fail(errp, TOOL_USAGE, "\"%s\" is no command; see --help",
                     command);
}

static void tool_init(Tool *t)
{
    t->people = t->opt.json || t->opt.quiet ? NULL : stdout;
    ladder_init(&t->ladder, t->people);
    json_init(&t->certificates);
    json_init(&t->measurements);
    json_init(&t->sessions);
    json_init(&t->doe);
    json_init(&t->key_pairs);
    json_init(&t->banks);
    json_init(&t->events);
    own_identity_init(&t->own);
}

static void tool_clear(Tool *t)
{
    spdm_requester_free(t->rq);
    spdm_trace_free(t->trace);
    trace_files_clear(&t->opt.trace);
    tool_io_free(t->io);
    ladder_clear(&t->ladder);
    json_clear(&t->certificates);
    json_clear(&t->measurements);
    json_clear(&t->sessions);
    json_clear(&t->doe);
    json_clear(&t->key_pairs);
    json_clear(&t->banks);
    json_clear(&t->events);
    own_identity_clear(&t->own);
    g_free(t->trust_pem);
    g_clear_pointer(&t->opaque, g_bytes_unref);
    options_clear(&t->opt);
}

/* O_NONBLOCK: opening a FIFO must not wait for its reader. */
static FILE *open_report(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_CLOEXEC,
                  0666);

    if (fd >= 0 && fcntl(fd, F_SETFL, 0) == 0) {
        return fdopen(fd, "w");
    }
    return NULL;
}

/* A report that is not whole is none, whatever became of the session. */
static bool write_file_report(Tool *t, const char *command, const GError *err)
{
    FILE *out = open_report(t->opt.json_file);
    bool ok = out != NULL;

    if (out) {
        report_write(t, command, err, out);
        ok = !ferror(out);
        ok = fclose(out) == 0 && ok;
    }
    if (!ok) {
        fprintf(stderr, "spdm-requester: %s: %s\n", t->opt.json_file,
                errno == ENXIO ? "a FIFO that nobody reads"
                               : g_strerror(errno));
    }
    return ok;
}

static bool write_reports(Tool *t, const char *command, const GError *err)
{
    if (t->opt.json) {
        report_write(t, command, err, stdout);
    }
    return !t->opt.json_file || write_file_report(t, command, err);
}

int main(int argc, char **argv)
{
    g_autoptr(GError) err = NULL;
    Tool t = { .io = NULL };
    const char *command;
    bool reported;

    signal(SIGPIPE, SIG_IGN);
    if (!options_parse(&t.opt, &argc, &argv, &err)) {
        fprintf(stderr, "spdm-requester: %s\n", err->message);
        options_clear(&t.opt);
        return TOOL_USAGE;
    }
    tool_init(&t);
    command = t.opt.words ? t.opt.words[0] : "";
    run_command(&t, command, &err);
    ladder_flush(&t.ladder);
    reported = write_reports(&t, command, err);
    reported = output_is_whole("spdm-requester") && reported;
    tool_clear(&t);
    if (err) {
        fprintf(stderr, "spdm-requester: %s\n", err->message);
    }
    return err || reported ? tool_exit_code(err) : TOOL_USAGE;
}
