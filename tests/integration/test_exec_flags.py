"""exec: every flag that runc and crun have, and the process files that engines write."""

import json
import os
import signal

import pytest

import messages as m
from harness import cgroups, processes
from harness.spec import USER_NAMESPACE, namespaces
from harness.terminal import read_some

pytestmark = pytest.mark.sanitize

PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CAPS = ["CAP_CHOWN", "CAP_KILL"]
SYNC = {"x86_64": 162, "aarch64": 81}[os.uname().machine]


def execute(bundle, *words, **options):
    return bundle.call("exec", *words, **options)


def inside(bundle, *flags, probe=()):
    return json.loads(execute(bundle, *flags, bundle.id, "/probe", *probe).ok().stdout)


def by_file(bundle, process, *flags, **options):
    file = bundle.file("process.json", json.dumps(process))
    return execute(bundle, *flags, "--process", file, bundle.id, **options)


# ---- flags --------------------------------------------------------------------------------------

def test_no_new_privileges_can_be_asked_for_and_are_otherwise_the_containers(bundle):
    bundle.running({"process.noNewPrivileges": False})
    assert inside(bundle)["no_new_privs"] == 0
    assert inside(bundle, "--no-new-privs")["no_new_privs"] == 1
    assert inside(bundle, "--no-new-privs=true")["no_new_privs"] == 1


def test_the_containers_no_new_privileges_can_be_taken_back(bundle):
    """As with runc: whoever may call exec may do what it likes."""
    bundle.running()
    assert inside(bundle)["no_new_privs"] == 1
    assert inside(bundle, "--no-new-privs=false")["no_new_privs"] == 0


def test_a_user_by_number_keeps_the_group_of_the_container(bundle):
    bundle.running({"process.user": {"uid": 7, "gid": 8, "additionalGids": [9]}})
    seen = inside(bundle, "--user", "4242")
    assert (seen["uids"], seen["gids"], seen["groups"]) == ([4242] * 3, [8] * 3, [9])
    seen = inside(bundle, "--user", "4242:43")
    assert (seen["uids"], seen["gids"], seen["groups"]) == ([4242] * 3, [43] * 3, [9])


@pytest.mark.parametrize("flags, text", [
    (["--cap", "CAP_FLY"], m.EXEC_NO_CAPABILITY.format(name="CAP_FLY")),
    (["-g", "-1"], m.EXEC_NO_GROUP_ID.format(name="-1")),
    (["-g", "audio"], m.EXEC_NO_GROUP_ID.format(name="audio")),
    (["--cwd", "relative"], m.EXEC_RELATIVE_CWD),
    (["--cwd", "/nowhere"], m.EXEC_NO_CWD),
    (["--cgroup", "a:b:c"], m.EXEC_BAD_CGROUP)])
def test_a_value_that_cannot_be_is_named(bundle, flags, text):
    bundle.running()
    execute(bundle, *flags, bundle.id, "true").fails(m.said("exec", bundle.id, text), 255)


def test_the_last_of_several_values_counts(bundle):
    bundle.running({"process.env": [PATH, "A=container"]})
    execute(bundle, "-e", "A=first", "-e", "A=last", "-e", "EMPTY=", bundle.id, "sh", "-c",
            'echo "$A ${EMPTY-unset}."').ok("last .\n")
    assert inside(bundle, "--cwd", "/srv", "--cwd", "/tmp")["cwd"] == "/tmp"


def test_a_working_directory_that_only_its_user_may_enter(bundle):
    bundle.running({"process.capabilities": {}})
    os.mkdir(bundle.inside("srv/private"), 0o700)
    os.chown(bundle.inside("srv/private"), 1000, 1000)
    assert inside(bundle, "-u", "1000", "--cwd", "/srv/private")["cwd"] == "/srv/private"


def test_flags_can_be_spelled_as_with_any_runtime(bundle):
    """One dash or two, with = or a space, letters bundled, false said aloud."""
    bundle.running()
    pid_file = os.path.join(bundle.path, "exec.pid")
    assert inside(bundle, "-cwd=/tmp", "-user", "5")["cwd"] == "/tmp"
    assert inside(bundle, "--tty=false")["tty"] == 0
    execute(bundle, "-d", f"-pid-file={pid_file}", bundle.id, "true").ok("")
    with open(pid_file) as file:
        assert processes.wait_exit(int(file.read())) == 0


