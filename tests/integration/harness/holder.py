"""A process that holds namespaces for containers to join."""

import os
import signal

from harness import host, processes

# The config's name, the file in /proc/PID/ns, the flag of unshare(2).
_TABLE = [("user", "user", 0x10000000), ("mount", "mnt", 0x20000), ("pid", "pid", 0x20000000),
          ("network", "net", 0x40000000), ("ipc", "ipc", 0x8000000), ("uts", "uts", 0x4000000),
          ("cgroup", "cgroup", 0x2000000), ("time", "time", 0x80)]
KINDS = {kind: name for kind, name, _ in _TABLE}
CLONE_NEWUSER = _TABLE[0][2]
ALL_BUT_USER = sum(flag for _, _, flag in _TABLE[1:])
ID_MAP = "0 100000 65536"
PR_SET_PDEATHSIG = 1


class Holder:
    """New namespaces of every kind but user, or with `mapped` of a user namespace's own."""

    def __init__(self, mapped=False):
        self.maker, (lines, go) = self._fork(mapped)
        if mapped:
            processes.wait_readable(lines.fileno(), "a user namespace to map")
            assert lines.readline() == b"unshared\n"
            for name in ("uid_map", "gid_map"):
                with open(f"/proc/{self.maker}/{name}", "w") as file:
                    file.write(ID_MAP)
        os.write(go, b"x")
        processes.wait_readable(lines.fileno(), "the namespaces' holder")
        self.pid = int(lines.readline())
        assert lines.read() == b""  # every copy was closed: the program is being executed
        os.close(go)
        lines.close()
        processes.KNOWN.update({self.maker, self.pid})

    def _fork(self, mapped):
        read, write = os.pipe()
        wait, go = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                host.libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
                self._unshare(mapped, write, wait)
            finally:
                os._exit(99)
        os.close(write)
        os.close(wait)
        return pid, (os.fdopen(read, "rb", 0), go)

    @staticmethod
    def _unshare(mapped, write, wait):
        if mapped:
            host.unshare(CLONE_NEWUSER)
            os.write(write, b"unshared\n")
        os.read(wait, 1)
        if mapped:
            os.setresgid(0, 0, 0)
            os.setresuid(0, 0, 0)
        host.unshare(ALL_BUT_USER)
        pid = os.fork()  # the first process of the pid namespace
        if pid == 0:
            host.libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            host.mount(None, "/", None, host.MS_REC | host.MS_PRIVATE)
            os.execv("/bin/busybox", ["sleep", "100000"])
        os.write(write, b"%d\n" % pid)
        os.close(write)
        os.waitpid(pid, 0)

    def path(self, kind):
        return f"/proc/{self.pid}/ns/{KINDS[kind]}"

    def close(self):
        processes.kill(self.pid)
        processes.wait_exit(self.maker)
        processes.KNOWN.difference_update({self.maker, self.pid})


def namespaces_of(pid):
    """{the config's name: identity} of a process."""
    return {kind: os.readlink(f"/proc/{pid}/ns/{name}") for kind, name in KINDS.items()}
