"""Debian images for the guest, kept outside the tree: one per release, packages and recipe."""

import contextlib
import copy
import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile

from machine import recipe
from machine.recipe import CannotBuild

CACHE = os.environ.get("BRIG_VM_CACHE") or "/var/cache/brig-vm"


class Image:
    persistent = False  # whether the disk keeps what a guest writes

    def __init__(self, folder):
        self.disk = os.path.join(folder, "disk.img")
        self.kernel = os.path.join(folder, "kernel")
        self.initrd = os.path.join(folder, "initrd")

    def copy_of_disk(self, path):
        """The same image with a disk that keeps what the guest writes."""
        copied = copy.copy(self)
        subprocess.run(["cp", "--sparse=always", "--reflink=auto", self.disk, path], check=True)
        copied.disk, copied.persistent = path, True
        return copied


def obtain(release, packages):
    """The image of this release with the packages in the file packages.NAME, built if need be."""
    listed = read_packages(packages)
    folder = os.path.join(CACHE, f"{release}-{packages}-{key_of(release, listed)}")
    os.makedirs(CACHE, exist_ok=True)
    with locked(os.path.join(CACHE, f"lock-{release}-{packages}")):
        if not os.path.isdir(folder):
            build(release, listed, folder)
            remove_older(folder)
    return Image(folder)


def read_packages(name):
    with open(os.path.join(recipe.HERE, f"packages.{name}")) as file:
        lines = [line.partition("#")[0].split() for line in file]
    return sorted({word for line in lines for word in line} | {"linux-image-cloud-amd64"})


def key_of(release, packages):
    """Changes with everything an image is made from."""
    digest = hashlib.sha256(" ".join([release, *packages]).encode())
    for path in (recipe.__file__, recipe.SERVICE):
        with open(path, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()[:12]


@contextlib.contextmanager
def locked(path):
    """Two sessions must not build the same image; the second one finds it built."""
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def build(release, packages, folder):
    print(f"building the image {os.path.basename(folder)} (about a minute)", flush=True)
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="build-") as work:
        root, made = os.path.join(work, "root"), os.path.join(work, "image")
        os.mkdir(made)
        recipe.bootstrap(release, packages, root, work)
        recipe.furnish(root)
        image = Image(made)
        boot = os.path.join(root, "boot")
        shutil.copy(only_one(boot, "vmlinuz-"), image.kernel)
        shutil.copy(only_one(boot, "initrd.img-"), image.initrd)
        # No journal: nothing outlives a run.
        make_disk(image.disk, root, "4G", "-O", "^has_journal")
        os.rename(made, folder)


def only_one(folder, prefix):
    names = [name for name in os.listdir(folder) if name.startswith(prefix)]
    if len(names) != 1:
        raise CannotBuild(f"there are {len(names)} files {prefix}* in /boot, not one")
    return os.path.join(folder, names[0])


def make_disk(path, folder, size, *options):
    """An ext4 filesystem with the contents of a folder; no loop device, no mount."""
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", "-m", "0", *options, "-d", folder, path,
                    size], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   env={**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"})


def remove_older(folder):
    """The images that this one replaces. A machine that runs keeps its disk open."""
    prefix = os.path.basename(folder).rpartition("-")[0] + "-"
    for name in os.listdir(CACHE):
        if name.startswith(prefix) and name != os.path.basename(folder):
            shutil.rmtree(os.path.join(CACHE, name), ignore_errors=True)
