"""exec: a further process in a container that is there."""

import json
import os
import signal

import pytest

import messages as m
from harness import cgroups, processes
from harness.spec import USER_NAMESPACE, namespaces

pytestmark = [pytest.mark.sanitize, pytest.mark.cgroup2]

PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
FORBID_SYNC = {"linux.seccomp": {
    "defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
    "syscalls": [{"names": ["sync"], "action": "SCMP_ACT_ERRNO", "errnoRet": 2}]}}
SYNC = {"x86_64": 162, "aarch64": 81}[os.uname().machine]


def execute(bundle, *words, **options):
    return bundle.call("exec", *words, **options)


def inside(bundle, *flags, probe=()):
    """What a process that exec starts says of itself."""
    return json.loads(execute(bundle, *flags, bundle.id, "/probe", *probe).ok().stdout)


# ---- where it runs ------------------------------------------------------------------------------

def test_it_joins_every_namespace_of_the_container(bundle):
    bundle.running({"linux.namespaces": namespaces("pid", "mount", "ipc", "uts", "network",
                                                   "cgroup")})
    seen = inside(bundle)["namespaces"]
    for name in ("pid", "mnt", "ipc", "uts", "net", "cgroup", "user", "time"):
        assert seen[name] == os.readlink(f"/proc/{bundle.pid}/ns/{name}"), name


def test_it_has_the_containers_root_and_a_pid_of_its_own(bundle):
    bundle.running()
    seen = inside(bundle)
    assert seen["cwd"] == "/" and seen["pid"] > 1 and seen["ppid"] == 0
    assert seen["sid"] == seen["pid"] == seen["pgid"]
    assert seen["hostname"] == "brig"


def test_it_is_in_the_containers_cgroups(bundle):
    bundle.running()
    in_container = execute(bundle, bundle.id, "cat", "/proc/self/cgroup").ok().stdout
    with open(f"/proc/{bundle.pid}/cgroup") as file:
        assert in_container == file.read()


def test_it_joins_a_user_namespace_as_its_root(mapped_bundle):
    mapped_bundle.running({"linux.namespaces": namespaces("user", "pid", "mount", "ipc", "uts",
                                                          "network"), **USER_NAMESPACE})
    seen = inside(mapped_bundle)
    assert seen["namespaces"]["user"] == os.readlink(f"/proc/{mapped_bundle.pid}/ns/user")
    assert seen["uids"] == [0, 0, 0] and seen["gids"] == [0, 0, 0]


def test_it_joins_joined_namespaces_too(bundle, holder):
    bundle.running({"linux.namespaces": namespaces("pid", "mount", "ipc", "uts",
                                                   network=holder.path("network"))})
    assert inside(bundle)["namespaces"]["net"] == os.readlink(holder.path("network"))


def test_without_a_pid_namespace_it_is_in_the_hosts(bundle):
    bundle.running({"linux.namespaces": namespaces("mount", "ipc", "uts")})
    seen = inside(bundle)
    assert seen["namespaces"]["pid"] == os.readlink("/proc/self/ns/pid")
    assert seen["namespaces"]["mnt"] == os.readlink(f"/proc/{bundle.pid}/ns/mnt")
    assert seen["sid"] == seen["pid"]


def test_without_a_mount_namespace_its_root_is_the_containers(bundle):
    bundle.running({"linux.namespaces": namespaces("pid", "uts"), "mounts": []},
                   without=["linux.maskedPaths", "linux.readonlyPaths", "root.readonly"])
    assert execute(bundle, bundle.id, "ls", "/probe").ok("/probe\n")


def test_in_a_joined_mount_namespace_its_root_is_the_containers(bundle):
    """And not what that namespace begins with: here the host's own."""
    bundle.running({"linux.namespaces": namespaces("pid", "uts", mount=f"/proc/{os.getpid()}/ns/mnt"),
                    "mounts": [], "root.readonly": False, "linux.maskedPaths": [],
                    "linux.readonlyPaths": []})
    root = os.stat(bundle.rootfs)
    seen = execute(bundle, bundle.id, "/bin/stat", "-c", "%d %i", "/").ok().stdout
    assert seen == f"{root.st_dev} {root.st_ino}\n"


def test_it_can_enter_a_container_that_was_only_created(bundle):
    bundle.configure({"process.args": ["/bin/sleep", "1000"]}).create().ok()
    assert inside(bundle)["pid"] > 1
    assert bundle.status() == "created"


def make_inner(directory):
    os.mkdir(f"{directory}/inner")
    for name in ("cpuset.cpus", "cpuset.mems"):  # v1: an empty set takes no process
        if os.path.exists(f"{directory}/cgroup.clone_children"):
            if os.path.exists(f"{directory}/{name}"):
                with open(f"{directory}/{name}") as above, \
                        open(f"{directory}/inner/{name}", "w") as below:
                    below.write(above.read())