def test_the_pid_file_has_digits_alone_and_replaces_another(bundle):
    bundle.running()
    pid_file = bundle.file("exec.pid", "what was there before, and much longer")
    execute(bundle, "-d", "--pid-file", "exec.pid", bundle.id, "sleep", "1000",
            cwd=bundle.path).ok("")
    with open(pid_file) as file:
        text = file.read()
    assert text.isdigit()
    processes.kill(int(text))
    processes.wait_exit(int(text))


def test_preserved_descriptors_that_are_not_open_stay_closed(bundle):
    """Podman passes a count and not a list; the numbers must not become brig's own meanwhile."""
    bundle.running()
    assert sorted(inside(bundle, "--preserve-fds", "5")["fds"]) == ["0", "1", "2"]


def make_inner(directory):
    os.mkdir(f"{directory}/inner")
    for name in ("cpuset.cpus", "cpuset.mems"):  # v1: an empty set takes no process
        if os.path.exists(f"{directory}/{name}"):
            with open(f"{directory}/{name}") as above, \
                    open(f"{directory}/inner/{name}", "w") as below:
                below.write(above.read())


def cgroups_of(text):
    """{controllers: path} of /proc/PID/cgroup."""
    return {line.split(":", 2)[1]: line.split(":", 2)[2] for line in text.splitlines()}


@pytest.mark.skipif(not cgroups.mount_point("pids") or not cgroups.mount_point("memory"),
                    reason="no v1 hierarchies to name")
def test_a_v1_controller_can_have_a_cgroup_of_its_own(bundle):
    bundle.running()
    for controller in ("pids", "memory"):
        make_inner(cgroups.mount_point(controller) + bundle.cgroup)
    outcome = execute(bundle, "--cgroup", "pids,memory:/inner", bundle.id,
                      "cat", "/proc/self/cgroup")
    found = cgroups_of(outcome.ok().stdout)
    assert found["pids"] == found["memory"] == f"{bundle.cgroup}/inner"
    assert found["freezer"] == bundle.cgroup
    execute(bundle, "--cgroup", "nosuch:/inner", bundle.id, "true").fails(
        m.said("exec", bundle.id, m.EXEC_NO_CONTROLLER), 255)


# ---- process files ------------------------------------------------------------------------------

# Taken from what each engine hands over; only what is of the machine has been changed.
FILES = {
    # dockerd by containerd's shim: the whole struct of runtime-spec 1.0.2's Go bindings
    "docker": {
        "user": {"uid": 1000, "gid": 1000, "additionalGids": [29]}, "args": ["/probe"],
        "env": [PATH, "HOSTNAME=7d3f1c", "TERM=xterm"], "cwd": "/tmp",
        "capabilities": {"bounding": CAPS, "effective": CAPS, "permitted": CAPS},
        "apparmorProfile": "", "oomScoreAdj": 0, "noNewPrivileges": False, "selinuxLabel": ""},
    # Podman by conmon: a copy of the container's process, with a mask of umask and all limits
    "podman": {
        "terminal": False, "consoleSize": {"height": 0, "width": 0},
        "user": {"uid": 1000, "gid": 1000, "umask": 18, "additionalGids": [29]},
        "args": ["/probe"], "env": [PATH, "TERM=xterm", "container=podman", "HOME=/home/alice"],
        "cwd": "/tmp", "capabilities": {"bounding": CAPS, "effective": CAPS, "permitted": CAPS,
                                        "inheritable": CAPS, "ambient": CAPS},
        "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1024}],
        "oomScoreAdj": 0, "apparmorProfile": "", "selinuxLabel": ""},
    # CRI-O, streaming: in the foreground
    "cri-o": {
        "user": {"uid": 1000, "gid": 1000, "umask": 18, "additionalGids": [29]},
        "args": ["/probe"], "env": [PATH], "cwd": "/tmp",
        "capabilities": {"bounding": CAPS, "effective": CAPS, "permitted": CAPS},
        "noNewPrivileges": True, "oomScoreAdj": 1000},
    # BuildKit
    "buildkit": {
        "user": {"uid": 1000, "gid": 1000, "additionalGids": [29]}, "args": ["/probe"],
        "env": [PATH], "cwd": "/tmp",
        "capabilities": {"bounding": CAPS, "effective": CAPS, "permitted": CAPS, "inheritable": []},
        "execCPUAffinity": {"initial": "0", "final": "0"}, "scheduler": None, "ioPriority": None},
}


