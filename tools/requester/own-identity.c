/*
 * Who we are, from --identity: for devices that authenticate the requester.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "requester/tool.h"
#include "spdm/file.h"

static void wipe(gpointer data)
{
    OwnFile *file = data;

    explicit_bzero(file->text, file->len);
    g_free(file->text);
    g_free(file);
}

void own_identity_init(OwnIdentity *own)
{
    own->list = g_array_new(FALSE, TRUE, sizeof(SpdmRequesterIdentity));
    own->files = g_ptr_array_new_with_free_func(wipe);
}

void own_identity_clear(OwnIdentity *own)
{
    g_clear_pointer(&own->list, g_array_unref);
    g_clear_pointer(&own->files, g_ptr_array_unref);
}

static bool read_file(OwnIdentity *own, const char *path, SpdmBytes *bytes,
                      GError **errp)
{
    OwnFile *file = g_new0(OwnFile, 1);

    if (!spdm_read_file(path, &file->text, &file->len, errp)) {
        g_free(file);
        return false;
    }
    g_ptr_array_add(own->files, file);
    *bytes = SPDM_BYTES(file->text, file->len);
    return true;
}

/* "3:chain.pem:key.pem" */
static bool parse_slot(OwnIdentity *own, const char *text,
                       SpdmRequesterIdentity *id, GError **errp)
{
    g_auto(GStrv) part = g_strsplit(text, ":", 3);

    if (g_strv_length(part) != 3 || strlen(part[0]) != 1 ||
        part[0][0] < '0' || part[0][0] > '7') {
        return tool_fail(errp, TOOL_USAGE, "--identity is auto, "
                         "SLOT:CHAIN:KEY with slots 0 to 7, or key:KEY; "
                         "\"%s\" is none of them", text);
    }
    id->slot = (uint8_t)(part[0][0] - '0');
    return read_file(own, part[1], &id->chain, errp) &&
           read_file(own, part[2], &id->key, errp);
}

bool own_identity_load(OwnIdentity *own, char **texts, GError **errp)
{
    for (char **text = texts; text && *text; text++) {
        SpdmRequesterIdentity id = { .name = *text };
        bool ok = true;

        if (strcmp(*text, "auto") == 0) {
            id.automatic = true;
        } else if (g_str_has_prefix(*text, "key:")) {
            id.slot = SPDM_SLOT_PUBLIC_KEY;
            ok = read_file(own, *text + strlen("key:"), &id.key, errp);
        } else {
            ok = parse_slot(own, *text, &id, errp);
        }
        if (!ok) {
            return false;
        }
        g_array_append_val(own->list, id);
    }
    return true;
}

bool own_identity_save_roots(const SpdmRequester *rq, const char *path,
                             GError **errp)
{
    g_autofree char *pem = path ? spdm_requester_own_roots(rq) : NULL;

    if (!path) {
        return true;
    }
    if (!*pem) {
        return tool_fail(errp, TOOL_USAGE, "--save-roots needs an --identity "
                         "with a chain");
    }
    return spdm_write_file(path, pem, -1, errp);
}
