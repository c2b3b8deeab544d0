"""Hooks: when they run, what they are told, and what their failure means."""

import json
import os

import pytest

import messages as m
from harness import processes
from harness.bundle import write
from harness.holder import namespaces_of
from harness.spec import bind, shell

pytestmark = pytest.mark.sanitize

KINDS = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"]
AT_CREATE = KINDS[:3]
# Keeps what it is told: the state, its arguments, environment, namespaces and open descriptors.
RECORD = """#!/bin/busybox sh
echo %(kind)s >>"%(folder)s/order"
exec >>"%(folder)s/%(kind)s.out"
echo "$*"
cat; echo
env
echo "mnt $(readlink /proc/self/ns/mnt)"
echo "fds $(ls /proc/self/fd | tr '\\n' ' ')"
echo "cwd $(pwd)"
"""


class Hooks:
    """Scripts in a directory of the host that the container sees at the same path."""

    def __init__(self, bundle):
        self.folder = bundle.folder("hooks")
        os.chmod(self.folder, 0o777)
        self.seen_inside = bind(self.folder, self.folder)
        self.config = {}

    def add(self, kind, script, **more):
        path = write(f"{self.folder}/{kind}{len(self.config.get(kind, []))}", script, 0o755)
        self.config.setdefault(kind, []).append({"path": path, **more})
        return path

    def record(self, kind, **more):
        return self.add(kind, RECORD % {"kind": kind, "folder": self.folder}, **more)

    def order(self):
        """The kinds that ran, in their order."""
        with open(f"{self.folder}/order") as file:
            return file.read().split()

    def output(self, kind):
        with open(f"{self.folder}/{kind}.out") as file:
            return file.read()

    def state(self, kind):
        return json.loads(self.output(kind).splitlines()[1])

    def line(self, kind, word):
        return next(line for line in self.output(kind).splitlines() if line.startswith(word))

    def changes(self, **more):
        return {"hooks": self.config, "root.readonly": False, "mounts+": [self.seen_inside], **more}


@pytest.fixture
def hooks(bundle):
    return Hooks(bundle)


@pytest.fixture
def recorded(bundle, hooks):
    """A whole life of a container with a recording hook of every kind; {kind: state}."""
    for kind in KINDS:
        hooks.record(kind, args=["argv0", kind, "two words"], env=["OWN=1", "PATH=/bin:/usr/bin"])
    bundle.configure(hooks.changes(**{"process.args": ["/bin/sleep", "1000"],
                                      "annotations": {"org.example.key": "value"}}))
    bundle.create().ok()
    hooks.after_create = hooks.order()
    hooks.pid = bundle.pid
    hooks.host_mnt = namespaces_of(os.getpid())["mount"]
    hooks.container_mnt = namespaces_of(bundle.pid)["mount"]
    bundle.start().ok()
    hooks.after_start = hooks.order()
    bundle.kill("KILL").ok()
    bundle.end()
    bundle.delete().ok("")
    return hooks


# ---- when and with what -------------------------------------------------------------------------

def test_hooks_run_in_the_order_of_the_specification(recorded):
    assert recorded.after_create == KINDS[:3]
    assert recorded.after_start == KINDS[:5]
    assert recorded.order() == KINDS


