"""What more than one engine relies on, and no engine in particular."""

import json
import os

import pytest

from engine import die_with_caller, read
from harness import cgroups, host, processes
from harness.bundle import write
from harness.fake_systemd import SLICE
from harness.spec import shell

SLEEPER = {"process.args": ["/bin/sleep", "1000"]}
HEX = "0123456789abcdef" * 4


# ---- the command line ---------------------------------------------------------------------------

def test_success_is_silent(bundle):
    bundle.running(SLEEPER)  # create and start: silent, or it fails
    resources = bundle.file("resources.json", "{}")
    for words in (["pause", bundle.id], ["resume", bundle.id],
                  ["update", "--resources", resources, bundle.id], ["kill", bundle.id, "KILL"]):
        bundle.call(*words).ok("")
    bundle.end()
    bundle.delete().ok("")


@pytest.mark.parametrize("words", [
    ["--bundle", "{bundle}", "--pid-file", "{pid}"], ["--bundle={bundle}", "--pid-file={pid}"],
    ["-b", "{bundle}", "--pid-file", "{pid}"], ["-bundle", "{bundle}", "-pid-file={pid}"],
    ["--bundle", "/nowhere", "--bundle", "{bundle}", "--pid-file", "{pid}"]],
    ids=["space", "equals", "short", "one-dash", "twice"])
def test_flag_syntax(bundle, words):
    bundle.configure()
    said = [word.format(bundle=bundle.path, pid=bundle.pid_file) for word in words]
    bundle.expect()
    bundle.call("create", *said, bundle.id).ok("")
    assert bundle.pid == bundle.state()["pid"]


def test_options_after_the_operand(bundle):
    bundle.running(SLEEPER)
    bundle.call("update", bundle.id, "--pids-limit", "100").ok("")
    bundle.call("delete", bundle.id, "--force").ok("")


def test_operands_after_the_id_are_the_programs(bundle):
    """exec and ps stop at the first operand."""
    bundle.running(SLEEPER)
    bundle.call("exec", bundle.id, "echo", "--detach", "-t").ok("--detach -t\n")
    assert "PID" in bundle.call("ps", bundle.id, "-o", "pid,args").ok().stdout


@pytest.mark.parametrize("spelling", [[], ["15"], ["TERM"], ["SIGTERM"]], ids=str)
def test_signal_spelling(bundle, output_pipe, spelling):
    """A number, a name with and without SIG, or nothing."""
    bundle.configure(shell("trap 'exit 15' TERM; echo ready; while :; do sleep 0.01; done"))
    bundle.create(stdout=output_pipe.write_end).ok()
    bundle.start().ok("")
    assert output_pipe.line() == "ready"
    bundle.kill(*spelling).ok("")
    assert bundle.end() == 15


@pytest.mark.parametrize("name", [
    HEX, "buildah-buildah123456789", "q0lhp7tgl5k5z9nt4jj2w1a8s", "node1.alice.123.0.4",
    "TestContainerd_exec-1+x"])
def test_container_id(bundle, name):
    bundle.configure()
    bundle.create(container=name).ok("")
    assert bundle.state(container=name)["id"] == name


def test_unknown_global_flag(bundle):
    outcome = bundle.runtime.bare("--invalidflag", "create", "--bundle", bundle.path, bundle.id)
    assert outcome.status not in (0, 125) and "invalidflag" in outcome.stderr
    assert outcome.stdout == ""


# ---- errors -------------------------------------------------------------------------------------

def test_error_is_on_stderr_with_a_log_too(bundle):
    bundle.configure({"process.args": ["/no/such"]})
    log = bundle.path + "/log.json"
    bundle.runtime.flags = ["--log", log, "--log-format", "json"]
    said = bundle.create().exits(1)
    assert said.stdout == "" and said.stderr.count("\n") == 1
    assert json.loads(read(log))["msg"] in said.stderr


