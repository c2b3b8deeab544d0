"""What an image is made of, with mmdebstrap and the host's own mirror. Part of the image's key."""

import os
import shutil
import signal
import subprocess

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SERVICE = os.path.join(HERE, "guest", "brig-tests.service")
BUILD_SECONDS = 600

# The initrd holds what reaches the root disk and no more: it is unpacked by an emulated machine.
INITRD_MODULES = "virtio_pci\nvirtio_mmio\nvirtio_blk\next4\n"
UNREAD = ["/usr/share/doc", "/usr/share/man", "/usr/share/locale", "/usr/share/info"]
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
          "systemd-journal-flush.service", "getty@tty1.service", "getty-static.service",
          "proc-sys-fs-binfmt_misc.automount", "sys-fs-fuse-connections.mount",
          "sys-kernel-config.mount", "sys-kernel-debug.mount", "sys-kernel-tracing.mount",
          "systemd-pstore.service", "modprobe@.service", "kmod-static-nodes.service",
          "ldconfig.service",
          # Engines are started by the tests, with folders of their own.
          "containerd.service", "docker.service", "docker.socket", "podman.socket",
          "podman-auto-update.timer", "podman-clean-transient.service", "podman-restart.service"]


class CannotBuild(Exception):
    """Nothing is wrong with brig: this machine lacks what building an image takes."""


def bootstrap(release, packages, root, work):
    if not shutil.which("mmdebstrap"):
        raise CannotBuild("mmdebstrap is not installed")
    settings = os.path.join(work, "apt.conf")
    with open(settings, "w") as file:
        file.write(apt_settings())
    modules = os.path.join(work, "modules")
    with open(modules, "w") as file:
        file.write(INITRD_MODULES)
    said = run_in_a_group(
        ["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase",
         f"--aptopt={settings}", f"--include={','.join(packages)}",
         *(f"--dpkgopt=path-exclude={path}/*" for path in UNREAD),
         # Before the kernel is unpacked, whose installation makes the initrd.
         '--essential-hook=mkdir -p "$1/etc/initramfs-tools/conf.d"',
         '--essential-hook=echo MODULES=list >"$1/etc/initramfs-tools/conf.d/small"',
         f"--essential-hook=copy-in {modules} /etc/initramfs-tools",
         '--customize-hook=chroot "$1" useradd --create-home --uid 1000 --shell /bin/sh alice',
         release, root, *mirror()])
    if said is not None:
        print(*said.splitlines()[-15:], sep="\n")
        raise CannotBuild("mmdebstrap did not work; its last words are above")


def run_in_a_group(command):
    """None, or what a command said that did not work. Whatever happens, none of it runs on."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, start_new_session=True)
    try:
        said = child.communicate(timeout=BUILD_SECONDS)[0]
        return None if child.returncode == 0 else said
    except subprocess.TimeoutExpired:
        return f"not done after {BUILD_SECONDS} s"
    finally:
        if child.poll() is None:  # it unmounts and removes what it made
            os.killpg(child.pid, signal.SIGTERM)
            child.wait()


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
    shutil.copy(SERVICE, units)
    for unit in MASKED:
        os.symlink("/dev/null", os.path.join(units, unit))
    remove_apparmor_profiles(f"{root}/etc/apparmor.d")
    os.mkdir(f"{root}/brig")


def remove_apparmor_profiles(folder):
    """Those of programs nobody runs here, which take 20 s to compile; abstractions stay."""
    for entry in os.scandir(folder):
        if entry.is_file():
            os.unlink(entry.path)


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