STATUS = {"prestart": "creating", "createRuntime": "creating", "createContainer": "creating",
          "startContainer": "created", "poststart": "running", "poststop": "stopped"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_hook_is_told_the_state(bundle, recorded, kind):
    state = recorded.state(kind)
    assert (state["id"], state["bundle"], state["status"]) == (bundle.id, bundle.path, STATUS[kind])
    assert state["annotations"] == {"org.example.key": "value"}
    assert state["ociVersion"].startswith("1.")


@pytest.mark.parametrize("kind, pid", [("prestart", "host"), ("createRuntime", "host"),
                                       ("createContainer", "container"),
                                       ("startContainer", "container"), ("poststart", "host")])
def test_a_hook_is_told_the_pid_in_its_own_terms(recorded, kind, pid):
    assert recorded.state(kind)["pid"] == (recorded.pid if pid == "host" else 1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_hook_gets_its_arguments_and_its_own_environment_only(recorded, kind):
    assert recorded.output(kind).splitlines()[0] == f"{kind} two words"
    variables = {line for line in recorded.output(kind).splitlines()[2:]
                 if "=" in line and not line.startswith(("PWD=", "SHLVL=", "OLDPWD="))}
    assert variables == {"OWN=1", "PATH=/bin:/usr/bin"}


@pytest.mark.parametrize("kind, where", [(kind, "host") for kind in KINDS if "Container" not in kind]
                         + [("createContainer", "container"), ("startContainer", "container")])
def test_a_hook_runs_in_its_namespace(recorded, kind, where):
    wanted = recorded.host_mnt if where == "host" else recorded.container_mnt
    assert recorded.line(kind, "mnt ") == "mnt " + wanted


@pytest.mark.parametrize("kind", KINDS)
def test_a_hook_gets_no_descriptor_but_the_standard_ones(recorded, kind):
    assert set(recorded.line(kind, "fds ").split()[1:]) <= {"0", "1", "2", "3", "4"}


def test_create_container_hooks_see_the_paths_of_the_host(bundle, hooks):
    hooks.add("createContainer", f"#!/bin/busybox sh\nls {bundle.path} > {hooks.folder}/seen\n")
    bundle.configure(hooks.changes())
    bundle.run().ok()
    with open(f"{hooks.folder}/seen") as file:
        assert "config.json" in file.read().split()


def test_several_hooks_of_a_kind_run_in_order(bundle, hooks):
    for number in range(5):
        hooks.add("createRuntime", f"#!/bin/busybox sh\necho {number} >> {hooks.folder}/out\n")
    bundle.configure(hooks.changes())
    bundle.run().ok()
    with open(f"{hooks.folder}/out") as file:
        assert file.read().split() == list("01234")


def test_the_program_of_a_hook_is_told_its_name_as_given(bundle, hooks):
    """Docker's network hook is /proc/PID/exe with another args[0]."""
    out = f"{hooks.folder}/out"
    hooks.config = {"prestart": [{"path": "/bin/busybox", "args": ["sh", "-c", f"echo $0 > {out}",
                                                                   "renamed"]}]}
    bundle.configure(hooks.changes())
    bundle.run().ok()
    with open(out) as file:
        assert file.read() == "renamed\n"


def test_a_network_hook_can_use_the_namespaces_of_the_pid(bundle, hooks):
    hooks.add("createRuntime", "#!/bin/busybox sh\n"
              "pid=$(busybox sed 's/.*\"pid\": *\\([0-9]*\\).*/\\1/')\n"
              f"busybox readlink /proc/$pid/ns/net > {hooks.folder}/net\n",
              env=["PATH=/usr/bin:/bin"])
    bundle.configure(hooks.changes(**{"process.args": ["/bin/sleep", "1000"]}))
    bundle.create().ok()
    with open(f"{hooks.folder}/net") as file:
        assert file.read().strip() == namespaces_of(bundle.pid)["network"]


def test_a_hook_that_does_not_read_the_state_is_no_error(bundle, hooks):
    for kind in KINDS:
        hooks.add(kind, "#!/bin/busybox sh\nexec <&-\nexit 0\n")
    bundle.configure({**hooks.changes(), "annotations": {"large": "x" * 200_000}})
    bundle.run().ok()


# ---- failure ------------------------------------------------------------------------------------

FAILING = "#!/bin/busybox sh\necho some reason >&2\nexit 3\n"


@pytest.mark.parametrize("kind", AT_CREATE)
@pytest.mark.parametrize("command", ["create", "run"])
def test_a_failing_create_hook_fails_the_create_and_leaves_nothing(bundle, hooks, kind, command):
    path = hooks.add(kind, FAILING)
    hooks.record("poststop")
    bundle.configure(hooks.changes())
    outcome = bundle.create() if command == "create" else bundle.run()
    outcome.fails(m.hook_failed(bundle, command, kind, path, "exit status 3", "some reason"))
    assert bundle.cgroup_directories() == []
    assert hooks.order() == ["poststop"]  # what earlier hooks made is taken back (nerdctl's network)


@pytest.mark.parametrize("kind", ["startContainer", "poststart"])
def test_a_failing_start_hook_fails_the_start_and_destroys_the_container(bundle, hooks, kind):
    """The lifecycle of the specification goes on at step 12: destroy, then poststop."""
    path = hooks.add(kind, FAILING)
    hooks.record("poststop")
    bundle.configure(hooks.changes(**shell("touch /srv/ran; sleep 1000")))
    bundle.create().ok()
    pid = bundle.pid
    bundle.start().fails(m.hook_failed(bundle, "start", kind, path, "exit status 3", "some reason"))
    assert not processes.is_alive(pid)
    assert bundle.cgroup_directories() == []
    bundle.call("state", bundle.id).fails(m.said("state", bundle.id, m.DOES_NOT_EXIST))
    assert hooks.order() == ["poststop"]
    if kind == "startContainer":
        assert not os.path.exists(bundle.inside("srv/ran"))


def test_a_failing_poststop_hook_is_only_a_warning(bundle, hooks):
    hooks.add("poststop", FAILING)
    hooks.record("poststop")
    bundle.configure(hooks.changes())
    bundle.create().ok()
    bundle.delete().exits(0)
    assert hooks.order() == ["poststop"]  # the one after it still runs
    assert not os.path.exists(f"{bundle.state_root}/{bundle.id}")


def test_poststop_runs_after_everything_is_gone(bundle, hooks):
    hooks.add("poststop", "#!/bin/busybox sh\n"
              f"busybox ls {bundle.state_root} > {hooks.folder}/state\n"
              f"busybox find /sys/fs/cgroup -name {bundle.id} > {hooks.folder}/cgroups\n",
              env=["PATH=/usr/bin:/bin"])
    bundle.configure(hooks.changes())
    bundle.run().ok()
    for name in ("state", "cgroups"):
        with open(f"{hooks.folder}/{name}") as file:
            assert bundle.id not in file.read()


@pytest.mark.parametrize("kind", AT_CREATE)
def test_a_hook_that_takes_too_long_is_killed_with_its_children(bundle, hooks, kind):
    path = hooks.add(kind, "#!/bin/busybox sh\nbusybox sleep 1000 &\nbusybox sleep 1000\n", timeout=1,
                     env=["PATH=/usr/bin:/bin"])
    bundle.configure(hooks.changes())
    bundle.create().fails(m.hook_timed_out(bundle, kind, path, 1))


@pytest.mark.parametrize("kind", ["prestart", "createContainer"])
def test_a_hook_that_is_not_there_is_named(bundle, hooks, kind):
    hooks.config = {kind: [{"path": "/no/such/hook"}]}
    bundle.configure(hooks.changes())
    bundle.create().fails(m.hook_missing(bundle, kind, "/no/such/hook"))


def test_a_hook_killed_by_a_signal_is_named(bundle, hooks):
    path = hooks.add("createRuntime", "#!/bin/busybox sh\nkill -9 $$\n")
    bundle.configure(hooks.changes())
    bundle.create().fails(m.hook_failed(bundle, "create", "createRuntime", path,
                                         "killed by signal 9 (SIGKILL)", ""))


def test_a_hook_that_writes_much_is_not_stuck(bundle, hooks):
    hooks.add("createRuntime", "#!/bin/busybox sh\nbusybox yes | busybox head -c 1000000\n"
              "busybox yes | busybox head -c 1000000 >&2\n", env=["PATH=/usr/bin:/bin"])
    bundle.configure(hooks.changes())
    bundle.run().exits(0)
