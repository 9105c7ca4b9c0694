/*
 * spdm-responder: a device's responder on the DMTF emulators' socket
 * protocol, without a VM.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>

#include "common/emu-socket.h"
#include "spdm/soft-provider.h"

typedef struct Options {
    int port;
    char *unix_path;
    char *profile;
    char *seed;
    char *identity_out;
    gboolean once;
    gboolean verbose;
} Options;

typedef struct Server {
    Options opt;
    SpdmProfile *profile;
    SpdmSoftProvider *soft;
    SpdmResponder *responder;    /* NULL before the first message */
    SpdmTransportType transport; /* of the responder */
    int listener;
    bool stop;
} Server;

static bool parse(Options *o, int argc, char **argv, GError **errp)
{
    const GOptionEntry entries[] = {
        { "port", 'p', 0, G_OPTION_ARG_INT, &o->port,
          "port on 127.0.0.1 (default 2323); 0 takes a free one", "N" },
        { "unix", 0, 0, G_OPTION_ARG_FILENAME, &o->unix_path,
          "a Unix socket instead", "PATH" },
        { "profile", 0, 0, G_OPTION_ARG_STRING, &o->profile,
          "built-in profile, or the path of one (default ssd)", "NAME" },
        { "seed", 0, 0, G_OPTION_ARG_STRING, &o->seed,
          "reproducible keys, nonces and ids", "TEXT" },
        { "identity-out", 0, 0, G_OPTION_ARG_FILENAME, &o->identity_out,
          "write the root certificates", "FILE.pem" },
        { "once", 0, 0, G_OPTION_ARG_NONE, &o->once,
          "stop when the first client has gone", NULL },
        { "verbose", 'v', 0, G_OPTION_ARG_NONE, &o->verbose,
          "say on stderr what happens", NULL },
        { NULL, 0, 0, 0, NULL, NULL, NULL },
    };
    GOptionContext *context = g_option_context_new(NULL);
    bool ok;

    g_option_context_set_summary(context,
        "Serves SPDM on the socket protocol of the DMTF emulators. The "
        "transport\n(PCI DOE, MCTP, none) is that of each message.");
    g_option_context_add_main_entries(context, entries, NULL);
    ok = g_option_context_parse(context, &argc, &argv, errp);
    g_option_context_free(context);
    if (ok && argc > 1) {
        g_set_error(errp, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                    "\"%s\" is no option", argv[1]);
        return false;
    }
    return ok;
}

/* What a stand-alone device calls itself: qemu-spdm's own endpoint. */
static const SpdmPciName endpoint_name = {
    .vendor = 0x1b36, .device = 0x0010, .class_code = 0x010802,
    .revision = 0x02, .ss_vendor = 0x1af4, .ss_device = 0x1100,
};

static bool load_profile(Server *s, GError **errp)
{
    const char *name = s->opt.profile ? s->opt.profile : "ssd";

    s->profile = strpbrk(name, "/.") ? spdm_profile_load(name, errp)
                                     : spdm_profile_builtin(name, errp);
    return s->profile != NULL;
}

static bool write_identity(Server *s, GError **errp)
{
    g_autofree char *pem = NULL;

    if (!s->opt.identity_out) {
        return true;
    }
    pem = spdm_soft_provider_roots_pem(s->soft, errp);
    return pem && g_file_set_contents(s->opt.identity_out, pem, -1, errp);
}

static bool load_identity(Server *s, GError **errp)
{
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    SpdmSoftConfig config = {
        .profile = s->profile,
        .pci = endpoint_name,
        .seed = s->opt.seed,
        .seed_label = "spdm-responder",
    };

    s->soft = spdm_soft_provider_new(&config, warnings, errp);
    for (guint i = 0; i < warnings->len; i++) {
        fprintf(stderr, "spdm-responder: %s\n",
                (char *)g_ptr_array_index(warnings, i));
    }
    /* An RSA key takes longer than a client waits: none is made later. */
    return s->soft && write_identity(s, errp) &&
           spdm_soft_provider_prepare(s->soft, errp);
}

static bool start_listening(Server *s, GError **errp)
{
    unsigned port = (unsigned)s->opt.port;

    s->listener = s->opt.unix_path
                  ? emu_listen_unix(s->opt.unix_path, errp)
                  : emu_listen_port(&port, errp);
    if (s->listener < 0) {
        return false;
    }
    if (s->opt.unix_path) {
        printf("listening on unix:%s\n", s->opt.unix_path);
    } else {
        printf("listening on 127.0.0.1:%u\n", port);
    }
    fflush(stdout);
    return true;
}

