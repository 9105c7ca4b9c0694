# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the guest: a kernel that starts fast, and its initramfs.

Everything lands in build/guest.  Each product has a signature of its inputs
beside it and is made again only when that changes.
"""
import fcntl
import hashlib
import lzma
import os
import re
import shutil
import struct
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from .env import GUEST, LOGS, REQUESTER, TOP, read_env

SOURCES = TOP / "guest-tests"
# In this order: the agent's port first, then what the tests look at.
MODULES = ("virtio_pci", "virtio_console", "nvme", "e1000e", "bochs")
CFLAGS = ("-std=c11", "-Wall", "-Wextra", "-Werror", "-O2", "-static", "-s")
PCI_IDS = Path("/usr/share/misc/pci.ids")
VERSION = "2"       # of this file's own doing; a change remakes the image


def run_logged(name: str, argv: list[str], **kwargs) -> None:
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / f"{name}.log"
    with path.open("w") as log:
        done = subprocess.run(argv, stdout=log, stderr=subprocess.STDOUT,
                              check=False, **kwargs)
    if done.returncode:
        raise SystemExit(f"{argv[0]} failed:\n{path.read_text()[-3000:]}")


def signature(paths: Iterable[Path], *words: str) -> str:
    digest = hashlib.sha256()
    for word in (VERSION, *words):
        digest.update(f"{word}\0".encode())
    for path in paths:
        digest.update(f"{path}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def make_if_changed(target: Path, sign: str, make: Callable[[], None]) -> None:
    stamp = target.with_name(target.name + ".sig")
    if target.exists() and stamp.exists() and stamp.read_text() == sign:
        return
    stamp.unlink(missing_ok=True)
    make()
    stamp.write_text(sign)


# ---- the kernel ----------------------------------------------------------

def unpack_bzimage(image: bytes) -> bytes | None:
    """The ELF kernel inside a bzImage, where its packing is xz."""
    setup_sectors = image[0x1f1] or 4
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = (setup_sectors + 1) * 512 + offset
    payload = image[start:start + length]
    if not payload.startswith(b"\xfd7zXZ\0"):
        return None
    elf = lzma.LZMADecompressor().decompress(payload)
    return elf if elf.startswith(b"\x7fELF") else None


def kernel() -> Path:
    """A kernel for -kernel.

    Unpacking itself takes the emulated CPU seconds at every boot; QEMU can
    enter an ELF kernel directly (PVH).  Kernels packed otherwise go as is.
    """
    image = Path(read_env()["KERNEL_IMAGE"])
    target = GUEST / "vmlinux"
    GUEST.mkdir(parents=True, exist_ok=True)

    def make() -> None:
        elf = unpack_bzimage(image.read_bytes())
        target.write_bytes(elf if elf else image.read_bytes())

    stat = image.stat()
    make_if_changed(target, f"{image} {stat.st_size} {stat.st_mtime}", make)
    return target


# ---- what goes in --------------------------------------------------------

def compile_static(source: Path, target: Path) -> Path:
    def make() -> None:
        run_logged(f"guest-{target.name}",
                   ["gcc", *CFLAGS, "-o", str(target), str(source)])

    make_if_changed(target, signature([source], *CFLAGS), make)
    return target


def compile_module() -> Path:
    """The test module, built in a copy so that no source directory is
    written to."""
    env = read_env()
    work = GUEST / "kmod"
    inputs = sorted((SOURCES / "kmod").iterdir())
    target = work / "doetest.ko"

    def make() -> None:
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        for path in inputs:
            shutil.copy(path, work)
        run_logged("guest-kmod", ["make", "-C", env["KERNEL_HEADERS"],
                                  f"M={work}", "modules"])
        run_logged("guest-kmod-strip",
                   ["strip", "--strip-debug", str(target)])

    make_if_changed(target, signature(inputs, env["KERNEL_VERSION"]), make)
    return target


def module_paths(names: Iterable[str]) -> list[Path]:
    """The modules and what they need, in the order to load them."""
    env = read_env()
    root = Path(env["KERNEL_MODULES_DIR"])
    depends: dict[Path, list[Path]] = {}
    by_name: dict[str, Path] = {}
    for line in (root / "modules.dep").read_text().splitlines():
        path, _, needs = line.partition(":")
        depends[Path(path)] = [Path(need) for need in needs.split()]
        name = Path(path).name.split(".")[0].replace("-", "_")
        by_name[name] = Path(path)
    order: list[Path] = []
    for path in (by_name[name] for name in names if name in by_name):
        # modules.dep lists the nearest need first.
        for module in [*reversed(depends[path]), path]:
            if module not in order:
                order.append(module)
    return [root / path for path in order]


def read_module(path: Path) -> bytes:
    data = path.read_bytes()
    if path.suffix == ".xz":
        return lzma.decompress(data)
    if path.suffix == ".zst":
        return subprocess.run(["zstd", "-dcq", str(path)], check=True,
                              stdout=subprocess.PIPE).stdout
    return data


def shared_libraries(binary: Path) -> list[Path]:
    """What the dynamic linker would load for it, itself included."""
    done = subprocess.run(["ldd", str(binary)], check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return [Path(p) for p in re.findall(r"(/\S+) \(0x", done.stdout)]


def find_program(name: str) -> Path:
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    found = shutil.which(name, path=path)
    if not found:
        raise SystemExit(f"no {name} here: run scripts/setup")
    return Path(found)


# ---- the initramfs -------------------------------------------------------

def copy_in(root: Path, source: Path, name: str) -> None:
    target = root / name.lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o755)


def add_program(root: Path, path: Path) -> None:
    copy_in(root, path, f"bin/{path.name}")
    for library in shared_libraries(path):
        # Under the path the linker was told, whatever /lib links to.
        copy_in(root, library, str(library))


def add_busybox(root: Path, busybox: Path) -> None:
    copy_in(root, busybox, "bin/busybox")
    applets = subprocess.run([str(busybox), "--list"], check=True, text=True,
                             stdout=subprocess.PIPE).stdout.split()
    for applet in applets:
        link = root / "bin" / applet
        if not link.exists():
            link.symlink_to("busybox")


def add_modules(root: Path, modules: list[Path], test_module: Path) -> None:
    """The modules, a list for the agent, and indexes for modprobe."""
    version = read_env()["KERNEL_VERSION"]
    target = root / "lib/modules" / version
    target.mkdir(parents=True)
    names = []
    for path in modules:
        name = path.name.split(".")[0] + ".ko"
        (target / name).write_bytes(read_module(path))
        names.append(f"/lib/modules/{version}/{name}\n")
    (root / "lib/modules/list").write_text("".join(names))
    copy_in(target, test_module, test_module.name)
    for name in ("modules.order", "modules.builtin"):
        (target / name).touch()
    run_logged("guest-depmod", [str(find_program("depmod")), "-b", str(root),
                                version])


def write_cpio(root: Path, target: Path) -> None:
    for path in [root, *root.rglob("*")]:
        os.utime(path, (0, 0), follow_symlinks=False)
    names = sorted(str(p.relative_to(root)) for p in root.rglob("*"))
    with target.open("wb") as out:
        subprocess.run(["cpio", "--quiet", "-o", "-H", "newc", "-R", "0:0",
                        "--reproducible"], input="\n".join(names).encode(),
                       stdout=out, cwd=root, check=True)


def stage(root: Path, programs: list[Path], modules: list[Path],
          agent: Path, test_module: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    for name in ("dev", "proc", "sys", "tmp", "run", "root", "etc"):
        (root / name).mkdir()
    copy_in(root, agent, "init")
    copy_in(root, SOURCES / "ladder", "bin/ladder")
    add_busybox(root, find_program("busybox"))
    for path in programs:
        (root / "bin" / path.name).unlink(missing_ok=True)
        add_program(root, path)
    add_modules(root, modules, test_module)
    copy_in(root, PCI_IDS, "usr/share/misc/pci.ids")
    copy_in(root, SOURCES / "udhcpc.script",
            "usr/share/udhcpc/default.script")


def initramfs(requester: Path | None = REQUESTER,
              extra: tuple[Path, ...] = ()) -> Path:
    """The initramfs, with the requester when that is built already.

    Left uncompressed: QEMU hands it over faster than the guest unpacks.
    """
    GUEST.mkdir(parents=True, exist_ok=True)
    with (GUEST / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        programs = [find_program("lspci"), find_program("setpci"),
                    compile_static(SOURCES / "doepoke.c", GUEST / "doepoke"),
                    compile_static(SOURCES / "doestorm.c",
                                   GUEST / "doestorm"),
                    *extra]
        if requester and requester.exists():
            programs.append(requester)
        agent = compile_static(SOURCES / "agent.c", GUEST / "agent")
        modules = module_paths(MODULES)
        test_module = compile_module()
        inputs = [agent, test_module, find_program("busybox"),
                  SOURCES / "udhcpc.script", SOURCES / "ladder", *modules,
                  *programs]
        inputs += [lib for p in programs for lib in shared_libraries(p)]
        target = GUEST / "initramfs.cpio"

        def make() -> None:
            root = GUEST / "root"
            stage(root, programs, modules, agent, test_module)
            write_cpio(root, target)

        make_if_changed(target, signature(inputs), make)
        return target
