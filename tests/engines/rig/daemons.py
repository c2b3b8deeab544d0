"""Daemons on private sockets and folders: started, waited for, and stopped by their pid."""

import ctypes
import json
import os
import signal
import socket
import subprocess

from harness import host
from rig.place import program
from rig.waiting import TimedOut, until

PR_SET_PDEATHSIG = 1
START_SECONDS, STOP_SECONDS = 30, 20


class DidNotStart(Exception):
    """The daemon ended or never listened; the text has the end of its log."""


class Daemon:
    """A process that is ready when its unix socket accepts a connection."""

    def __init__(self, place, name, argv, address, env=None):
        self.place, self.name, self.argv, self.address = place, name, argv, address
        self.env = place.environment(env)
        self.log = place.log(name)
        self._popen = None

    @property
    def pid(self):
        return self._popen.pid

    def start(self):
        with open(self.log, "ab") as log:
            self._popen = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.env,
                cwd=self.place.folder, preexec_fn=die_with_parent)
        try:
            until(self._ended_or_listens, f"{self.name} listens on {self.address}", START_SECONDS)
        except TimedOut as late:
            self.stop()
            raise DidNotStart(f"{late}\n{self.log_end()}") from None
        if self._popen.poll() is not None:
            raise DidNotStart(f"{self.name} exited with {self._popen.returncode}\n{self.log_end()}")
        return self

    def stop(self):
        """By SIGTERM, and SIGKILL if that does not help; True if it was not needed."""
        if self._popen is None or self._popen.poll() is not None:
            return True
        self._popen.send_signal(signal.SIGTERM)
        try:
            self._popen.wait(STOP_SECONDS * host.PATIENCE)
            return True
        except subprocess.TimeoutExpired:
            self.kill()
            return False

    def kill(self):
        self._popen.kill()
        self._popen.wait()

    def log_end(self, lines=15):
        with open(self.log, errors="replace") as file:
            return "".join(file.readlines()[-lines:])

    def _ended_or_listens(self):
        return self._popen.poll() is not None or listens(self.address)


class Containerd(Daemon):
    """containerd with its root, state and socket in the place.

    `config` is added to the end of its configuration: the tables of plugins. Without `cri` the
    plugin that kubelets talk to is off: it wants a CNI configuration.
    """

    def __init__(self, place, config="", cri=False, env=None):
        self.folder = place.path("containerd")
        self.state = f"{self.folder}/state"
        address = f"{self.folder}/containerd.sock"
        path = place.write("containerd/config.toml", containerd_config(self.folder, config, cri))
        super().__init__(place, "containerd", [program("containerd"), "--config", path], address,
                         env)


def containerd_config(folder, config, cri):
    # The CRI plugins of containerd 1.x and of 2.x; a name that it does not know is no error.
    off = [] if cri else ["io.containerd.grpc.v1.cri", "io.containerd.cri.v1.images",
                          "io.containerd.cri.v1.runtime"]
    return f"""\
version = 2
root = "{folder}/root"
state = "{folder}/state"
disabled_plugins = {json.dumps(off)}

# Instead of two to five seconds, after which a task is given up that a busy machine has been slow
# to end.
[timeouts]
  "io.containerd.timeout.shim.cleanup" = "120s"
  "io.containerd.timeout.shim.load" = "120s"
  "io.containerd.timeout.shim.shutdown" = "60s"
  "io.containerd.timeout.task.state" = "60s"

[grpc]
  address = "{folder}/containerd.sock"

[plugins."io.containerd.internal.v1.opt"]
  path = "{folder}/opt"

{config}"""


class Dockerd(Daemon):
    """dockerd above a containerd of ours, with `runtime` (name, path) as its default."""

    def __init__(self, place, containerd, runtime, settings=None, env=None):
        self.folder = place.path("docker")
        self.exec_root = f"{self.folder}/exec"
        address = f"{self.folder}/docker.sock"
        name, path = runtime
        configuration = {
            "containerd": containerd.address,
            "data-root": f"{self.folder}/data",
            "exec-root": self.exec_root,
            "pidfile": f"{self.folder}/docker.pid",
            "hosts": [f"unix://{address}"],
            "exec-opts": [f"native.cgroupdriver={place.driver}"],
            "cgroup-parent": place.cgroup_parent,
            "default-runtime": name,
            # Raising a hard limit needs CAP_SYS_RESOURCE, which a root in a container may not have.
            "default-ulimits": {"nofile": {"Name": "nofile", "Hard": 1024, "Soft": 1024}},
            **({} if name == "runc" else {"runtimes": {name: {"path": path}}}),
            **(settings or {})}
        path = place.write("docker/daemon.json", json.dumps(configuration, indent=2))
        super().__init__(place, "dockerd", [program("dockerd"), "--config-file", path], address,
                         env)


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def listens(address):
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(address)
        except OSError:
            return False
    return os.path.exists(address)