def test_log_is_made_without_an_error(bundle):
    bundle.runtime.flags = ["--log", bundle.path + "/log.json", "--log-format", "json"]
    bundle.configure()
    bundle.create().ok("")
    assert read(bundle.path + "/log.json") == ""


@pytest.mark.parametrize("command", ["state", "kill", "delete", "start", "exec", "pause", "resume",
                                     "ps"])
def test_absent_container(bundle, command):
    outcome = bundle.call(command, bundle.id, *(["true"] if command == "exec" else []))
    assert outcome.status != 0 and outcome.stdout == ""
    assert "container does not exist" in outcome.stderr


def test_exit_status_of_an_exec_that_fails(bundle):
    """255, which no program of CRI-O's or BuildKit's is confused with 126 or 127 by."""
    bundle.running(SLEEPER)
    bundle.call("exec", bundle.id, "/no/such").exits(255)


# ---- processes and descriptors ------------------------------------------------------------------

def test_pdeathsig_is_not_inherited(bundle):
    """It kills the runtime when its caller dies, and must not reach what it started."""
    bundle.configure(SLEEPER)
    bundle.expect()
    caller = os.fork()
    if caller == 0:
        try:
            bundle.create(before=die_with_caller).ok("")
            os._exit(0)
        finally:
            os._exit(99)
    assert processes.wait_exit(caller) == 0
    assert bundle.status() == "created" and processes.is_alive(bundle.pid)
    bundle.start().ok("")
    assert bundle.status() == "running"


def test_half_made_state_is_removed(bundle):
    """What a create that was killed at its first steps leaves; all of them: test_kill9."""
    os.mkdir(f"{bundle.state_root}/{bundle.id}")
    bundle.delete("--force").ok("")
    assert os.listdir(bundle.state_root) == []


def test_junk_descriptors_are_scrubbed(bundle):
    """Podman leaks bound sockets, moby's tests open 41 and 42."""
    bundle.configure({"process.args": ["/bin/busybox", "ls", "/proc/self/fd"]})
    junk = os.open(bundle.path, os.O_RDONLY)

    def leak():
        for number in (3, 7, 41, 42):
            os.dup2(junk, number)
    out = bundle.run(before=leak, close_fds=False).ok().stdout
    os.close(junk)
    assert set(out.split()) <= {"0", "1", "2", "3"}  # 3: the folder that ls reads


def test_waiting_init_holds_no_descriptors(bundle):
    bundle.configure()
    junk = os.open(bundle.path, os.O_RDONLY)
    bundle.create(before=lambda: os.dup2(junk, 41), close_fds=False).ok("")
    os.close(junk)
    folder = f"/proc/{bundle.pid}/fd"
    held = [os.readlink(f"{folder}/{fd}") for fd in os.listdir(folder)]
    assert bundle.path not in held


def test_standard_streams_are_the_callers(bundle, output_pipe):
    bundle.configure(shell("cat; echo done"))
    source, target = os.pipe()
    bundle.create(stdin=source, stdout=output_pipe.write_end).ok()
    os.close(source)
    bundle.start().ok("")
    os.write(target, b"in ")
    os.close(target)
    assert output_pipe.rest() == "in done\n"


# ---- what persists ------------------------------------------------------------------------------

def test_root_is_shared(bundle):
    """With runc's containers (containerd, dockerd) or unrelated files (Slurm: /tmp)."""
    runcs, file = f"{bundle.state_root}/runcs", f"{bundle.state_root}/file"
    os.mkdir(runcs)
    for path in (file, f"{runcs}/state.json"):
        write(path, '{"id":"runcs","init_process_pid":1}')
    bundle.running(SLEEPER)
    bundle.call("list", "--quiet").ok(bundle.id + "\n")
    bundle.call("delete", "--force", "--regex", "file|runcs").ok("")
    os.unlink(f"{runcs}/state.json")
    os.rmdir(runcs)
    os.unlink(file)


