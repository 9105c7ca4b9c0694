/*
 * What makes a PCI device an SPDM device.
 *
 * The parent device stays as it is: its realize runs first, then a DOE
 * capability is put into free config space and the instance's config
 * accessors are wrapped.  (e1000e sets its accessors on the instance in
 * realize: what a class overrides is lost there.)
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/range.h"
#include "qapi/error.h"
#include "hw/pci/msix.h"
#include "hw/pci/pci_bus.h"
#include "spdm-core.h"
#include "spdm-held.h"

static SpdmKind *kinds[4];
static unsigned kind_count;

static const SpdmKind *kind_of(Object *obj)
{
    ObjectClass *klass = object_get_class(obj);

    for (unsigned i = 0; i < kind_count; i++) {
        if (kinds[i]->klass == klass) {
            return kinds[i];
        }
    }
    g_assert_not_reached();
}

SpdmCore *spdm_core_of(Object *obj)
{
    return (SpdmCore *)((char *)obj + kind_of(obj)->core_offset);
}

/* --- the capability ------------------------------------------------------- */

/*
 * pcie_add_capability() marks what it takes: read-only, and checked on load.
 * So free space is found without knowing the size of every capability.
 */
static bool is_free(PCIDevice *dev, uint16_t at)
{
    for (unsigned i = at; i < at + DOE_CAP_SIZE; i++) {
        if (dev->config[i] || dev->cmask[i] || dev->wmask[i] != 0xff) {
            return false;
        }
    }
    return true;
}

static uint16_t last_ext_cap(PCIDevice *dev)
{
    uint16_t at = PCI_CONFIG_SPACE_SIZE;
    uint32_t header = pci_get_long(dev->config + at);

    if (header == 0 || header == UINT32_MAX) {
        return 0;
    }
    while (PCI_EXT_CAP_NEXT(header) > at) {
        at = PCI_EXT_CAP_NEXT(header);
        header = pci_get_long(dev->config + at);
    }
    return at;
}

static bool add_doe_capability(SpdmCore *core, Error **errp)
{
    PCIDevice *dev = core->dev;
    unsigned at = last_ext_cap(dev);

    if (at == 0) {
        at = PCI_CONFIG_SPACE_SIZE;     /* the list starts here or nowhere */
    } else {
        at += 4;
        while (at + DOE_CAP_SIZE <= PCIE_CONFIG_SPACE_SIZE &&
               !is_free(dev, at)) {
            at += 4;
        }
    }
    if (at + DOE_CAP_SIZE > PCIE_CONFIG_SPACE_SIZE) {
        error_setg(errp, "%s: no room for a DOE capability in the config "
                   "space of %s", core->name, core->kind->parent);
        return false;
    }
    pcie_add_capability(dev, DOE_CAP_ID, core->doe_version, at, DOE_CAP_SIZE);
    core->doe = at;
    return true;
}

/* --- config space --------------------------------------------------------- */

static bool is_doe(const SpdmCore *core, uint32_t addr, int len)
{
    return ranges_overlap(addr, len, core->doe + DOE_REG_CAPABILITIES,
                          DOE_CAP_SIZE - DOE_REG_CAPABILITIES);
}

static uint32_t core_config_read(PCIDevice *dev, uint32_t addr, int len)
{
    SpdmCore *core = spdm_core_of(OBJECT(dev));
    int64_t begin = spdm_held_begin();
    uint32_t value = core->parent_read(dev, addr, len);

    if (core->gone) {
        return len < 4 ? (1u << 8 * len) - 1 : UINT32_MAX;
    }
    if (is_doe(core, addr, len)) {
        /* What the parent reads there is zero. */
        value |= spdm_mailbox_read(core, addr - core->doe, len);
        spdm_held_end(core->name, "read", begin);
    }
    return value;
}

static bool in_d3hot(PCIDevice *dev, uint8_t pm)
{
    return pm && (pci_get_word(dev->config + pm + PCI_PM_CTRL) &
                  PCI_PM_CTRL_STATE_MASK) == 3;
}

static bool keeps_state_in_d3hot(PCIDevice *dev, uint8_t pm)
{
    return pci_get_word(dev->config + pm + PCI_PM_CTRL) &
           PCI_PM_CTRL_NO_SOFT_RESET;
}

static void core_config_write(PCIDevice *dev, uint32_t addr, uint32_t value,
                              int len)
{
    SpdmCore *core = spdm_core_of(OBJECT(dev));
    uint8_t pm = pci_find_capability(dev, PCI_CAP_ID_PM);
    bool was_in_d3hot = in_d3hot(dev, pm);
    int64_t begin = spdm_held_begin();

    if (core->gone) {
        return;
    }
    core->parent_write(dev, addr, value, len);
    if (was_in_d3hot && !in_d3hot(dev, pm) && !keeps_state_in_d3hot(dev, pm)) {
        spdm_mailbox_reset(core);
    }
    if (is_doe(core, addr, len)) {
        spdm_mailbox_write(core, addr - core->doe, value, len);
        spdm_held_end(core->name, "write", begin);
    }
}

static void wrap_config(SpdmCore *core)
{
    core->parent_read = core->dev->config_read;
    core->parent_write = core->dev->config_write;
    core->dev->config_read = core_config_read;
    core->dev->config_write = core_config_write;
}

