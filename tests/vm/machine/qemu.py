"""A machine under qemu: its command line, its deadlines, its end."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time

BOOT_SECONDS = 300
PROBE_SECONDS = 5
LOOK_SECONDS = 0.2  # how often the guest's files are looked at
PR_SET_PDEATHSIG = 1
QEMU = "qemu-system-x86_64"
PORTS = {"status": "status", "log": "tests.log", "reports": "reports.tar"}  # port: file
KERNEL_ARGUMENTS = ["root=/dev/vda", "rw", "console=ttyS0", "quiet", "panic=-1", "mitigations=off",
                    "init_on_alloc=0", "preempt=none",
                    "apparmor=1", "security=apparmor", "systemd.show_status=0",
                    "modprobe.blacklist=kvm,kvm_amd,kvm_intel,ata_piix,ata_generic"]
TEST_ARGUMENTS = ["systemd.wants=brig-tests.service", "systemd.mask=serial-getty@ttyS0.service"]
HIERARCHIES = {"v2": [], "hybrid": ["systemd.unified_cgroup_hierarchy=0"],
               "v1": ["systemd.unified_cgroup_hierarchy=0",
                      "systemd.legacy_systemd_cgroup_controller=1"]}


class MachineFailed(Exception):
    """The guest did not get as far as a result of its tests."""


class Machine:
    """`folder` receives what comes out of the guest: console.log and a file for each port."""

    def __init__(self, image, cargo, folder, kernel_arguments=()):
        self.image, self.cargo, self.folder = image, cargo, folder
        self.kernel_arguments = [*KERNEL_ARGUMENTS, *kernel_arguments]
        self._shown = 0

    def path(self, name):
        return os.path.join(self.folder, name)

    def command(self, console, kernel_arguments=()):
        line = [QEMU, *accelerator(self.image),
                "-cpu", "max,la57=off", "-m", "2G", "-smp", "2", "-no-reboot",
                "-nodefaults", "-display", "none", "-serial", console,
                "-kernel", self.image.kernel, "-initrd", self.image.initrd,
                "-append", " ".join([*self.kernel_arguments, *kernel_arguments]),
                *disk(self.image.disk, f"snapshot={'off' if self.image.persistent else 'on'}"),
                *disk(self.cargo, "readonly=on"),
                "-device", "virtio-rng-pci", "-device", "virtio-serial-pci"]
        for name, file in PORTS.items():
            line += ["-chardev", f"file,id={name},path={self.path(file)}",
                     "-device", f"virtserialport,chardev={name},name=brig.{name}"]
        return line

    # ---- tests --------------------------------------------------------------------------------

    def run_tests(self, seconds):
        """Boots, shows the tests' output as it comes, and returns pytest's exit status."""
        line = self.command(f"file:{self.path('console.log')}", TEST_ARGUMENTS)
        guest = started(line, self.path("qemu.log"))
        try:
            began = time.monotonic()
            self._wait(guest, "booted", BOOT_SECONDS, "the guest has not booted")
            print(f"booted in {time.monotonic() - began:.0f} s", flush=True)
            self._wait(guest, "ended", seconds, "the tests have not ended")
            self._show_log()
            return int(self._status("ended"))
        finally:
            end(guest)

    def _wait(self, guest, word, seconds, complaint):
        deadline = time.monotonic() + seconds
        while self._status(word) is None:
            self._show_log()
            if guest.poll() is not None and self._status(word) is None:
                raise MachineFailed(f"{complaint}, and the machine is off")
            if time.monotonic() > deadline:
                raise MachineFailed(f"{complaint} within {seconds} s")
            time.sleep(LOOK_SECONDS)

    def _status(self, word):
        """What follows `word` in the status port; None before it is there."""
        for line in self._read("status").splitlines(keepends=True):
            if line.endswith("\n") and line.split()[0] == word:
                return line[len(word):].strip()
        return None

    def _show_log(self):
        log = self._read("tests.log")
        sys.stdout.write(log[self._shown:])
        sys.stdout.flush()
        self._shown = len(log)

    def _read(self, name):
        try:
            with open(self.path(name), errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    # ---- a person -----------------------------------------------------------------------------

    def run_shell(self):
        """The guest's console on this terminal, until it is switched off."""
        guest = subprocess.Popen(self.command("mon:stdio"), preexec_fn=die_with_parent)
        try:
            return guest.wait()
        finally:
            end(guest)


def disk(path, option):
    return ["-drive", f"file={path},if=virtio,format=raw,{option}"]


def started(line, log, console=subprocess.DEVNULL):
    with open(log, "w") as file:
        return subprocess.Popen(line, stdin=console, stdout=file, stderr=file,
                                preexec_fn=die_with_parent)


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def end(guest):
    """By its pid; after this nothing of the machine is left."""
    if guest.poll() is None:
        guest.kill()
    guest.wait()


def accelerator(image):
    return ["-accel", "kvm"] if kvm_works(image) else ["-accel", "tcg,thread=multi"]


def kvm_works(image):
    """Whether a kernel without a root disk comes to its panic: KVM may be there, and hang."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    probe = subprocess.Popen(
        [QEMU, "-accel", "kvm", "-m", "512M", "-no-reboot", "-nodefaults", "-display", "none",
         "-kernel", image.kernel, "-append", "root=none panic=-1 quiet"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        preexec_fn=die_with_parent)
    try:
        return probe.wait(PROBE_SECONDS) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        end(probe)


def is_installed():
    return shutil.which(QEMU) is not None
