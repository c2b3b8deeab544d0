"""A host with cgroup v2 alone: a mount namespace where /sys/fs/cgroup is one cgroup2 mount."""

import os

from harness import host, processes


def is_pure_v2():
    with open("/proc/self/mountinfo") as file:
        return not any(" - cgroup " in line for line in file)


class PureV2View:
    """Kept by a sleeping child for the length of the session; `fd` is for setns."""

    def __init__(self):
        ready, told = os.pipe()
        stay, self.release = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self._rearrange()
                os.write(told, b"ok")
                os.dup2(stay, 0)
                os.execv("/bin/busybox", ["cat"])  # keeps nothing of ours open but its input
            finally:
                os._exit(99)
        os.close(told)
        os.close(stay)
        processes.KNOWN.add(self.pid)
        processes.wait_readable(ready, "the pure v2 view")
        assert os.read(ready, 2) == b"ok"
        os.close(ready)
        self.fd = os.open(f"/proc/{self.pid}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)

    @staticmethod
    def _rearrange():
        host.unshare(host.CLONE_NEWNS)
        host.mount(None, "/", None, host.MS_REC | host.MS_PRIVATE)
        host.unmount("/sys/fs/cgroup")
        host.mount("cgroup2", "/sys/fs/cgroup", "cgroup2")
        host.mount(None, "/", None, host.MS_REC | host.MS_SHARED)

    def mountinfo(self):
        with open(f"/proc/{self.pid}/mountinfo") as file:
            return file.read().splitlines()

    def close(self):
        os.close(self.fd)
        os.close(self.release)
        processes.wait_exit(self.pid)
        processes.KNOWN.discard(self.pid)
