"""--cgroup-manager=systemd with a real systemd: what it made of the unit, what a reload leaves of
the limits, and that nothing stays."""

import os
import pwd
import shutil
import signal
import subprocess
import time

import pytest

from harness import processes
from harness.bundle import Bundle
from harness.spec import shell

TOP = "/sys/fs/cgroup"
USER = "alice"


@pytest.fixture
def user():
    """Of the image; with a systemd of its own, which was started before the tests."""
    return pwd.getpwnam(USER)


def systemctl(*words):
    return subprocess.run(["systemctl", *words], check=False, capture_output=True,
                          text=True).stdout.strip()


def shown(unit, name):
    return systemctl("show", "--value", "-p", name, unit)


def is_loaded(unit):
    return bool(systemctl("list-units", "--all", "--no-legend", "--plain", unit))


class Scope:
    """A bundle whose container systemd manages."""

    def __init__(self, slice_name="system.slice", folder="/system.slice"):
        self.bundle = Bundle()
        self.bundle.runtime.flags = ["--systemd-cgroup"]
        self.unit = f"x-{self.bundle.id}.scope"
        self.path = f"{slice_name}:x:{self.bundle.id}"
        self.cgroup = f"{folder}/{self.unit}"

    def configure(self, changes=None, **options):
        return self.bundle.configure({"linux.cgroupsPath": self.path, **(changes or {})}, **options)

    def running(self, changes=None):
        self.configure({"process.args": ["/bin/sleep", "1000"], **(changes or {})})
        self.bundle.create().ok()
        self.bundle.start().ok()

    def read(self, name):
        with open(f"{TOP}{self.cgroup}/{name}") as file:
            return file.read().strip()

    def is_gone(self):
        return not is_loaded(self.unit) and not os.path.exists(TOP + self.cgroup)

    def close(self):
        self.bundle.close()
        assert self.is_gone()
        shutil.rmtree(self.bundle.path)


@pytest.fixture
def make_scope():
    made = []

    def make(*place):
        made.append(Scope(*place))
        return made[-1]
    yield make
    for scope in made:
        scope.close()


@pytest.fixture
def scope(make_scope):
    return make_scope()


def test_a_run_leaves_neither_unit_nor_cgroup(scope):
    scope.configure(shell("exit 3"))
    for _ in range(5):
        scope.bundle.run().exits(3)
        assert scope.is_gone()


def test_the_container_is_in_the_cgroup_of_its_scope(scope):
    scope.running()
    assert shown(scope.unit, "ControlGroup") == scope.cgroup
    assert shown(scope.unit, "ActiveState") == "active"
    assert shown(scope.unit, "Delegate") == "yes"
    assert shown(scope.unit, "Slice") == "system.slice"
    assert shown(scope.unit, "Description") == f"brig container {scope.bundle.id}"
    with open(f"/proc/{scope.bundle.pid}/cgroup") as file:
        assert file.read() == f"0::{scope.cgroup}\n"
    scope.bundle.kill("KILL").ok()
    scope.bundle.end()
    scope.bundle.delete().ok()
    assert scope.is_gone()


LIMITS = {"linux.resources": {
    "memory": {"limit": 64 << 20, "reservation": 32 << 20, "swap": 96 << 20},
    "cpu": {"shares": 2048, "quota": 33_333, "period": 100_000, "cpus": "0"},
    "pids": {"limit": 77},
    "unified": {"memory.high": str(48 << 20)}}}
FILES = {"memory.max": str(64 << 20), "memory.low": str(32 << 20), "memory.swap.max": str(32 << 20),
         "memory.high": str(48 << 20), "pids.max": "77", "cpuset.cpus": "0"}


def test_limits_are_in_the_files_and_in_the_unit(scope):
    scope.running(LIMITS)
    assert {name: scope.read(name) for name in FILES} == FILES
    assert scope.read("cpu.max") == "33333 100000"
    properties = {"MemoryMax": str(64 << 20), "MemoryLow": str(32 << 20), "TasksMax": "77",
                  "MemorySwapMax": str(32 << 20), "MemoryHigh": str(48 << 20),
                  "CPUQuotaPerSecUSec": "340ms", "AllowedCPUs": "0"}
    assert {name: shown(scope.unit, name) for name in properties} == properties
    assert shown(scope.unit, "CPUWeight") == scope.read("cpu.weight")