def test_root_is_made(bundle):
    bundle.configure()
    root = f"{bundle.state_root}/deep/root"
    bundle.runtime.root = root
    bundle.create().ok("")
    bundle.delete().ok("")
    os.removedirs(root)
    os.makedirs(bundle.state_root, exist_ok=True)


def test_default_root(bundle):
    """Of a root whose XDG_RUNTIME_DIR is empty, as Podman passes it."""
    bundle.configure()
    bundle.expect()
    bundle.runtime.bare("create", "--bundle", bundle.path, bundle.id,
                        env={"XDG_RUNTIME_DIR": ""}).ok("")
    assert os.path.isdir(f"/run/brig/{bundle.id}")
    bundle.runtime.bare("delete", bundle.id).ok("")


def test_systemd_cgroup_is_said_once(make_setting):
    """At create; not at start, kill, delete, update (Podman, CRI-O, Buildah, a shim's delete)."""
    setting = make_setting()
    bundle = setting.bundle
    setting.configure(SLEEPER)
    bundle.create().ok("")
    bundle.runtime.flags = []
    bundle.start().ok("")
    bundle.call("update", "--cpu-share", "500", bundle.id).ok("")
    assert setting.systemd.asked("SetUnitProperties")
    bundle.kill("KILL").ok("")
    bundle.end()
    bundle.delete().ok("")
    assert setting.systemd.units == {}


# ---- cgroupsPath --------------------------------------------------------------------------------

@pytest.mark.parametrize("prefix, slice_", [
    ("docker", SLICE), ("libpod", SLICE), ("nerdctl", SLICE), ("foo", SLICE),
    ("cri-containerd", "{base}-burstable-pod1.slice"), ("crio", "{base}-besteffort-pod_2.slice")],
    ids=["docker", "podman", "nerdctl", "ctr", "kubernetes", "crio"])
def test_systemd_cgroups_path(make_setting, prefix, slice_):
    """SLICE:PREFIX:NAME, where a dash of the slice's name is a level."""
    setting = make_setting(pure_v2=True)
    bundle = setting.bundle
    name = slice_.format(base=SLICE.removesuffix(".slice"))
    setting.configure({**SLEEPER, "linux.cgroupsPath": f"{name}:{prefix}:{bundle.id}"})
    bundle.create().ok("")
    unit = setting.systemd.unit
    assert (unit.name, unit.properties["Slice"]) == (f"{prefix}-{bundle.id}.scope", name)
    assert f"/{name}/{unit.name}" in read(f"/proc/{bundle.pid}/cgroup")
    bundle.delete("--force").ok("")
    if name != SLICE:
        remove_slices_below(SLICE)  # the real systemd's


def remove_slices_below(slice_):
    for point in cgroups.hierarchies():
        for folder, names, _ in os.walk(point + "/" + slice_, topdown=False):
            for name in names:
                os.rmdir(f"{folder}/{name}")


@pytest.mark.parametrize("form", ["/docker/{id}", "/default/{id}", "/libpod_parent/libpod-{id}"])
def test_cgroupfs_cgroups_path(bundle, form):
    """Absolute; its last name keeps the id, by which cadvisor finds it."""
    path = host.CGROUP_PARENT + form.format(id=bundle.id)
    bundle.configure({**SLEEPER, "linux.cgroupsPath": path})
    bundle.create().ok("")
    assert f":{path}\n" in read(f"/proc/{bundle.pid}/cgroup")
    bundle.delete("--force").ok("")
    for point in cgroups.hierarchies():
        if os.path.isdir(os.path.dirname(point + path)):
            os.rmdir(os.path.dirname(point + path))


def test_cgroups_path_is_empty(bundle):
    """Rootless Docker and Podman: no path, no resources."""
    bundle.configure({"linux.cgroupsPath": ""}, without=["linux.resources"])
    bundle.create().ok("")
