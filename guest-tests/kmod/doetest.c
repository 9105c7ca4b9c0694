// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * doetest - reach a device's DOE mailboxes through the kernel's own DOE core
 *
 *   echo 0000:01:00.0 >/sys/kernel/debug/doetest/attach
 *   cat /sys/kernel/debug/doetest/0000:01:00.0/protocols
 *   exec 3<>/sys/kernel/debug/doetest/0000:01:00.0/exchange
 *   printf '\1\0\1\0\20\204\0\0' >&3     (vendor, type, 0, then the payload)
 *   xxd -p <&3                           (the payload of the answer)
 *   echo 0000:01:00.0 >/sys/kernel/debug/doetest/detach
 *
 * The device keeps whatever driver it has.  Until 6.3 a mailbox is made by
 * pcim_doe_create_mb() and hangs on the device's devres list, which is
 * emptied when a driver unbinds.  So ours are made inside a devres group,
 * released by detach, and a bus notifier gives them back before an unbind.
 * A device without a driver must be detached before one can bind: the
 * driver core refuses to probe a device that holds resources.
 * From 6.4 on the PCI core owns the mailboxes, and we only look them up.
 */
#include <linux/completion.h>
#include <linux/debugfs.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/pci-doe.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
#define OWN_MAILBOXES 1
#endif

enum {
	MAX_MAILBOXES = 8,
	MAX_TYPE = 16,
	MAX_OBJECT = 1 << 16,
	HEADER = 4,
};

struct target {
	struct list_head node;
	struct pci_dev *pdev;
	struct dentry *dir;
	struct mutex lock;	/* the mailboxes against unbinding */
	bool gone;
#ifdef OWN_MAILBOXES
	void *group;
	struct pci_doe_mb *mb[MAX_MAILBOXES];
	int mailboxes;
#endif
};

struct exchange {
	struct target *target;
	u8 *response;
	size_t len, pos;
};

static struct dentry *root;
static LIST_HEAD(targets);
static DEFINE_MUTEX(targets_lock);

#ifdef OWN_MAILBOXES

struct waiter {
	struct pci_doe_task task;
	struct completion done;
};

static int open_mailboxes(struct target *t)
{
	struct device *dev = &t->pdev->dev;
	u16 off = 0;

	t->group = devres_open_group(dev, NULL, GFP_KERNEL);
	if (!t->group)
		return -ENOMEM;
	pci_doe_for_each_off(t->pdev, off) {
		struct pci_doe_mb *mb = pcim_doe_create_mb(t->pdev, off);

		if (IS_ERR(mb)) {
			devres_release_group(dev, t->group);
			return PTR_ERR(mb);
		}
		t->mb[t->mailboxes++] = mb;
		if (t->mailboxes == MAX_MAILBOXES)
			break;
	}
	devres_close_group(dev, t->group);
	if (!t->mailboxes) {
		devres_release_group(dev, t->group);
		return -ENODEV;
	}
	return 0;
}

static void close_mailboxes(struct target *t)
{
	if (!t->gone)
		devres_release_group(&t->pdev->dev, t->group);
	t->gone = true;
}

static struct pci_doe_mb *find_mailbox(struct target *t, u16 vid, u8 type)
{
	int i;

	for (i = 0; i < t->mailboxes; i++) {
		if (pci_doe_supports_prot(t->mb[i], vid, type))
			return t->mb[i];
	}
	return NULL;
}

static void task_done(struct pci_doe_task *task)
{
	complete(task->private);
}

static int talk(struct pci_doe_mb *mb, u16 vid, u8 type, void *req,
		size_t req_len, void *rsp, size_t rsp_size)
{
	struct waiter w = {
		.task = {
			.prot = { .vid = vid, .type = type },
			.request_pl = req,
			.request_pl_sz = req_len,
			.response_pl = rsp,
			.response_pl_sz = rsp_size,
			.complete = task_done,
			.private = &w.done,
		},
	};
	int rc;

	init_completion(&w.done);
	rc = pci_doe_submit_task(mb, &w.task);
	if (rc < 0)
		return rc;
	/* The core ends every task, by its own time-out at the latest. */
	wait_for_completion(&w.done);
	return w.task.rv;
}