def test_without_limits_there_are_none(scope):
    scope.running()
    assert scope.read("pids.max") == "max"
    assert scope.read("memory.max") == "max"


def test_a_reload_keeps_limits_and_devices(scope, serial_port):
    scope.configure({**serial_port.config, "linux.resources": {
        **LIMITS["linux.resources"], "devices": [
            {"allow": False, "access": "rwm"},
            {"allow": True, "type": "c", "major": 10, "minor": 229}]}})
    scope.bundle.expect()
    running = scope.bundle.spawn_run(stdin=serial_port.stdin, stdout=serial_port.stdout)
    assert serial_port.is_refused()
    systemctl("daemon-reload")
    assert serial_port.is_refused()
    assert {name: scope.read(name) for name in FILES} == FILES
    assert scope.read("cpu.max") in ("33333 100000", "34000 100000")
    scope.bundle.kill("KILL").ok()
    running.wait().exits(137)
    assert scope.is_gone()


@pytest.mark.parametrize("slice_name, folder", [
    ("brigx-y_z.slice", "/brigx.slice/brigx-y_z.slice"), ("-", ""), ("user.slice", "/user.slice")])
def test_slices_are_where_their_names_say(make_scope, slice_name, folder):
    scope = make_scope(slice_name, folder)
    scope.running(LIMITS)
    assert scope.read("memory.max") == FILES["memory.max"]
    scope.bundle.delete("--force").ok()
    assert scope.is_gone()


def test_a_container_out_of_memory_leaves_no_failed_unit(scope):
    scope.configure({**shell("tail /dev/zero"),
                     "linux.resources": {"memory": {"limit": 8 << 20, "swap": 8 << 20}}})
    scope.bundle.run().exits(137)
    assert scope.is_gone()


def test_a_memory_limit_that_is_too_low_is_named(scope):
    """The kernel kills init, and systemd removes the cgroup that is still being filled."""
    scope.configure({**shell("true"), "linux.resources": {"memory": {"limit": 1, "swap": 1}}})
    said = scope.bundle.run().exits(1).stderr
    assert "was killed by signal 9 (memory limit too low?)" in said, said
    assert scope.is_gone()


def test_annotations_are_properties(scope):
    scope.running({"annotations": {"org.systemd.property.TimeoutStopSec": "7",
                                   "org.systemd.property.CollectMode": "'inactive'"}})
    assert shown(scope.unit, "TimeoutStopUSec") == "7s"
    assert shown(scope.unit, "CollectMode") == "inactive"


def test_an_unknown_property_is_an_error_that_names_it(scope):
    scope.configure({"annotations": {"org.systemd.property.Nonsense": "true"}})
    outcome = scope.bundle.run().exits(1)
    assert "Nonsense" in outcome.stderr
    assert scope.is_gone()


def test_a_container_that_fails_to_start_leaves_nothing(scope):
    scope.configure({"process.args": ["/no/such/program"]})
    scope.bundle.run().exits(1)
    assert scope.is_gone()


def test_a_unit_of_somebody_else_stays(scope):
    subprocess.run(["systemd-run", "--scope", "-q", f"--unit={scope.unit}", "sh", "-c",
                    "sleep 1000 >&- 2>&- &"], check=True, stdin=subprocess.DEVNULL, timeout=60)
    scope.configure()
    outcome = scope.bundle.run().exits(1)
    assert "not empty" in outcome.stderr
    assert shown(scope.unit, "ActiveState") == "active"
    systemctl("stop", scope.unit)


def test_processes_beside_init_die_with_the_container(scope):
    scope.running({**shell("sleep 1000 & setsid sleep 1000 & exec sleep 1000")})
    scope.bundle.delete("--force").ok()
    assert scope.is_gone()


def test_containers_of_a_user_namespace(scope):
    scope.configure({**shell("cat /proc/self/uid_map; cat /proc/self/cgroup"),
                     "linux.uidMappings": [{"containerID": 0, "hostID": 0, "size": 65536}],
                     "linux.gidMappings": [{"containerID": 0, "hostID": 0, "size": 65536}],
                     "linux.namespaces+": [{"type": "user"}, {"type": "cgroup"}], **LIMITS})
    said = scope.bundle.run().ok().stdout
    assert "65536" in said and said.endswith("0::/\n")