static void unwrap_config(SpdmCore *core)
{
    if (core->parent_write) {
        core->dev->config_read = core->parent_read;
        core->dev->config_write = core->parent_write;
        core->parent_write = NULL;
    }
}

/* --- life ----------------------------------------------------------------- */

static bool has_extended_config_space(SpdmCore *core, Error **errp)
{
    PCIBus *bus = pci_get_bus(core->dev);

    if (pci_bus_is_express(bus) && pci_bus_allows_extended_config_space(bus)) {
        return true;
    }
    error_setg(errp, "%s: %s needs a PCI Express bus for its DOE capability; "
               "use -machine q35 and put it on pcie.0 or a pcie-root-port",
               core->name, core->kind->type);
    return false;
}

/* The topology's path is the same in every run; an id is nicer to read. */
static char *name_of(DeviceState *qdev)
{
    char *path;

    if (qdev->id) {
        return g_strdup(qdev->id);
    }
    path = qdev_get_dev_path(qdev);
    return path ? path : g_strdup(object_get_typename(OBJECT(qdev)));
}

static bool check_vector(SpdmCore *core, Error **errp)
{
    PCIDevice *dev = core->dev;
    unsigned count = msix_present(dev) ? dev->msix_entries_nr : 1;

    if (core->doe_vector < count) {
        return true;
    }
    error_setg(errp, "%s: spdm-doe-vector=%u, but the device has vectors 0 to "
               "%u", core->name, core->doe_vector, count - 1);
    return false;
}

static void take_vector(SpdmCore *core)
{
    if (msix_present(core->dev)) {
        msix_vector_use(core->dev, core->doe_vector);
        core->vector_in_use = true;
    }
}

static void drop_vector(SpdmCore *core)
{
    if (core->vector_in_use) {
        msix_vector_unuse(core->dev, core->doe_vector);
        core->vector_in_use = false;
    }
}

static void core_stop(SpdmCore *core)
{
    unwrap_config(core);
    spdm_vmstate_unregister(core);
    spdm_mailbox_stop(core);
    drop_vector(core);
    g_clear_pointer(&core->name, g_free);
}

static bool core_start(SpdmCore *core, SpdmProfile *profile, Error **errp)
{
    g_autoptr(SpdmProfile) owned = profile;

    if (!check_vector(core, errp) || !add_doe_capability(core, errp)) {
        return false;
    }
    take_vector(core);
    if (!spdm_mailbox_start(core, g_steal_pointer(&owned), errp) ||
        !spdm_write_identity(core, errp)) {
        return false;
    }
    spdm_engine_prepare(core->engine);
    wrap_config(core);
    spdm_vmstate_register(core);
    trace_spdm_realize(core->name, core->doe);
    return true;
}

static void core_realize(PCIDevice *dev, Error **errp)
{
    ERRP_GUARD();
    SpdmCore *core = spdm_core_of(OBJECT(dev));
    g_autoptr(SpdmProfile) profile = NULL;

    core->kind = kind_of(OBJECT(dev));
    core->dev = dev;
    core->name = name_of(DEVICE(dev));
    if (has_extended_config_space(core, errp)) {
        profile = spdm_load_profile(core, errp);
    }
    if (*errp) {
        core_stop(core);
        return;
    }
    if (core->kind->prepare) {
        core->kind->prepare(dev);
    }
    core->kind->parent_realize(dev, errp);
    if (*errp) {
        core_stop(core);
        return;
    }
    if (!core_start(core, g_steal_pointer(&profile), errp)) {
        core_stop(core);
        if (core->kind->parent_exit) {
            core->kind->parent_exit(dev);
        }
    }
}

static void core_exit(PCIDevice *dev)
{
    SpdmCore *core = spdm_core_of(OBJECT(dev));

    core_stop(core);
    if (core->kind->parent_exit) {
        core->kind->parent_exit(dev);
    }
}

/* System reset, bus reset, hot-plug, and FLR, which resets through here. */
static void core_reset(DeviceState *qdev)
{
    SpdmCore *core = spdm_core_of(OBJECT(qdev));

    if (core->kind->parent_reset) {
        core->kind->parent_reset(qdev);
    }
    spdm_mailbox_reset(core);
}

static void core_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    PCIDeviceClass *pc = PCI_DEVICE_CLASS(klass);
    SpdmKind *kind = data;

    kind->klass = klass;
    kind->parent_realize = pc->realize;
    kind->parent_exit = pc->exit;
    kind->parent_reset = dc->reset;
    pc->realize = core_realize;
    pc->exit = core_exit;
    dc->reset = core_reset;
    dc->desc = kind->desc;
    spdm_add_properties(kind);
    spdm_add_status(klass);
}

void spdm_register_kind(SpdmKind *kind)
{
    size_t parent_size = object_type_get_instance_size(kind->parent);
    TypeInfo info = {
        .name = kind->type,
        .parent = kind->parent,
        .class_init = core_class_init,
        .class_data = kind,
    };

    kind->core_offset = ROUND_UP(parent_size, __BIGGEST_ALIGNMENT__);
    info.instance_size = kind->core_offset + sizeof(SpdmCore);
    assert(kind_count < ARRAY_SIZE(kinds));
    kinds[kind_count++] = kind;
    type_register_static(&info);
}
