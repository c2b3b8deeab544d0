"""An ordinary user of the host: no privilege, one uid and gid, and perhaps subordinate ids."""

import os

from harness import host

UID, GID, NAME = 4242, 4243, "brig-alice"
SUBORDINATE = (300000, 65536)  # first, count
CLONE_NEWUSER = 0x10000000
PR_SET_DUMPABLE = 4


def become(uid=UID, gid=GID, groups=()):
    os.setgroups(groups)
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    # The change took that away, and with it what is the user's own in /proc/self.
    host.checked(host.libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), "prctl PR_SET_DUMPABLE")


def give(path):
    """The whole tree below `path` becomes the user's; programs shared with others stay root's."""
    for folder, names, files in os.walk(path):
        for name in [".", *names, *files]:
            if name not in ("busybox", "probe"):
                os.chown(os.path.join(folder, name), UID, GID, follow_symlinks=False)


def bind_over(path, text, mode=0o644):
    """For use in a mount namespace of one's own: `path` reads as `text`."""
    made = os.path.join(host.WORK, "over-" + path.strip("/").replace("/", "-"))
    with open(made, "w") as file:
        file.write(text)
    os.chmod(made, mode)
    host.mount(made, path, None, host.MS_BIND)


def register():
    """The user has a name and subordinate ids."""
    with open("/etc/passwd") as file:
        bind_over("/etc/passwd", f"{file.read()}{NAME}:x:{UID}:{GID}::/:/bin/sh\n")
    for path in ("/etc/subuid", "/etc/subgid"):
        bind_over(path, "{}:{}:{}\n".format(NAME, *SUBORDINATE))


def registered():
    """For `before`: register() in a mount namespace of the call alone, then become the user."""
    host.enter_mount_namespace()
    register()
    become()


def without_helpers():
    """For `before`: as on a host where the package uidmap is missing."""
    host.enter_mount_namespace()
    register()
    for name in ("newuidmap", "newgidmap"):
        bind_over(f"/usr/bin/{name}", "", 0o644)
    become()


def root_of_own_namespace(limit=None):
    """For `before`: in a user namespace that the user has made, as its root (unshare -Urm)."""
    become()
    host.unshare(CLONE_NEWUSER | host.CLONE_NEWNS)
    for name, text in (("setgroups", "deny"), ("gid_map", f"0 {GID} 1"), ("uid_map", f"0 {UID} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    if limit is not None:
        with open("/proc/sys/user/max_user_namespaces", "w") as file:
            file.write(str(limit))
