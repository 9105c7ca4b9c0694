/*
 * The report of a run as one JSON object; docs/requester.rst.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "requester/tool.h"

static void write_negotiated(Json *j, const SpdmRequesterInfo *info)
{
    g_autofree char *req = spdm_flags_describe(info->req_flags);
    g_autofree char *rsp = spdm_flags_describe(info->rsp_flags);

    json_begin(j, "negotiated", '{');
    json_string(j, "version", info->version_name);
    json_begin(j, "versions", '[');
    for (unsigned i = 0; i < info->version_count; i++) {
        json_int(j, NULL, info->versions[i]);
    }
    json_end(j, ']');
    json_string(j, "requester_flags", req);
    json_string(j, "responder_flags", rsp);
    json_int(j, "ct_exponent", info->rsp_ct_exponent);
    json_string(j, "hash", info->hash);
    json_string(j, "asym", info->asym);
    json_string(j, "req_asym", info->req_asym);
    json_string(j, "dhe", info->dhe);
    json_string(j, "kem", info->kem);
    json_string(j, "aead", info->aead);
    json_string(j, "measurement_hash", info->measurement_hash);
    json_bool(j, "multi_key", info->multi_key);
    json_end(j, '}');
}

static void write_result(Json *j, const SpdmRequesterInfo *info,
                         const GError *err)
{
    json_string(j, "result", err ? "failed" : "ok");
    json_int(j, "exit", tool_exit_code(err));
    json_string(j, "reason", err ? err->message : NULL);
    json_string(j, "check", err && info->failed_check != SPDM_CHECK_NONE
                ? spdm_check_name(info->failed_check) : NULL);
    json_string(j, "error", err && info->error_code ? info->error_name
                                                    : NULL);
    json_int(j, "error_code", err ? info->error_code : 0);
    json_string(j, "failed_request", err && info->failed_request
                ? spdm_message_name(info->failed_request) : NULL);
}

static void write_list(Json *j, const char *key, const Json *elements)
{
    json_begin(j, key, '[');
    if (elements->text->len) {
        json_raw(j, NULL, elements);
    }
    json_end(j, ']');
}

static void write_body(Tool *t, Json *j, const SpdmRequesterInfo *info)
{
    write_negotiated(j, info);
    json_bool(j, "authenticated", info->authenticated);
    json_bool(j, "challenged", info->challenged);
    json_bool(j, "trusted", t->cfg.trust_pem != NULL);
    json_bool(j, "attested", t->attested);
    write_list(j, "doe", &t->doe);
    write_list(j, "certificates", &t->certificates);
    write_list(j, "measurements", &t->measurements);
    write_list(j, "key_pairs", &t->key_pairs);
    write_list(j, "banks", &t->banks);
    write_list(j, "sessions", &t->sessions);
    write_list(j, "events", &t->events);
    json_int(j, "encapsulated", t->answered);
    write_list(j, "steps", &t->ladder.steps);
    json_begin(j, "timings", '{');
    json_int(j, "connect_us", t->connect_us);
    json_int(j, "open_us", t->open_us);
    json_int(j, "total_us", g_get_monotonic_time() - t->ladder.start_us);
    json_end(j, '}');
}

void report_write(Tool *t, const char *command, const GError *err, FILE *out)
{
    SpdmRequesterInfo info = { .version_name = "" };
    Json j;

    json_init(&j);
    if (t->rq) {
        spdm_requester_info(t->rq, &info);
    }
    json_begin(&j, NULL, '{');
    json_string(&j, "command", command);
    json_string(&j, "device", t->opt.device ? t->opt.device
                                            : t->opt.connect);
    write_result(&j, &info, err);
    write_body(t, &j, &info);
    json_end(&j, '}');
    fprintf(out, "%s\n", j.text->str);
    fflush(out);
    json_clear(&j);
}
