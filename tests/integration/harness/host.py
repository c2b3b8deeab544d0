"""The host as the tests see it: a mount namespace and a working directory of the session's own.

The session unshares its mount namespace first, so nothing it mounts (or a runtime leaks) reaches
the machine, and then makes every mount shared, as systemd does: a runtime that forgets to stop
propagation is seen at once.
"""

import ctypes
import os
import secrets
import shutil
import subprocess

SESSION = secrets.token_hex(3)
WORK = f"/tmp/brig-test-{SESSION}"  # a tmpfs
CGROUP_PARENT = f"/brig-test/{SESSION}"
REPOSITORY = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
BRIG = os.path.abspath(os.environ.get("BRIG") or os.path.join(REPOSITORY, "build", "brig"))
CORPUS = os.environ.get("BRIG_CORPUS") or os.path.join(REPOSITORY, "..", "shared", "corpus")
# Deadlines are for a quiet two-core machine; an emulated one or a sanitizer build needs more.
PATIENCE = float(os.environ.get("BRIG_TEST_PATIENCE", "1"))
DEADLINE = 10 * PATIENCE

libc = ctypes.CDLL(None, use_errno=True)

CLONE_NEWNS = 0x00020000
MS_BIND, MS_REC, MS_PRIVATE, MS_SLAVE, MS_SHARED = 0x1000, 0x4000, 1 << 18, 1 << 19, 1 << 20
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MNT_DETACH = 2
PR_CAPBSET_DROP, PR_SET_CHILD_SUBREAPER = 24, 36


def checked(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def mount(source, target, kind=None, flags=0, data=None):
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind)]
    checked(libc.mount(*encoded, flags, None if data is None else data.encode()),
            f"mount {kind or source} on {target}")


def unmount(target, flags=MNT_DETACH):
    checked(libc.umount2(os.fsencode(target), flags), f"umount {target}")


def unshare(flags):
    checked(libc.unshare(flags), "unshare")


def setns(fd, kind=0):
    checked(libc.setns(fd, kind), "setns")


def become_subreaper():
    """Containers outlive the runtime that made them; their parent is then this process."""
    checked(libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl PR_SET_CHILD_SUBREAPER")


def enter_mount_namespace():
    unshare(CLONE_NEWNS)
    mount(None, "/", None, MS_REC | MS_PRIVATE)


def enter_private_mounts():
    enter_mount_namespace()
    mount(None, "/", None, MS_REC | MS_SHARED)
    os.mkdir(WORK, 0o755)
    mount("brig-tests", WORK, "tmpfs", MS_NOSUID, "mode=755")


def leave_private_mounts():
    unmount(WORK)
    os.rmdir(WORK)


def mountinfo():
    with open("/proc/self/mountinfo") as file:
        return file.read().splitlines()


def hostname():
    return os.uname().nodename


def has_capability(number):
    with open("/proc/self/status") as file:
        effective = next(line for line in file if line.startswith("CapEff"))
    return bool(int(effective.split()[1], 16) >> number & 1)


def drop_from_bounding_set(capability):
    checked(libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0), "prctl PR_CAPBSET_DROP")


def compiled(name, *sources):
    """The path of a static C program built from the files beside conftest.py, once a session; a
    host without a compiler has it in the folder BRIG_TEST_PROGRAMS."""
    target = os.path.join(WORK, name)
    if os.environ.get("BRIG_TEST_PROGRAMS"):
        shutil.copy(os.path.join(os.environ["BRIG_TEST_PROGRAMS"], name), target)
    elif not os.path.exists(target):
        folder = os.path.join(REPOSITORY, "tests", "integration")
        subprocess.run(["gcc", "-static", "-O1", "-Wall", "-Wextra", "-D_GNU_SOURCE", "-o", target,
                        *(os.path.join(folder, source) for source in sources)], check=True)
    return target
