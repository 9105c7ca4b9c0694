/*
 * The name by which PCIe CMA binds a leaf certificate to a PCI function
 * (PCIe 6.31.3): text inside a subjectAltName otherName.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gnutls/x509-ext.h>
#include <string.h>

#include "crypto/x509-priv.h"

#define OID_SUBJECT_ALT_NAME "2.5.29.17"

char *spdm_pci_id_to_cma(const SpdmPciId *id)
{
    GString *s = g_string_new(NULL);

    g_string_printf(s, "Vendor=%04x:Device=%04x:CC=%06x:REV=%02x",
                    id->vendor, id->device, id->class_code & 0xffffff,
                    id->revision);
    if (id->has_subsystem) {
        g_string_append_printf(s, ":SSVID=%04x:SSID=%04x", id->ss_vendor,
                               id->ss_device);
    }
    if (id->has_serial) {
        g_string_append_printf(s, ":SN=%016" G_GINT64_MODIFIER "x",
                               id->serial);
    }
    return g_string_free(s, FALSE);
}

/* An otherName's value is DER of its own; CMA wants exactly a UTF8String. */
static char *utf8_string(const gnutls_datum_t *value)
{
    SpdmBytes in = SPDM_BYTES(value->data, value->size);
    SpdmBytes text;

    if (!spdm_der_take(&in, DER_UTF8_STRING, NULL, &text) || in.len > 0 ||
        memchr(text.data, 0, text.len) ||
        !g_utf8_validate((const char *)text.data, text.len, NULL)) {
        return NULL;
    }
    return g_strndup((const char *)text.data, text.len);
}

static void add_cma_names(GPtrArray *names, gnutls_subject_alt_names_t sans)
{
    gnutls_datum_t value, oid;
    unsigned int type;

    for (unsigned int i = 0;
         gnutls_subject_alt_names_get(sans, i, &type, &value, &oid) >= 0;
         i++) {
        char *name;

        if (type != GNUTLS_SAN_OTHERNAME ||
            oid.size != strlen(OID_CMA_NAME) ||
            memcmp(oid.data, OID_CMA_NAME, oid.size)) {
            continue;
        }
        name = utf8_string(&value);
        if (name) {
            g_ptr_array_add(names, name);
        }
    }
}

GPtrArray *spdm_x509_cma_names(gnutls_x509_crt_t crt)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    gnutls_datum_t ext = { NULL, 0 };
    gnutls_subject_alt_names_t sans;

    if (gnutls_x509_crt_get_extension_by_oid2(crt, OID_SUBJECT_ALT_NAME, 0,
                                              &ext, NULL) < 0) {
        return names;
    }
    if (gnutls_subject_alt_names_init(&sans) >= 0) {
        if (gnutls_x509_ext_import_subject_alt_names(&ext, sans, 0) >= 0) {
            add_cma_names(names, sans);
        }
        gnutls_subject_alt_names_deinit(sans);
    }
    gnutls_free(ext.data);
    return names;
}

char *spdm_x509_cma_name(GPtrArray *der_certs)
{
    g_auto(gnutls_x509_crt_t) leaf = spdm_x509_import_leaf(der_certs);
    g_autoptr(GPtrArray) names = leaf ? spdm_x509_cma_names(leaf) : NULL;

    return names && names->len > 0 ? g_strdup(g_ptr_array_index(names, 0))
                                   : NULL;
}