def test_delete_works_after_a_killed_create(scope):
    scope.configure({"process.args": ["/bin/sleep", "1000"]})
    for delay in (0.02, 0.05, 0.1, 0.2, 0.4):
        creating = scope.bundle.runtime.spawn("create", "--bundle", scope.bundle.path,
                                              scope.bundle.id)
        time.sleep(delay)  # not a wait: the moment of the crash
        creating.signal(signal.SIGKILL)
        creating.popen.wait()
        scope.bundle.delete("--force").exits(0)
        processes.until(scope.is_gone, "the end of the unit")


# ---- users ---------------------------------------------------------------------------------------

@pytest.fixture
def users_scope(user):
    scope = Scope()
    manager = f"/user.slice/user-{user.pw_uid}.slice/user@{user.pw_uid}.service"
    scope.path = f":x:{scope.bundle.id}"
    scope.cgroup = f"{manager}/user.slice/{scope.unit}"
    # Two, because each has to lie within one of in_user_namespace().
    mapping = [{"containerID": 0, "hostID": 0, "size": 1},
               {"containerID": 1, "hostID": 1, "size": 999}]
    scope.bundle.configure({
        "linux.cgroupsPath": scope.path, **shell("cat /proc/self/cgroup; sleep 1000"),
        "linux.uidMappings": mapping, "linux.gidMappings": mapping,
        "linux.namespaces+": [{"type": "user"}, {"type": "cgroup"}],
        "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
                   {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup"}],
        "linux.resources": {"memory": {"limit": 64 << 20}, "pids": {"limit": 33}}})
    subprocess.run(["chown", "-R", f"{USER}:", scope.bundle.path], check=True)
    yield scope
    assert not os.path.exists(TOP + scope.cgroup)


def as_user(user, *words):
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "env",
            f"XDG_RUNTIME_DIR=/run/user/{user.pw_uid}", *words]


UNSHARED = ["unshare", "--user", "--mount", "sh", "-c", 'read mapped; exec "$@"', "sh"]


def in_user_namespace(scope, user, argv):
    """As Podman calls a runtime: root of a user namespace with more ids than the user's own."""
    gate, release = os.pipe()
    running = scope.bundle.runtime.spawn(argv=argv, stdin=gate)
    own = os.readlink("/proc/self/ns/user")
    processes.until(lambda: os.readlink(f"/proc/{running.pid}/ns/user") != own, "the namespace")
    for kind, number in (("uid", user.pw_uid), ("gid", user.pw_gid)):
        with open(f"/proc/{running.pid}/{kind}_map", "w") as file:
            file.write(f"0 {number} 1\n1 200000 65535\n")
    os.write(release, b"\n")
    os.close(release)
    os.close(gate)
    return running.wait()


@pytest.mark.parametrize("inside", [False, True], ids=["from-outside", "from-its-own-cgroup"])
def test_a_user_has_limits_by_its_own_systemd(user, users_scope, inside):
    scope = users_scope
    within = ["systemd-run", "--user", "--scope", "-q"] if inside else []

    def brig(*words):
        argv = scope.bundle.runtime.argv(*words)
        return in_user_namespace(scope, user, as_user(user, *within, *UNSHARED, *argv))
    brig("create", "--bundle", scope.bundle.path, scope.bundle.id).exits(0)
    assert scope.read("memory.max") == str(64 << 20)
    assert scope.read("pids.max") == "33"
    brig("start", scope.bundle.id).exits(0)
    brig("delete", "--force", scope.bundle.id).exits(0)


def test_a_user_without_a_systemd_is_told_so(user, users_scope):
    scope = users_scope
    argv = as_user(user, "env", "-u", "XDG_RUNTIME_DIR",
                   *scope.bundle.runtime.argv("run", "--bundle", scope.bundle.path,
                                              scope.bundle.id))
    outcome = scope.bundle.call(argv=argv).exits(1)
    assert "XDG_RUNTIME_DIR is not set" in outcome.stderr
