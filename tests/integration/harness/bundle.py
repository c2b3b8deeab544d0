"""A bundle on tmpfs, and the life of its container."""

import itertools
import json
import os
import subprocess

from harness import cgroups, host, processes
from harness.position import line_and_column
from harness.runtime import Runtime
from harness.spec import spec_with

_count = itertools.count(1)
DIRECTORIES = ["bin", "dev", "etc", "home/alice", "mnt", "proc", "root", "run", "sbin", "srv",
               "sys", "tmp", "usr/bin", "usr/sbin", "var"]
PASSWD = """\
root:x:0:0:root:/root:/bin/sh
alice:x:1000:1000::/home/alice:/bin/sh
homeless:x:1001:1001:::/bin/sh
"""
GROUP = "root:x:0:\ntty:x:5:\nalice:x:1000:\naudio:x:29:alice\n"


def new_id():
    return f"bt-{host.SESSION}-{next(_count)}"


def session_image():
    """busybox and the probe, once a session; bundles hard-link them."""
    image = os.path.join(host.WORK, "image")
    if not os.path.isdir(image):
        os.mkdir(image)
        subprocess.run(["cp", "/bin/busybox", f"{image}/busybox"], check=True)
        os.rename(host.compiled("probe", "probe.c"), f"{image}/probe")
        applets = subprocess.run(["/bin/busybox", "--list"], check=True, capture_output=True)
        with open(f"{image}/applets", "wb") as file:
            file.write(applets.stdout)
    return image


def compiled_into(bundle, name, source):
    """A static program built from a file of this folder, at /NAME in the container."""
    os.link(host.compiled(name, source), bundle.inside(name))


def make_rootfs(path, owner=0):
    image = session_image()
    for name in DIRECTORIES:
        os.makedirs(os.path.join(path, name))
    os.chmod(os.path.join(path, "tmp"), 0o1777)
    os.link(f"{image}/busybox", f"{path}/bin/busybox")
    os.link(f"{image}/probe", f"{path}/probe")
    with open(f"{image}/applets") as applets:
        for name in applets.read().split():
            if name != "busybox":
                os.symlink("busybox", f"{path}/bin/{name}")
    write(f"{path}/etc/passwd", PASSWD)
    write(f"{path}/etc/group", GROUP)
    if owner:
        for folder, names, files in os.walk(path):
            for name in [".", *names, *files]:
                if name not in ("busybox", "probe"):  # shared with other bundles
                    os.chown(os.path.join(folder, name), owner, owner, follow_symlinks=False)
    return path


def write(path, text, mode=None):
    with open(path, "w") as file:
        file.write(text)
    if mode is not None:
        os.chmod(path, mode)
    return path


class Bundle:
    def __init__(self, owner=0, mounts_of=None):
        self.id = new_id()
        self.path = os.path.join(host.WORK, self.id)
        self.rootfs = os.path.join(self.path, "rootfs")
        self.state_root = os.path.join(self.path, "state")
        self.cgroup = f"{host.CGROUP_PARENT}/{self.id}"
        self.pid_file = os.path.join(self.path, "pid")
        os.makedirs(self.rootfs)
        os.mkdir(self.state_root)
        make_rootfs(self.rootfs, owner)
        self.runtime = Runtime(self.state_root, mounts_of)
        self._made = set()

    # ---- the configuration ------------------------------------------------------------------

    def configure(self, changes=None, without=()):
        """Writes config.json from `changes` to the default (see spec_with) or a whole spec."""
        whole = changes is not None and "process" in changes
        spec = changes if whole else spec_with(changes, without)
        if not whole:
            spec["linux"].setdefault("cgroupsPath", self.cgroup)
        return self.write_config(json.dumps(spec, indent=2))

    def write_config(self, text):
        write(os.path.join(self.path, "config.json"), text)
        return self

    def position(self, path):
        """LINE:COLUMN of a JSON path in config.json, as errors give it."""
        with open(os.path.join(self.path, "config.json")) as file:
            return line_and_column(file.read(), path)

    def inside(self, *parts):
        return os.path.join(self.rootfs, *parts)

    def file(self, name, text="", mode=None):
        """A file of the host, beside the rootfs."""
        return write(os.path.join(self.path, name), text, mode)

    def folder(self, name):
        path = os.path.join(self.path, name)
        os.makedirs(path, exist_ok=True)
        return path

    # ---- commands ---------------------------------------------------------------------------

    def call(self, *words, **options):
        return self.runtime.call(*words, **options)

    def run(self, *flags, container=None, **options):
        container = container or self.id
        outcome = self.call("run", "--bundle", self.path, *flags, container, **options)
        if outcome.status == 0 and {"-d", "--detach", "--keep"} & set(flags):
            self._made.add(container)
        return outcome

    def spawn_run(self, *flags, **options):
        return self.runtime.spawn("run", "--bundle", self.path, *flags, self.id, **options)

    def create(self, *flags, container=None, **options):
        """Also writes the pid file, which `pid` reads."""
        container = container or self.id
        outcome = self.call("create", "--bundle", self.path, "--pid-file", self.pid_file, *flags,
                            container, **options)
        if outcome.status == 0:  # one that fails must leave nothing by itself
            self._made.add(container)
        return outcome

    def start(self, **options):
        return self.call("start", self.id, **options)

    def kill(self, *words, **options):
        return self.call("kill", self.id, *words, **options)

    def delete(self, *flags, container=None, **options):
        return self.call("delete", *flags, container or self.id, **options)

    def state(self, container=None):
        return json.loads(self.call("state", container or self.id).ok().stdout)

    def status(self):
        return self.state()["status"]

    @property
    def pid(self):
        with open(self.pid_file) as file:
            return int(file.read())

    # ---- shortcuts --------------------------------------------------------------------------

    def posture(self, changes=None, without=(), probe=(), flags=(), **options):
        """What a container's first process says of itself: see probe.c."""
        asked = {"process.args": ["/probe", *probe], **(changes or {})}
        self.configure(asked, without)
        return json.loads(self.run(*flags, **options).ok().stdout)

    def says(self, script, changes=None, without=(), **options):
        """The output of a shell script run in the container."""
        self.configure({"process.args": ["/bin/sh", "-c", script], **(changes or {})}, without)
        return self.run(**options).ok().stdout

    def running(self, changes=None, without=(), flags=()):
        """A started container whose process sleeps; the outcome of `create` holds its output."""
        self.configure({"process.args": ["/bin/sleep", "1000"], **(changes or {})}, without)
        created = self.create(*flags).ok()
        self.start().ok()
        return created

    def end(self, seconds=None):
        """Waits for the container's process; its exit status as a shell counts it."""
        return processes.wait_exit(self.pid, seconds)

    def cgroup_directories(self):
        return cgroups.existing(self.cgroup)

    def expect(self, container=None):
        """For containers made by other ways than create and run: to be deleted after the test."""
        self._made.add(container or self.id)

    def close(self):
        """Removes what the test made through the runtime; the leak check looks afterwards."""
        complaints = []
        for container in sorted(self._made):
            try:
                self.delete("--force", container=container).exits(0)
            except AssertionError as failure:
                complaints.append(str(failure))
        return complaints