def test_a_sub_cgroup_can_be_chosen(bundle):
    bundle.running()
    for directory in bundle.cgroup_directories():
        make_inner(directory)
    seen = execute(bundle, "--cgroup", "/inner", bundle.id, "cat", "/proc/self/cgroup").ok().stdout
    paths = [line.split(":", 2)[2] for line in seen.splitlines()]
    assert paths.count(f"{bundle.cgroup}/inner") == len(bundle.cgroup_directories())


@pytest.mark.parametrize("path, text", [
    ("/nowhere", m.EXEC_NO_CGROUP), ("../..", m.EXEC_CGROUP_ESCAPE)])
def test_a_sub_cgroup_must_be_there_and_below(bundle, path, text):
    bundle.running()
    execute(bundle, "--cgroup", path, bundle.id, "true").fails(
        m.pattern("exec", bundle.id, text.format(path=path)), 255)


# ---- who it is ----------------------------------------------------------------------------------

def test_it_is_the_containers_process_but_for_its_program(bundle):
    bundle.running({"process.user": {"uid": 1000, "gid": 1000, "additionalGids": [29],
                                     "umask": 0o027},
                    "process.cwd": "/tmp", "process.env": [PATH, "A=1"],
                    "process.rlimits": [{"type": "RLIMIT_NOFILE", "soft": 64, "hard": 64}],
                    "process.oomScoreAdj": 321})
    seen = inside(bundle)
    assert seen["uids"] == [1000] * 3 and seen["gids"] == [1000] * 3 and seen["groups"] == [29]
    assert seen["cwd"] == "/tmp" and seen["umask"] == 0o027
    assert seen["env"] == [PATH, "A=1", "HOME=/home/alice"]
    assert seen["rlimits"]["NOFILE"] == [64, 64]
    assert int(seen["oom_score_adj"]) == 321
    assert seen["no_new_privs"] == 1


def test_capabilities_are_the_containers(bundle):
    bundle.running()
    assert inside(bundle)["capabilities"]["bounding"] == [5, 10, 29]
    added = inside(bundle, "--cap", "net_raw", "--cap", "CAP_CHOWN")["capabilities"]
    assert added["bounding"] == added["effective"] == added["permitted"] == [0, 5, 10, 13, 29]
    assert added["inheritable"] == added["ambient"] == []  # CVE-2022-27650


def test_flags_change_the_process(bundle):
    bundle.running()
    seen = inside(bundle, "--cwd", "/tmp", "-e", "A=1", "--env", "B=2", "-u", "1000:5",
                  "-g", "29", "--additional-gids=30")
    assert seen["cwd"] == "/tmp" and "A=1" in seen["env"] and "B=2" in seen["env"]
    assert seen["uids"] == [1000] * 3 and seen["gids"] == [5] * 3 and seen["groups"] == [29, 30]
    assert "HOME=/home/alice" in seen["env"]


@pytest.mark.parametrize("user, uid, gid, groups", [
    ("alice", 1000, 1000, [29]), ("alice:audio", 1000, 29, [29]), ("1001:audio", 1001, 29, []),
    ("4242", 4242, 0, []), ("root", 0, 0, [])])
def test_a_user_is_a_number_or_a_name_of_the_container(bundle, user, uid, gid, groups):
    bundle.running()
    seen = inside(bundle, "--user", user)
    assert (seen["uids"], seen["gids"], seen["groups"]) == ([uid] * 3, [gid] * 3, groups)


@pytest.mark.parametrize("user, text", [
    ("nobody", m.EXEC_NO_USER), ("-1", m.EXEC_NO_USER), ("4294967295", m.EXEC_NO_USER),
    ("0x0", m.EXEC_NO_USER), ("0:nobody", m.EXEC_NO_GROUP)])
def test_no_user_becomes_another_by_mistake(bundle, user, text):
    bundle.running()
    name = user.rpartition(":")[2]
    execute(bundle, f"--user={user}", bundle.id, "true").fails(
        m.said("exec", bundle.id, text.format(name=name)), 255)


def test_a_process_file_says_everything(bundle):
    bundle.running()
    process = {"args": ["/probe"], "cwd": "/srv", "env": ["X=y"], "user": {"uid": 7, "gid": 8},
               "noNewPrivileges": True, "rlimits": [{"type": "RLIMIT_CORE", "soft": 0, "hard": 0}]}
    file = bundle.file("process.json", json.dumps(process))
    seen = json.loads(execute(bundle, "--process", file, bundle.id).ok().stdout)
    assert seen["cwd"] == "/srv" and seen["env"] == ["X=y", "HOME=/"]
    assert seen["uids"] == [7] * 3 and seen["gids"] == [8] * 3
    assert seen["capabilities"]["bounding"] == []


