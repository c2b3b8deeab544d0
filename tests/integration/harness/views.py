"""Other hosts to run on: mount namespaces in which the cgroups are mounted in another way."""

import os

from harness import host, processes

CGROUP = "/sys/fs/cgroup"


def is_pure_v2():
    return not any(" - cgroup " in line for line in host.mountinfo())


def show_only_cgroup2():
    if is_pure_v2():
        return
    options = options_of_cgroup2()
    host.unmount(CGROUP)
    host.mount("cgroup2", CGROUP, "cgroup2", data=options)


def options_of_cgroup2():
    """As the host has mounted it: a mount without them takes them from every other."""
    for line in host.mountinfo():
        if " - cgroup2 " in line:
            return ",".join(set(line.split()[-1].split(",")) - {"rw", "ro"})
    return None


def make_cgroups_read_only():
    """As in a container: each mount is read-only, not the filesystem, which others have too."""
    points = [line.split()[4] for line in host.mountinfo() if " - cgroup" in line]
    for point in points:
        host.mount(None, point, flags=host.MS_REMOUNT | host.MS_BIND | host.MS_RDONLY)


def show_read_only_cgroup2():
    show_only_cgroup2()
    make_cgroups_read_only()


def show_no_cgroups():
    host.unmount(CGROUP)


VIEWS = {"pure-v2": show_only_cgroup2, "read-only": make_cgroups_read_only,
         "read-only-v2": show_read_only_cgroup2, "no-cgroups": show_no_cgroups}


class View:
    """Kept by a sleeping child for the length of the session; `fd` is for setns."""

    def __init__(self, name):
        ready, told = os.pipe()
        stay, self.release = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                host.enter_mount_namespace()
                VIEWS[name]()
                host.mount(None, "/", None, host.MS_REC | host.MS_SHARED)
                os.write(told, b"ok")
                os.dup2(stay, 0)
                os.execv("/bin/busybox", ["cat"])  # keeps nothing of ours open but its input
            finally:
                os._exit(99)
        os.close(told)
        os.close(stay)
        processes.KNOWN.add(self.pid)
        processes.wait_readable(ready, f"the view {name}")
        assert os.read(ready, 2) == b"ok"
        os.close(ready)
        self.fd = os.open(f"/proc/{self.pid}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)

    def mountinfo(self):
        with open(f"/proc/{self.pid}/mountinfo") as file:
            return file.read().splitlines()

    def close(self):
        os.close(self.fd)
        os.close(self.release)
        processes.wait_exit(self.pid)
        processes.KNOWN.discard(self.pid)
