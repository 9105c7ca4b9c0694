/*
 * What a client of spdm-responder sends, in all the protocols that its socket
 * has: a real socket, read by the server's own loop.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "fuzz/fuzz.h"

#include <sys/socket.h>
#include <unistd.h>

#include "server.h"

enum { MAX_INPUT_BYTES = 32 * 1024, MAX_TURNS = 200 };

/* What it answers is read, so that it never waits for us. */
static void turn(int fd)
{
    char buf[4096];
    ssize_t n;

    g_main_context_iteration(NULL, FALSE);
    do {
        n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
    } while (n > 0);
}

static void say(int fd, SpdmBytes bytes)
{
    ssize_t n = send(fd, bytes.data, bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT);

    fuzz_check(n < 0 || (size_t)n == bytes.len, "the socket is full");
}

/* In two pieces, wherever the input wants it cut. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    FuzzInput in = { data, MIN(len, MAX_INPUT_BYTES) };
    Server *s = fuzz_server();
    size_t first = fuzz_int(&in, 2);
    int fds[2];

    if (!in.len || socketpair(AF_UNIX, SOCK_STREAM, 0, fds)) {
        return 0;
    }
    g_ptr_array_add(s->clients, client_new(s, fds[0]));
    say(fds[1], fuzz_take(&in, first % (in.len + 1)));
    turn(fds[1]);
    if (in.len) {
        say(fds[1], fuzz_take(&in, in.len));
    }
    shutdown(fds[1], SHUT_WR);
    for (unsigned i = 0; i < MAX_TURNS && s->clients->len; i++) {
        turn(fds[1]);
    }
    fuzz_check(s->clients->len == 0, "a client that has gone is still served");
    close(fds[1]);
    for (unsigned i = 0; i < CLIENT_TRANSPORTS; i++) {
        g_clear_pointer(&s->parked[i], spdm_responder_free);
    }
    return 0;
}

static void seed(const FuzzSeeds *seeds, const GByteArray *stream)
{
    static const unsigned cuts[] = { 0, 5, 20 };

    for (size_t i = 0; i < G_N_ELEMENTS(cuts); i++) {
        g_autoptr(GByteArray) input = g_byte_array_new();

        fuzz_put_int(input, cuts[i], 2);
        fuzz_put(input, fuzz_view(stream));
        fuzz_seed(seeds, fuzz_view(input));
    }
}

static void put(GByteArray *out, uint32_t command, uint32_t transport,
                SpdmBytes payload)
{
    emu_put(out, command, transport, payload.data, payload.len);
}

#define BYTES(text) SPDM_BYTES(text, sizeof(text) - 1)

/* GET_VERSION and GET_CAPABILITIES in each transport's frame. */
static const struct {
    uint32_t transport;
    const char *bytes[2];
    size_t len[2];
} frames[] = {
#define ROW(transport, one, two) \
    { transport, { one, two }, { sizeof(one) - 1, sizeof(two) - 1 } }
#define CAPABILITIES "\x12\xe1\0\0\0\x14\0\0\xc6\x76\2\0\0\x12\0\0\0\x12\0\0"
    ROW(EMU_NONE, "\x10\x84\0\0", CAPABILITIES),
    ROW(EMU_MCTP, "\5\x10\x84\0\0", "\5" CAPABILITIES),
    ROW(EMU_PCI_DOE, "\1\0\1\0\3\0\0\0\x10\x84\0\0",
        "\1\0\1\0\7\0\0\0" CAPABILITIES),
    ROW(EMU_PCI_DOE, "\1\0\0\0\3\0\0\0\0\2\0\0", "\1\0\0\0\3\0\0\0\1\2\0\0"),
    ROW(EMU_TCP, "\6\0\1\5\x10\x84\0\0", "\x16\0\1\5" CAPABILITIES),
#undef ROW
};

void fuzz_seeds(const FuzzSeeds *seeds)
{
    static const uint32_t commands[] = {
        EMU_TEST, EMU_CONTINUE, EMU_SHUTDOWN, EMU_UNKNOWN,
        EMU_OOB_KEY_UPDATE, EMU_OOB_ENDPOINT_INFO,
    };

    for (size_t i = 0; i < G_N_ELEMENTS(frames); i++) {
        g_autoptr(GByteArray) stream = g_byte_array_new();
        g_autoptr(GByteArray) bare = g_byte_array_new();

        for (unsigned j = 0; j < 2; j++) {
            SpdmBytes frame = SPDM_BYTES(frames[i].bytes[j],
                                         frames[i].len[j]);

            put(stream, EMU_NORMAL, frames[i].transport, frame);
            fuzz_put(bare, frame);
        }
        seed(seeds, stream);
        seed(seeds, bare);           /* DSP0287 is one of them */
    }
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        g_autoptr(GByteArray) stream = g_byte_array_new();

        put(stream, EMU_NORMAL, EMU_NONE, BYTES("\x10\x84\0\0"));
        put(stream, commands[i], EMU_NONE, BYTES("\1\2\3\4"));
        put(stream, commands[i], EMU_NONE, BYTES(""));
        put(stream, EMU_IF_SEND, EMU_NVME,
            BYTES("\xe8\x14\0\4\0\0\0\x10\x84\0\0"));
        put(stream, EMU_IF_RECV, EMU_NVME, BYTES("\xe8\x14\0\x40\0\0\0"));
        seed(seeds, stream);
    }
}
