"""The place of one engine with one runtime: namespaces, folders and cgroups of its own.

A daemon that is started here sees an empty /run and an empty /var/lib of the engines, has a network
of its own with nothing but a loopback device, and shares no path with the engines of this machine or
with the same engine in the other column.
"""

import os
import stat
import subprocess

from harness import cgroups, host, processes
from rig import tree, units

CLONE_NEWNET = 0x40000000
# Emptied where they exist; what an engine writes there ends with the namespace.
EMPTIED = ["/run", "/var/lib/docker", "/var/lib/containerd", "/var/lib/containers", "/var/lib/cni",
           "/var/tmp", "/etc/docker", "/etc/cni/net.d"]
# What the machine's own systemd has in /run, which a runtime with the systemd driver talks to.
KEPT_IN_RUN = ["/run/systemd", "/run/dbus", "/run/udev", "/run/user"]
FOLDER = "/run/place"  # short: sockets are made below it, and a socket's path has 107 bytes
# Debian's engines before others of the same name: /usr/local may have a `docker` that is not Docker.
SEARCH_PATH = "/usr/bin:/usr/sbin:/bin:/sbin:/usr/local/bin:/usr/local/sbin"


class CannotRun(Exception):
    """This machine does not let anybody run engines; the text says why."""


class Place:
    def __init__(self, name, results, driver="cgroupfs"):
        """`results` is a folder outside, which gets the logs; `driver`: cgroupfs or systemd."""
        self.name, self.results, self.driver = name, results, driver
        self.folder = FOLDER
        self.systemd = units.Manager()  # who makes the cgroups, if it is systemd
        self.bin = f"{FOLDER}/bin"  # first in the PATH of everything that runs here
        unit = f"brigengines{host.SESSION}{name}".replace("-", "")
        self.cgroup_name = (f"{unit}.slice" if driver == "systemd" else
                            f"brig-engines-{host.SESSION}-{name}")

    @property
    def cgroup_parent(self):
        """As engines want it: a slice, or the path of a cgroup."""
        return self.cgroup_name if self.driver == "systemd" else f"/{self.cgroup_name}"

    def enter(self):
        """Moves this process into the place, for good: the process ends with it."""
        try:
            host.enter_mount_namespace()
            host.mount(None, "/", None, host.MS_REC | host.MS_SHARED)  # as under systemd
            host.unshare(CLONE_NEWNET)
            self._empty_folders()
        except OSError as refused:
            raise CannotRun(f"no namespaces of its own: {refused}") from None
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        for name in ("bin", "home", "xdg", "tmp", "log"):
            os.makedirs(f"{self.folder}/{name}")
        os.makedirs(self.results, exist_ok=True)
        os.chdir(self.folder)  # conmon leaves a file `oom` where it was started

    def environment(self, changes=None):
        return {"PATH": f"{self.bin}:{SEARCH_PATH}", "HOME": f"{self.folder}/home",
                "XDG_RUNTIME_DIR": f"{self.folder}/xdg", "TMPDIR": f"{self.folder}/tmp",
                "LC_ALL": "C.UTF-8", "TERM": "xterm", **(changes or {})}

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, text, mode=0o644):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def run(self, *argv):
        """A program of the machine, in the place; what it printed."""
        return subprocess.run(argv, env=self.environment(), check=True, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True).stdout

    def log(self, name):
        """The path of a log that outlives the place."""
        return os.path.join(self.results, f"{self.name}-{name}.log")

    def leave(self):
        """Ends what is still running here, and removes the cgroups."""
        for pid in tree.orphans():
            processes.kill(pid)
            processes.wait_dead(pid)
        if self.driver == "systemd":
            self.systemd("stop", self.cgroup_name)
        for path in self.cgroups():
            if os.path.isdir(path):
                cgroups.remove(path)

    def cgroups(self):
        """Where the parent of this place's containers exists, over every hierarchy."""
        found = []
        for point in cgroups.hierarchies():
            for folder, names, _ in os.walk(point):
                if self.cgroup_name in names:
                    found.append(os.path.join(folder, self.cgroup_name))
        return found

    def _empty_folders(self):
        kept = {path: os.open(path, os.O_PATH) for path in KEPT_IN_RUN if os.path.isdir(path)}
        for path in EMPTIED:
            if os.path.isdir(path):
                mode = stat.S_IMODE(os.stat(path).st_mode)
                host.mount("engines", path, "tmpfs", 0, f"mode={mode:o}")
        host.mount("engines", "/dev/shm", "tmpfs", 0, "mode=1777")  # Podman's locks are there
        for path, fd in kept.items():
            os.mkdir(path)
            host.mount(f"/proc/self/fd/{fd}", path, None, host.MS_BIND | host.MS_REC)
            os.close(fd)
        os.makedirs("/run/lock", exist_ok=True)
        os.makedirs("/run/netns")  # as the first `ip netns add` of a machine leaves it
        host.mount("/run/netns", "/run/netns", None, host.MS_BIND)
        host.mount(None, "/run/netns", None, host.MS_SHARED)


def program(name):
    """The path of an engine's program, or None."""
    for folder in SEARCH_PATH.split(":"):
        path = os.path.join(folder, name)
        if os.access(path, os.X_OK):
            return os.path.realpath(path)
    return None