def test_a_wrong_process_file_is_explained(bundle):
    bundle.running()
    file = bundle.file("process.json", '{"args": 5, "cwd": "relative"}')
    outcome = execute(bundle, "--process", file, bundle.id).exits(255)
    assert f"{file}:1:10: args: " in outcome.stderr and ": cwd: " in outcome.stderr


def test_the_saved_configuration_counts_not_the_bundles(bundle):
    bundle.running({"process.env": [PATH, "WHEN=created"]})
    bundle.configure({"process.env": [PATH, "WHEN=later"]})
    assert "WHEN=created" in inside(bundle)["env"]
    os.unlink(os.path.join(bundle.path, "config.json"))
    assert "WHEN=created" in inside(bundle)["env"]


def test_it_shares_the_containers_session_keyring(bundle):
    bundle.running()
    first = inside(bundle)["session_keyring_is"].split(";")[-1]
    assert first == f"_ses.{bundle.id}"
    assert inside(bundle)["session_keyring"] == inside(bundle)["session_keyring"]


# ---- seccomp ------------------------------------------------------------------------------------

@pytest.mark.parametrize("no_new_privileges", [True, False])
def test_the_containers_filter_holds_for_it(bundle, no_new_privileges):
    bundle.running({**FORBID_SYNC, "process.noNewPrivileges": no_new_privileges})
    seen = inside(bundle, probe=["--call", str(SYNC)])
    assert list(seen["call"].values()) == ["ENOENT"]


def test_a_filter_that_forbids_the_trampolines_calls_is_loaded_all_the_same(bundle):
    forbid = {"defaultAction": "SCMP_ACT_ALLOW",
              "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
              "syscalls": [{"names": ["execveat", "setsid", "clone"], "action": "SCMP_ACT_ERRNO"}]}
    bundle.running({"linux.seccomp": forbid, "process.noNewPrivileges": False})
    assert inside(bundle)["seccomp"] == 2


# ---- what the caller gets -----------------------------------------------------------------------

def test_the_exit_status_is_the_programs(bundle):
    bundle.running()
    execute(bundle, bundle.id, "sh", "-c", "exit 7").exits(7)
    execute(bundle, bundle.id, "sh", "-c", "kill -TERM $$").exits(128 + signal.SIGTERM)


def test_the_programs_own_flags_are_its_own(bundle):
    bundle.running()
    execute(bundle, bundle.id, "echo", "-n", "--help", "-t").ok("--help -t")
    execute(bundle, bundle.id, "--", "echo", "x").exits(255)


def test_input_and_output_are_the_callers(bundle):
    bundle.running()
    reader, writer = os.pipe()
    os.write(writer, b"through and through")
    os.close(writer)
    execute(bundle, bundle.id, "cat", stdin=reader).ok("through and through")
    os.close(reader)


def test_detached_it_leaves_a_child_for_the_caller_to_reap(bundle):
    bundle.running()
    pid_file = os.path.join(bundle.path, "exec.pid")
    execute(bundle, "--detach", "--pid-file", pid_file, bundle.id, "sh", "-c",
            "exec sleep 0.1; exit 9").ok("")
    with open(pid_file) as file:
        pid = int(file.read())
    assert processes.wait_exit(pid) == 0


def test_signals_reach_the_program(bundle):
    bundle.running()
    running = bundle.runtime.spawn("exec", bundle.id, "sh", "-c",
                                   "trap 'exit 5' TERM; echo ready; while :; do sleep 0.1; done")
    processes.until(lambda: "ready" in running.captures[0].text(), "the program to be ready")
    running.signal(signal.SIGTERM)
    running.wait().exits(5)


def test_preserved_descriptors_and_no_others_arrive(bundle):
    bundle.running()
    kept = os.open("/dev/null", os.O_RDONLY)

    def arrange():
        os.dup2(kept, 3)
        os.dup2(kept, 9)

    out = bundle.runtime.spawn("exec", "--preserve-fds", "1", bundle.id, "/probe", before=arrange,
                               close_fds=False).wait().ok().stdout
    assert sorted(json.loads(out)["fds"]) == ["0", "1", "2", "3"]
    os.close(kept)


def test_a_pidfd_can_be_had(bundle, fd_receiver):
    bundle.running()
    pid_file = os.path.join(bundle.path, "exec.pid")
    execute(bundle, "-d", "--pidfd-socket", fd_receiver.path, "--pid-file", pid_file, bundle.id,
            "sleep", "1000").ok()
    word, pidfd = fd_receiver.receive()
    with open(pid_file) as file:
        pid = int(file.read())
    with open(f"/proc/self/fdinfo/{pidfd}") as file:
        assert f"Pid:\t{pid}\n" in file.read()
    assert word == b"setns"


# ---- terminals ----------------------------------------------------------------------------------

