/*
 * Lines of the control socket of spdm-responder.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "fuzz/fuzz.h"

#include "common/json-read.h"
#include "responder/control.h"
#include "server.h"

static void check_answer(const char *answer, size_t len)
{
    fuzz_check(len && answer[len - 1] == '\n' &&
               memchr(answer, '\n', len) == answer + len - 1,
               "an answer is not one line");
    fuzz_check(g_utf8_validate(answer, (gssize)len, NULL),
               "an answer is no text");
    fuzz_check(strstr(answer, "{\"ok\":") == answer,
               "an answer that says nothing");
}

/* Files of the machine are none of the fuzzer's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    FuzzInput in = { data, len };

    if (len && (memchr(data, '/', len) || memchr(data, '\\', len))) {
        return 0;
    }
    while (in.len) {
        const uint8_t *end = memchr(in.data, '\n', in.len);
        SpdmBytes line = fuzz_take(&in, end ? (size_t)(end - in.data)
                                            : in.len);
        g_autoptr(GString) out = g_string_new(NULL);

        control_answer(fuzz_server(), (const char *)line.data, line.len, out);
        check_answer(out->str, out->len);
        fuzz_take(&in, 1);
    }
    return 0;
}

void fuzz_seeds(const FuzzSeeds *seeds)
{
    static const char *const lines[] = {
        "{\"command\":\"commands\"}\n{\"command\":\"info\"}\n",
        "{\"command\":\"set-measurement\",\"value\":\"1:text:new\"}\n",
        "{\"command\":\"set-measurement\",\"value\":\"pending:1:hex:00ff\"}",
        "{\"command\":\"set-certificate\",\"value\":\"1:erase\"}",
        "{\"command\":\"set-certificate\",\"value\":\"1:a.pem:b.pem\"}",
        "{\"command\":\"set-faults\",\"file\":\"no-such.ini\"}",
        "{\"command\":\"set-faults\",\"file\":null}",
        "{\"command\":\"fault-counts\"}",
        "{\"command\":\"abort\",\"client\":1,\"session\":2}",
        "{\"command\":\"abort\",\"client\":\"one\"}",
        "{\"command\":\"reset\"}\n{\"command\":\"quit\",\"now\":true}",
        "{\"command\":12}\n[1,2]\n{\"a\":{\"b\":[1e9]}}\n\"text\"\n{}\n",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        fuzz_seed(seeds, SPDM_BYTES(lines[i], strlen(lines[i])));
    }
}