@pytest.mark.parametrize("engine", FILES)
def test_the_process_file_of_an_engine_is_understood(bundle, engine):
    bundle.running()
    wanted = FILES[engine]
    seen = json.loads(by_file(bundle, wanted).ok().stdout)
    assert (seen["uids"], seen["gids"], seen["groups"]) == ([1000] * 3, [1000] * 3, [29])
    assert seen["env"][:len(wanted["env"])] == wanted["env"] and seen["cwd"] == "/tmp"
    assert seen["capabilities"]["bounding"] == [0, 5]
    assert seen["capabilities"]["inheritable"] == ([0, 5] if engine == "podman" else [])
    assert seen["no_new_privs"] == wanted.get("noNewPrivileges", False)
    assert int(seen["oom_score_adj"]) == wanted.get("oomScoreAdj", int(seen["oom_score_adj"]))


def test_members_that_nobody_knows_are_passed_over(bundle):
    """A later version of the specification may have them; create does the same."""
    bundle.running()
    by_file(bundle, {"args": ["/bin/echo", "ran"], "cwd": "/", "commandLine": "windows",
                     "later": {"a": []}}).ok("ran\n")


def test_faults_of_a_process_file_are_told_with_their_places(bundle):
    bundle.running()
    process = {"args": [], "cwd": "tmp", "rlimits": [{"type": "RLIMIT_FOO", "soft": 1, "hard": 1}],
               "capabilities": {"bounding": ["CAP_FLY"]}, "scheduler": {"policy": "SCHED_X"},
               "ioPriority": {"class": "IOPRIO_CLASS_BE", "priority": 9}}
    outcome = by_file(bundle, process).exits(255)
    for path in ("args", "cwd", "rlimits[0].type", "scheduler.policy", "ioPriority.priority"):
        assert f" {path}: " in outcome.stderr, path


def test_a_process_file_has_its_own_limits_schedule_and_priority(bundle):
    bundle.running({"process.rlimits": [{"type": "RLIMIT_NOFILE", "soft": 64, "hard": 64}]})
    cpu = str(sorted(os.sched_getaffinity(0))[-1])
    seen = json.loads(by_file(bundle, {
        "args": ["/probe"], "cwd": "/", "rlimits": [{"type": "RLIMIT_CORE", "soft": 1, "hard": 2}],
        "scheduler": {"policy": "SCHED_BATCH", "nice": 4}, "oomScoreAdj": 77,
        "ioPriority": {"class": "IOPRIO_CLASS_BE", "priority": 6},
        "execCPUAffinity": {"final": cpu}}).ok().stdout)
    assert seen["rlimits"]["CORE"] == [1, 2] and seen["scheduler"] == 3 and seen["nice"] == 4
    assert int(seen["oom_score_adj"]) == 77
    assert f"Cpus_allowed_list:\t{cpu}\n" in seen["status"]


def test_a_process_file_is_under_the_containers_filter_too(bundle):
    bundle.running({"linux.seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
        {"names": ["sync"], "action": "SCMP_ACT_ERRNO", "errnoRet": 2}]}})
    for nnp in (True, False):
        process = {"args": ["/probe", "--call", str(SYNC)], "cwd": "/", "noNewPrivileges": nnp}
        assert json.loads(by_file(bundle, process).ok().stdout)["call"] == {str(SYNC): "ENOENT"}