/* A responder has one transport: another one is another connection. */
static bool want_transport(Server *s, uint32_t number, GError **errp)
{
    SpdmProvider provider = spdm_soft_provider(s->soft);
    SpdmTransportType type;

    if (!emu_transport_type(number, &type)) {
        g_set_error(errp, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "transport type %u is not served", number);
        return false;
    }
    if (s->responder && s->transport == type) {
        return true;
    }
    g_clear_pointer(&s->responder, spdm_responder_free);
    s->transport = type;
    s->responder = spdm_responder_new(s->profile, &provider, type, errp);
    return s->responder != NULL;
}

static void say_state(const Server *s)
{
    SpdmResponderInfo info;

    if (!s->opt.verbose) {
        return;
    }
    spdm_responder_info(s->responder, &info);
    fprintf(stderr, "%s, version 0x%02x, %u sessions, %" G_GUINT64_FORMAT
            " requests, %" G_GUINT64_FORMAT " errors, last: %s\n",
            info.state, info.version, info.session_count, info.requests,
            info.errors, *info.last_error ? info.last_error : "none");
}

/* A dropped message has no answer at all: the client's patience ends. */
static bool serve_message(Server *s, int fd, const EmuFrame *f, GError **errp)
{
    g_auto(SpdmReply) reply = { .bytes = NULL };

    if (!want_transport(s, f->transport, errp)) {
        return false;
    }
    spdm_responder_tick(s->responder);
    spdm_responder_process(s->responder, f->payload->data, f->payload->len,
                           &reply);
    say_state(s);
    if (reply.delay_us > 0) {
        g_usleep((gulong)reply.delay_us);
    }
    return reply.verdict == SPDM_VERDICT_DROP ||
           emu_send(fd, EMU_NORMAL, f->transport, reply.bytes->data,
                    reply.bytes->len, errp);
}

/* False: this client is done, with or without an error. */
static bool serve_frame(Server *s, int fd, const EmuFrame *f, GError **errp)
{
    static const char hello[] = "Server Hello!"; /* its NUL is sent too */

    switch (f->command) {
    case EMU_NORMAL:
        return serve_message(s, fd, f, errp);
    case EMU_TEST:
        return emu_send(fd, EMU_TEST, f->transport, (const uint8_t *)hello,
                        sizeof(hello), errp);
    case EMU_SHUTDOWN:
        s->stop = true;
        emu_send(fd, EMU_SHUTDOWN, f->transport, NULL, 0, NULL);
        return false;
    case EMU_CONTINUE:
        emu_send(fd, EMU_CONTINUE, f->transport, NULL, 0, NULL);
        return false;
    default:
        return emu_send(fd, EMU_UNKNOWN, f->transport, NULL, 0, errp);
    }
}

static void serve_client(Server *s, int fd)
{
    EmuFrame f = { .payload = g_byte_array_new() };
    g_autoptr(GError) err = NULL;
    bool eof = false;

    emu_no_delay(fd);
    while (emu_receive(fd, -1, &f, &eof, &err) &&
           serve_frame(s, fd, &f, &err)) {
    }
    if (err && !eof) {
        fprintf(stderr, "spdm-responder: %s\n", err->message);
    }
    g_byte_array_unref(f.payload);
}

static bool serve(Server *s, GError **errp)
{
    do {
        int fd = accept(s->listener, NULL, NULL);

        if (fd < 0) {
            if (errno == EINTR) {
                continue;
            }
            g_set_error(errp, G_FILE_ERROR, g_file_error_from_errno(errno),
                        "accept: %s", g_strerror(errno));
            return false;
        }
        serve_client(s, fd);
        close(fd);
    } while (!s->stop && !s->opt.once);
    return true;
}

static void server_clear(Server *s)
{
    if (s->listener >= 0) {
        close(s->listener);
        if (s->opt.unix_path) {
            unlink(s->opt.unix_path);
        }
    }
    spdm_responder_free(s->responder);
    g_clear_pointer(&s->soft, spdm_soft_provider_free);
    g_clear_pointer(&s->profile, spdm_profile_free);
    g_free(s->opt.unix_path);
    g_free(s->opt.profile);
    g_free(s->opt.seed);
    g_free(s->opt.identity_out);
}

int main(int argc, char **argv)
{
    Server s = { .opt.port = 2323, .listener = -1 };
    g_autoptr(GError) err = NULL;
    int rc = 0;

    signal(SIGPIPE, SIG_IGN);
    if (!parse(&s.opt, argc, argv, &err) || !load_profile(&s, &err) ||
        !load_identity(&s, &err) || !start_listening(&s, &err)) {
        rc = 2;
    } else if (!serve(&s, &err)) {
        rc = 3;
    }
    server_clear(&s);
    if (err) {
        fprintf(stderr, "spdm-responder: %s\n", err->message);
    }
    return rc;
}
