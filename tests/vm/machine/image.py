"""Debian images for the guest, kept outside the tree: one per release, packages and recipe."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CACHE = os.environ.get("BRIG_VM_CACHE") or "/var/cache/brig-vm"
BUILD_SECONDS = 900

# The initrd holds what reaches the root disk and no more: it is unpacked by an emulated machine.
INITRD_MODULES = "virtio_pci\nvirtio_blk\next4\n"
FSTAB = """\
/dev/vda / ext4 rw,noatime 0 0
LABEL=brig-tests /brig ext4 ro,nofail 0 0
"""
AUTOLOGIN = """\
[Service]
ExecStart=
ExecStart=-/sbin/agetty --autologin root --keep-baud 115200,38400,9600 - $TERM
"""
# What an installed Debian does in the background, which here only takes time from the tests.
MASKED = ["apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "fstrim.timer",
          "e2scrub_all.timer", "e2scrub_reap.service", "systemd-tmpfiles-clean.timer",
          "systemd-random-seed.service", "systemd-update-utmp.service",
          "systemd-journal-flush.service", "getty@tty1.service", "getty-static.service"]


class CannotBuild(Exception):
    """Nothing is wrong with brig: this machine lacks what building an image takes."""


class Image:
    def __init__(self, folder):
        self.disk = os.path.join(folder, "disk.img")
        self.kernel = os.path.join(folder, "kernel")
        self.initrd = os.path.join(folder, "initrd")


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
    with open(os.path.join(HERE, f"packages.{name}")) as file:
        lines = [line.partition("#")[0].split() for line in file]
    return sorted({word for line in lines for word in line} | {"linux-image-cloud-amd64"})


def key_of(release, packages):
    """Changes with everything an image is made from: this file is the recipe."""
    digest = hashlib.sha256(" ".join([release, *packages]).encode())
    for path in (__file__, os.path.join(HERE, "guest", "brig-tests.service")):
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
        bootstrap(release, packages, root, work)
        furnish(root)
        image = Image(made)
        boot = os.path.join(root, "boot")
        shutil.copy(only_one(boot, "vmlinuz-"), image.kernel)
        shutil.copy(only_one(boot, "initrd.img-"), image.initrd)
        # No journal: nothing outlives a run.
        make_disk(image.disk, root, "4G", "-O", "^has_journal")
        os.rename(made, folder)


def bootstrap(release, packages, root, work):
    if not shutil.which("mmdebstrap"):
        raise CannotBuild("mmdebstrap is not installed")
    settings = os.path.join(work, "apt.conf")
    with open(settings, "w") as file:
        file.write(apt_settings())
    modules = os.path.join(work, "modules")
    with open(modules, "w") as file:
        file.write(INITRD_MODULES)
    outcome = subprocess.run(
        ["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase",
         f"--aptopt={settings}", f"--include={','.join(packages)}",
         # Before the kernel is unpacked, whose installation makes the initrd.
         '--essential-hook=mkdir -p "$1/etc/initramfs-tools/conf.d"',
         '--essential-hook=echo MODULES=list >"$1/etc/initramfs-tools/conf.d/small"',
         f"--essential-hook=copy-in {modules} /etc/initramfs-tools",
         release, root, *mirror()],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=BUILD_SECONDS)
    if outcome.returncode != 0:
        raise CannotBuild("mmdebstrap did not work; its last words:\n"
                          + "\n".join(outcome.stdout.splitlines()[-15:]))


def apt_settings():
    """Proxy, dates and retries as the host's apt has them."""
    dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True)
    wanted = ("Acquire::http", "Acquire::https", "Acquire::Check-", "Acquire::Force",
              "Acquire::Retries")
    return "".join(line + "\n" for line in dump.stdout.splitlines() if line.startswith(wanted))


def mirror():
    """The host's own Debian mirror, as a list; empty: mmdebstrap's default."""
    targets = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(RELEASE) $(SITE)", "Created-By: Packages"],
        capture_output=True, text=True, check=True).stdout
    codename = host_codename()
    sites = [line.split()[1] for line in targets.splitlines() if line.split()[0] == codename]
    return sites[:1]


def host_codename():
    with open("/etc/os-release") as file:
        values = dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)
    return values.get("VERSION_CODENAME", "").strip('"')


def furnish(root):
    """Turns what mmdebstrap made into a guest: its own name, disks, test service and no chores."""
    units = os.path.join(root, "etc/systemd/system")
    write(f"{root}/etc/hostname", "brig-guest\n")
    write(f"{root}/etc/fstab", FSTAB)
    write(f"{units}/serial-getty@ttyS0.service.d/autologin.conf", AUTOLOGIN)
    shutil.copy(os.path.join(HERE, "guest", "brig-tests.service"), units)
    for unit in MASKED:
        os.symlink("/dev/null", os.path.join(units, unit))
    os.mkdir(f"{root}/brig")


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


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