def test_a_terminal_in_the_foreground(bundle, terminal):
    bundle.running()
    person = terminal(bundle.runtime.argv("exec", "--tty", bundle.id, "/bin/sh"), rows=33,
                      columns=99)
    person.expect(b"/ # ")
    person.send(b"stty size; tty; cut -d' ' -f1,5,6,8 /proc/$$/stat\n")
    person.expect(b"33 99\r\n/dev/pts/0\r\n")
    own, group, session, foreground = person.expect(b"\r\n").split()
    assert own == group == session
    person.expect(b"/ # ")
    person.send(b"exit 3\n")
    assert person.wait() == 3


def test_a_terminal_through_a_console_socket(bundle, fd_receiver):
    bundle.running()
    execute(bundle, "-d", "-t", "--console-socket", fd_receiver.path, "--pid-file",
            os.path.join(bundle.path, "exec.pid"), bundle.id, "/bin/sh").ok()
    _, master = fd_receiver.receive()
    os.write(master, b"echo $((6 * 7)); exit\n")
    found = b""
    while b"42" not in found:
        processes.wait_readable(master, f"an answer after {found!r}")
        found += os.read(master, 4096)


@pytest.mark.parametrize("flags, text", [
    (["-t", "-d"], m.NEEDS_CONSOLE_SOCKET), (["--console-socket=/s"], m.NEEDS_TERMINAL)])
def test_terminal_flags_that_do_not_fit_together(bundle, flags, text):
    bundle.running()
    execute(bundle, *flags, bundle.id, "true").fails(m.said("exec", bundle.id, text), 255)


# ---- what goes wrong ----------------------------------------------------------------------------

def test_a_program_that_is_not_there(bundle):
    bundle.running()
    pid_file = os.path.join(bundle.path, "exec.pid")
    for name, text in (("nosuch", m.NOT_IN_PATH), ("/no/such", m.NO_SUCH_PROGRAM),
                       ("/etc/passwd", m.NOT_EXECUTABLE)):
        execute(bundle, "--pid-file", pid_file, bundle.id, name).fails(
            m.said("exec", bundle.id, text.format(program=name)), 255)
        assert not os.path.exists(pid_file)


def test_a_program_of_the_wrong_format(bundle):
    bundle.running()
    with open(bundle.inside("garbage"), "w") as file:
        file.write("\x7fELF")
    os.chmod(bundle.inside("garbage"), 0o755)
    execute(bundle, bundle.id, "/garbage").fails(
        m.said("exec", bundle.id, m.NO_PROGRAM.format(program="/garbage")), 255)


def test_no_program_is_an_error(bundle):
    bundle.running()
    execute(bundle, bundle.id).fails(m.said("exec", bundle.id, m.EXEC_NO_PROGRAM), 255)


def test_a_container_that_is_not_there(bundle):
    execute(bundle, bundle.id, "true").fails(m.said("exec", bundle.id, m.DOES_NOT_EXIST), 255)


def test_a_stopped_container(bundle):
    bundle.running({"process.args": ["/bin/true"]})
    bundle.end()
    execute(bundle, bundle.id, "true").fails(m.said("exec", bundle.id, m.EXEC_STOPPED), 255)


def test_a_paused_container_only_if_asked(bundle):
    bundle.running()
    bundle.call("pause", bundle.id).ok()
    execute(bundle, bundle.id, "true").fails(m.said("exec", bundle.id, m.EXEC_PAUSED), 255)
    running = bundle.runtime.spawn("exec", "--ignore-paused", bundle.id, "echo", "woken")
    bundle.call("resume", bundle.id).ok()
    running.wait().ok("woken\n")


@pytest.mark.skipif(not cgroups.has_controller("pids"), reason="this host has no pids controller")
def test_at_the_limit_of_processes_it_says_so(bundle):
    bundle.running({"linux.resources.pids": {"limit": 1}})
    outcome = execute(bundle, bundle.id, "true").exits(255)
    assert "resource temporarily unavailable" in outcome.stderr


def test_a_container_that_cannot_mount_proc_files_does_no_harm(bundle):
    """CVE-2024-21626: no descriptor of the host is a working directory."""
    bundle.running()
    for number in range(3, 12):
        execute(bundle, "--cwd", f"/proc/self/fd/{number}", bundle.id, "true").exits(255)


def test_deleting_the_container_ends_what_exec_started(bundle):
    bundle.running()
    pid_file = os.path.join(bundle.path, "exec.pid")
    execute(bundle, "-d", "--pid-file", pid_file, bundle.id, "sleep", "1000").ok()
    with open(pid_file) as file:
        pid = int(file.read())
    bundle.delete("--force").ok()
    assert processes.wait_exit(pid) == 128 + signal.SIGKILL
    assert bundle.end() == 128 + signal.SIGKILL
    assert cgroups.existing(bundle.cgroup) == []
