/*
 * Parts of messages and values for them, as plans write them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fault/plan.h"
#include "fault/frame.h"

#include <string.h>

enum { MOST_BYTES = 1 << 20 };  /* of a value: no message is longer */

/* "[i]" or "[i:j]", at the end of @text, which is cut there. */
static bool parse_index(const FaultReader *r, char *text, FaultTarget *t)
{
    char *open = strchr(text, '[');
    g_auto(GStrv) parts = NULL;
    uint64_t from, to;
    size_t len = strlen(text);

    if (!open) {
        return true;
    }
    if (text[len - 1] != ']') {
        return fault_complain(r, "\"%s\" ends without ]", text);
    }
    text[len - 1] = '\0';
    parts = g_strsplit(open + 1, ":", 2);
    *open = '\0';
    if (!fault_number(r, parts[0] ? parts[0] : "", 0, MOST_BYTES, &from)) {
        return false;
    }
    to = from + 1;
    if (parts[1] && !fault_number(r, parts[1], from + 1, MOST_BYTES, &to)) {
        return false;
    }
    t->indexed = true;
    t->from = from;
    t->to = to;
    return true;
}

static bool parse_nth(const FaultReader *r, char *name, FaultTarget *t)
{
    char *hash = strchr(name, '#');
    uint64_t nth = 1;

    if (hash) {
        *hash = '\0';
        if (!fault_number(r, hash + 1, 1, UINT16_MAX, &nth)) {
            return false;
        }
    }
    t->nth = (unsigned)nth;
    return true;
}

bool fault_parse_target(const FaultReader *r, const char *text,
                        FaultTarget *target)
{
    g_autofree char *copy = g_strdup(text);

    g_strstrip(copy);
    *target = (FaultTarget){ .nth = 1 };
    if (!parse_index(r, copy, target)) {
        return false;
    }
    if (copy[0] == '@') {
        return fault_integer(r, copy + 1, &target->offset);
    }
    if (!parse_nth(r, copy, target)) {
        return false;
    }
    if (!copy[0]) {
        return fault_complain(r, "\"%s\" names neither a field nor an "
                              "@offset", text);
    }
    target->field = g_steal_pointer(&copy);
    return true;
}

/* "zeros", "zeros:20" and such. */
static bool parse_fill(const FaultReader *r, const char *text,
                       FaultValue *value, bool *known)
{
    static const struct {
        const char *word;
        FaultValueKind kind;
        uint8_t fill;
    } words[] = {
        { "zeros", FAULT_VALUE_FILL, 0 },
        { "ones", FAULT_VALUE_FILL, 0xff },
        { "random", FAULT_VALUE_RANDOM, 0 },
        { "previous", FAULT_VALUE_PREVIOUS, 0 },
    };
    g_auto(GStrv) parts = g_strsplit(text, ":", 2);
    uint64_t count = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        if (!parts[0] || strcmp(parts[0], words[i].word)) {
            continue;
        }
        *known = true;
        if (parts[1] && !fault_number(r, parts[1], 1, MOST_BYTES, &count)) {
            return false;
        }
        *value = (FaultValue){ .kind = words[i].kind, .count = count,
                               .fill = words[i].fill };
        return true;
    }
    return true;
}

static bool parse_bytes(const FaultReader *r, const char *text,
                        FaultValue *value, bool *known)
{
    value->kind = FAULT_VALUE_BYTES;
    if (g_str_has_prefix(text, "hex:")) {
        *known = true;
        value->bytes = fault_hex(r, text + 4);
    } else if (g_str_has_prefix(text, "text:")) {
        *known = true;
        value->bytes = g_bytes_new(text + 5, strlen(text + 5));
    } else {
        return true;
    }
    return value->bytes != NULL;
}

bool fault_parse_value(const FaultReader *r, const char *text,
                       FaultValue *value)
{
    g_autofree char *copy = g_strdup(text);
    bool known = false;
    int64_t number;

    g_strstrip(copy);
    *value = (FaultValue){ .count = 0 };
    if (!parse_fill(r, copy, value, &known) ||
        (!known && !parse_bytes(r, copy, value, &known))) {
        return false;
    }
    if (known) {
        return true;
    }
    *value = (FaultValue){ .kind = FAULT_VALUE_NUMBER };
    if (g_str_has_prefix(copy, "be:")) {
        value->kind = FAULT_VALUE_BIG;
        return fault_number(r, copy + 3, 0, UINT64_MAX, &value->number);
    }
    if (!g_ascii_isdigit(copy[0]) && copy[0] != '-') {
        return fault_complain(r, "\"%s\" is no value: a number, be:N, "
                              "hex:..., text:..., zeros, ones, random or "
                              "previous", copy);
    }
    if (copy[0] == '-') {
        if (!fault_integer(r, copy, &number)) {
            return false;
        }
        value->number = (uint64_t)number;
        return true;
    }
    return fault_number(r, copy, 0, UINT64_MAX, &value->number);
}

/* --- whether a field can be there ----------------------------------------- */

typedef struct Search {
    const char *field;
    bool found;
    bool tail;               /* ... appended after compose */
    GPtrArray *names;        /* const char *, for suggestions */
} Search;

static void look(void *opaque, const char *name, size_t offset, size_t len)
{
    Search *s = opaque;

    if (!strcmp(name, s->field)) {
        s->found = true;
        s->tail |= len == SPDM_FIELD_TAIL;
    }
    if (!g_ptr_array_find(s->names, name, NULL)) {
        g_ptr_array_add(s->names, (char *)name);
    }
}

static void look_everywhere(const SpdmFieldSink *sink, unsigned on)
{
    const char *name;

    for (unsigned i = 0; (name = spdm_code_name_at(i)); i++) {
        uint8_t code = (uint8_t)spdm_code_by_name(name);
        bool request = code >= 0x80;

        if (request == (on == FAULT_ON_RX_MSG)) {
            spdm_msg_field_names(code, sink);
        }
    }
}

static const char *name_at(const void *list, unsigned i)
{
    const GPtrArray *names = list;

    return i < names->len ? g_ptr_array_index(names, i) : NULL;
}

static void search(Search *s, const FaultRule *rule)
{
    const SpdmFieldSink sink = { look, s };

    if (rule->on & FAULT_ON_FRAMES) {
        fault_frame_names(rule->message, &sink);
    } else if (rule->message == FAULT_ANY) {
        look_everywhere(&sink, rule->on);
    } else {
        spdm_msg_field_names((uint8_t)rule->message, &sink);
    }
}

static bool no_such_field(const FaultReader *r, const FaultRule *rule,
                          const Search *s)
{
    g_autofree char *what = rule->on & FAULT_ON_FRAMES
        ? g_strdup("field of a frame")
        : g_strdup_printf("field of %s", rule->message == FAULT_ANY
                          ? "any message"
                          : spdm_code_name((uint8_t)rule->message));

    return fault_unknown(r, what, s->field, name_at, s->names);
}

bool fault_check_target(const FaultReader *r, const FaultRule *rule,
                        const FaultTarget *target)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    Search s = { .field = target->field, .names = names };

    if (!target->field) {
        return true;
    }
    search(&s, rule);
    if (!s.found) {
        return no_such_field(r, rule, &s);
    }
    if (s.tail && rule->on == FAULT_ON_COMPOSE) {
        return fault_complain(r, "%s is not made yet at compose; edit it "
                              "with on = tx-msg", target->field);
    }
    return true;
}