#else

static int open_mailboxes(struct target *t)
{
	return pci_find_doe_mailbox(t->pdev, PCI_VENDOR_ID_PCI_SIG, 0) ?
		0 : -ENODEV;
}

static void close_mailboxes(struct target *t)
{
	t->gone = true;
}

static struct pci_doe_mb *find_mailbox(struct target *t, u16 vid, u8 type)
{
	return pci_find_doe_mailbox(t->pdev, vid, type);
}

static int talk(struct pci_doe_mb *mb, u16 vid, u8 type, void *req,
		size_t req_len, void *rsp, size_t rsp_size)
{
	return pci_doe(mb, vid, type, req, req_len, rsp, rsp_size);
}

#endif

static int protocols_show(struct seq_file *m, void *unused)
{
	struct target *t = m->private;
	int type;

	mutex_lock(&t->lock);
	for (type = 0; !t->gone && type < MAX_TYPE; type++) {
		if (find_mailbox(t, PCI_VENDOR_ID_PCI_SIG, type))
			seq_printf(m, "%04x:%02x\n", PCI_VENDOR_ID_PCI_SIG,
				   type);
	}
	mutex_unlock(&t->lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(protocols);

static int exchange_open(struct inode *inode, struct file *file)
{
	struct exchange *x = kzalloc(sizeof(*x), GFP_KERNEL);

	if (!x)
		return -ENOMEM;
	x->target = inode->i_private;
	x->response = kvmalloc(MAX_OBJECT, GFP_KERNEL);
	if (!x->response) {
		kfree(x);
		return -ENOMEM;
	}
	file->private_data = x;
	return nonseekable_open(inode, file);
}

static int exchange_release(struct inode *inode, struct file *file)
{
	struct exchange *x = file->private_data;

	kvfree(x->response);
	kfree(x);
	return 0;
}

static int exchange_once(struct exchange *x, u8 *object, size_t len)
{
	u16 vid = object[0] | object[1] << 8;
	u8 type = object[2];
	struct target *t = x->target;
	struct pci_doe_mb *mb;
	int rc = -ENODEV;

	mutex_lock(&t->lock);
	mb = t->gone ? NULL : find_mailbox(t, vid, type);
	if (mb)
		rc = talk(mb, vid, type, object + HEADER, len - HEADER,
			  x->response, MAX_OBJECT);
	mutex_unlock(&t->lock);
	return rc;
}

static ssize_t exchange_write(struct file *file, const char __user *data,
			      size_t len, loff_t *pos)
{
	struct exchange *x = file->private_data;
	u8 *object;
	int rc;

	if (len < HEADER + 4 || len > MAX_OBJECT || len % 4)
		return -EINVAL;
	object = vmemdup_user(data, len);
	if (IS_ERR(object))
		return PTR_ERR(object);
	x->len = 0;
	x->pos = 0;
	rc = exchange_once(x, object, len);
	kvfree(object);
	if (rc < 0)
		return rc;
	x->len = rc;
	return len;
}

static ssize_t exchange_read(struct file *file, char __user *data,
			     size_t len, loff_t *pos)
{
	struct exchange *x = file->private_data;

	len = min(len, x->len - x->pos);
	if (copy_to_user(data, x->response + x->pos, len))
		return -EFAULT;
	x->pos += len;
	return len;
}

static const struct file_operations exchange_fops = {
	.owner = THIS_MODULE,
	.open = exchange_open,
	.release = exchange_release,
	.read = exchange_read,
	.write = exchange_write,
};

static struct target *find_target(struct pci_dev *pdev)
{
	struct target *t;

	list_for_each_entry(t, &targets, node) {
		if (t->pdev == pdev)
			return t;
	}
	return NULL;
}

/* Caller holds targets_lock. */
static void detach(struct target *t)
{
	/* Waits for whoever is inside one of the files. */
	debugfs_remove(t->dir);
	mutex_lock(&t->lock);
	close_mailboxes(t);
	mutex_unlock(&t->lock);
	list_del(&t->node);
	pci_dev_put(t->pdev);
	kfree(t);
}

/* Caller holds targets_lock and passes its reference on, also in failure. */
static int attach(struct pci_dev *pdev)
{
	struct target *t;
	int rc;

	t = find_target(pdev) ? NULL : kzalloc(sizeof(*t), GFP_KERNEL);
	if (!t) {
		rc = find_target(pdev) ? -EBUSY : -ENOMEM;
		pci_dev_put(pdev);
		return rc;
	}
	t->pdev = pdev;
	mutex_init(&t->lock);
	rc = open_mailboxes(t);
	if (rc) {
		pci_dev_put(pdev);
		kfree(t);
		return rc;
	}
	t->dir = debugfs_create_dir(pci_name(pdev), root);
	debugfs_create_file("protocols", 0400, t->dir, t, &protocols_fops);
	debugfs_create_file("exchange", 0600, t->dir, t, &exchange_fops);
	list_add(&t->node, &targets);
	return 0;
}

static struct pci_dev *named_device(const char __user *data, size_t len)
{
	unsigned int domain, bus, slot, func;
	char name[32];

	if (len >= sizeof(name) || copy_from_user(name, data, len))
		return NULL;
	name[len] = '\0';
	if (sscanf(name, "%x:%x:%x.%x", &domain, &bus, &slot, &func) != 4)
		return NULL;
	return pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(slot, func));
}

static ssize_t attach_write(struct file *file, const char __user *data,
			    size_t len, loff_t *pos)
{
	struct pci_dev *pdev = named_device(data, len);
	int rc;

	if (!pdev)
		return -ENXIO;
	mutex_lock(&targets_lock);
	rc = attach(pdev);
	mutex_unlock(&targets_lock);
	return rc ? rc : len;
}

static ssize_t detach_write(struct file *file, const char __user *data,
			    size_t len, loff_t *pos)
{
	struct pci_dev *pdev = named_device(data, len);
	struct target *t;

	if (!pdev)
		return -ENXIO;
	mutex_lock(&targets_lock);
	t = find_target(pdev);
	if (t)
		detach(t);
	mutex_unlock(&targets_lock);
	pci_dev_put(pdev);
	return t ? len : -ENOENT;
}

static const struct file_operations attach_fops = {
	.owner = THIS_MODULE, .open = simple_open, .write = attach_write,
};

static const struct file_operations detach_fops = {
	.owner = THIS_MODULE, .open = simple_open, .write = detach_write,
};

static int bus_event(struct notifier_block *nb, unsigned long action,
		     void *data)
{
	struct target *t;

	if (action != BUS_NOTIFY_UNBIND_DRIVER &&
	    action != BUS_NOTIFY_DEL_DEVICE)
		return NOTIFY_DONE;
	mutex_lock(&targets_lock);
	t = find_target(to_pci_dev(data));
	if (t) {
		mutex_lock(&t->lock);
		close_mailboxes(t);
		mutex_unlock(&t->lock);
	}
	mutex_unlock(&targets_lock);
	return NOTIFY_OK;
}

static struct notifier_block bus_watch = { .notifier_call = bus_event };

static int __init doetest_init(void)
{
	root = debugfs_create_dir("doetest", NULL);
	if (IS_ERR(root))
		return PTR_ERR(root);
	debugfs_create_file("attach", 0200, root, NULL, &attach_fops);
	debugfs_create_file("detach", 0200, root, NULL, &detach_fops);
	return bus_register_notifier(&pci_bus_type, &bus_watch);
}

static void __exit doetest_exit(void)
{
	struct target *t, *next;

	bus_unregister_notifier(&pci_bus_type, &bus_watch);
	debugfs_remove(debugfs_lookup("attach", root));
	debugfs_remove(debugfs_lookup("detach", root));
	mutex_lock(&targets_lock);
	list_for_each_entry_safe(t, next, &targets, node)
		detach(t);
	mutex_unlock(&targets_lock);
	debugfs_remove(root);
}

module_init(doetest_init);
module_exit(doetest_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("DOE mailboxes through the kernel's DOE core");