def test_a_process_file_can_ask_for_a_terminal(bundle, fd_receiver):
    bundle.running()
    process = {"args": ["/bin/sh", "-c", "stty size"], "cwd": "/", "terminal": True, "env": [PATH],
               "consoleSize": {"height": 33, "width": 99}}
    by_file(bundle, process, "--detach").fails(
        m.said("exec", bundle.id, m.NEEDS_CONSOLE_SOCKET), 255)
    by_file(bundle, process, "--detach", "--console-socket", fd_receiver.path, "--pid-file",
            os.path.join(bundle.path, "exec.pid")).ok("")
    _, master = fd_receiver.receive()
    assert read_some(master, b"\r\n") == b"33 99\r\n"


def test_a_process_file_that_is_not_there_is_named(bundle):
    bundle.running()
    execute(bundle, "--process", "/nowhere", bundle.id).fails(
        m.said("exec", bundle.id, m.EXEC_NO_FILE), 255)


# ---- containers of other kinds ------------------------------------------------------------------

@pytest.mark.parametrize("kind", ["pid", "network", "ipc", "uts", "cgroup"])
def test_it_joins_whatever_the_container_joined(bundle, holder, kind):
    own = [each for each in ("pid", "network", "ipc", "uts", "mount") if each != kind]
    bundle.running({"linux.namespaces": namespaces(*own, **{kind: holder.path(kind)})})
    name = {"network": "net"}.get(kind, kind)
    assert inside(bundle)["namespaces"][name] == os.readlink(holder.path(kind))


def test_it_joins_a_user_namespace_that_the_container_joined(mapped_bundle, mapped_holder):
    joined = {kind: mapped_holder.path(kind) for kind in ("user", "network", "ipc")}
    mapped_bundle.running({"linux.namespaces": namespaces("pid", "uts", "mount", **joined)})
    seen = inside(mapped_bundle, "--user", "1000")
    for kind, name in (("user", "user"), ("network", "net"), ("ipc", "ipc")):
        assert seen["namespaces"][name] == os.readlink(mapped_holder.path(kind))
    assert seen["uids"] == [1000] * 3


@pytest.mark.parametrize("nnp", [True, False])
def test_in_a_user_namespace_everything_is_its_own(mapped_bundle, nnp):
    mapped_bundle.running({
        "linux.namespaces": namespaces("user", "pid", "mount", "ipc", "uts", "network"),
        **USER_NAMESPACE, "process.noNewPrivileges": nnp,
        "linux.seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
            {"names": ["sync"], "action": "SCMP_ACT_ERRNO", "errnoRet": 2}]}})
    seen = inside(mapped_bundle, "-u", "1000:1000", "-g", "29", "--cap", "CAP_NET_RAW",
                  probe=["--call", str(SYNC)])
    assert (seen["uids"], seen["gids"], seen["groups"]) == ([1000] * 3, [1000] * 3, [29])
    assert seen["capabilities"]["bounding"] == [5, 10, 13, 29]
    assert seen["capabilities"]["effective"] == []
    assert seen["call"] == {str(SYNC): "ENOENT"}
    with open(f"/proc/{mapped_bundle.pid}/uid_map") as file:
        assert seen["uid_map"] == file.read()


def test_nobody_who_is_not_mapped_can_be_asked_for(mapped_bundle):
    mapped_bundle.running({
        "linux.namespaces": namespaces("user", "pid", "mount", "ipc", "uts", "network"),
        **USER_NAMESPACE})
    execute(mapped_bundle, "--user", "70000", mapped_bundle.id, "true").fails(
        m.said("exec", mapped_bundle.id, m.UNMAPPED_USER.format(uid=70000)), 255)


def test_a_container_that_ends_takes_what_was_executed_with_it(bundle):
    """The pid namespace ends with its first process."""
    bundle.running()
    running = bundle.runtime.spawn("exec", bundle.id, "sh", "-c", "echo ready; sleep 1000")
    processes.until(lambda: "ready" in running.captures[0].text(), "the program to be ready")
    bundle.kill("KILL").ok()
    running.wait().exits(128 + signal.SIGKILL)
    assert bundle.end() == 128 + signal.SIGKILL
