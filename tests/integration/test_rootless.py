"""Callers without privilege: an ordinary user, with and without subordinate ids, and the root of a
user namespace."""

import errno
import json
import os
import signal

import pytest

import messages as m
from harness import host, person, processes
from harness.seccomp_agent import SYNC, Agent, notifying
from harness.spec import USER_NAMESPACE, bind, mount, namespaces, shell

pytestmark = [pytest.mark.sanitize, pytest.mark.cgroup2]

OWN_IDS = {"linux.uidMappings": [{"containerID": 0, "hostID": person.UID, "size": 1}],
           "linux.gidMappings": [{"containerID": 0, "hostID": person.GID, "size": 1}]}
OWN_UID_MAP = [0, person.UID, 1]
NO_TTY_GROUP = [mount("/proc", "proc", "proc"),
                mount("/dev", "tmpfs", "tmpfs", "nosuid", "mode=755"),
                mount("/dev/pts", "devpts", "devpts", "newinstance", "ptmxmode=0666", "mode=0620"),
                bind("/sys", "/sys", "rbind", "ro")]
ROOTLESS = {**OWN_IDS, "mounts": NO_TTY_GROUP,
            "linux.namespaces": namespaces("user", "pid", "ipc", "uts", "mount")}


@pytest.fixture
def users_bundle(new_bundle):
    """A bundle and a state directory of the user's, and a runtime that the user calls."""
    bundle = new_bundle()
    person.give(bundle.path)
    bundle.runtime.before = person.become
    bundle.runtime.env = {"XDG_RUNTIME_DIR": bundle.state_root}
    return bundle


def configure(bundle, changes=None):
    bundle.configure({**ROOTLESS, **(changes or {})}, without=["linux.resources"])
    config = json.load(open(f"{bundle.path}/config.json"))
    del config["linux"]["cgroupsPath"]  # the harness's, which is root's
    bundle.write_config(json.dumps(config, indent=2))


def says(bundle, script, changes=None, **options):
    configure(bundle, {**shell(script), **(changes or {})})
    return bundle.run(**options).ok().stdout


def numbers(text):
    return [[int(word) for word in line.split()] for line in text.splitlines()]


# ---- what an ordinary user runs ------------------------------------------------------------------

def test_what_spec_rootless_writes_runs_as_it_is(users_bundle):
    bundle = users_bundle
    bundle.call("spec", "--rootless", "--bundle", bundle.path).ok()
    config = json.load(open(f"{bundle.path}/config.json"))
    config["process"].update({"terminal": False, "args": ["/bin/cat", "/proc/self/uid_map"]})
    bundle.write_config(json.dumps(config))
    assert numbers(bundle.run().ok().stdout) == [OWN_UID_MAP]


def test_what_spec_writes_for_root_runs_too_and_says_in_which_namespace(users_bundle):
    bundle = users_bundle
    bundle.call("spec", "--bundle", bundle.path).ok()
    config = json.load(open(f"{bundle.path}/config.json"))
    config["process"].update({"terminal": False, "args": ["/bin/cat", "/proc/self/uid_map"]})
    del config["linux"]["resources"]
    bundle.write_config(json.dumps(config))
    log = f"{bundle.state_root}/.log"
    bundle.runtime.flags = ["--log", log, "--log-level", "warning"]
    assert numbers(bundle.run().ok().stdout) == [OWN_UID_MAP]
    assert "linux.namespaces: no user namespace; using one whose root is you" in open(log).read()


def test_the_life_of_a_container(users_bundle):
    bundle = users_bundle
    configure(bundle, {"process.args": ["/bin/sleep", "1000"]})
    bundle.create().ok()
    assert bundle.status() == "created"
    bundle.start().ok()
    assert bundle.call("exec", bundle.id, "/bin/id", "-u").ok().stdout == "0\n"
    listed = json.loads(bundle.call("list", "--format", "json").ok().stdout)
    assert [(each["id"], each["status"]) for each in listed] == [(bundle.id, "running")]
    bundle.kill("KILL").ok()
    assert bundle.end() == 128 + signal.SIGKILL
    bundle.delete().ok()


def test_mounts_come_and_go_while_it_runs(users_bundle):
    bundle = users_bundle
    configure(bundle, {"process.args": ["/bin/sleep", "1000"], "root.readonly": False})
    bundle.create().ok()
    bundle.start().ok()
    bundle.file(os.path.join(bundle.folder("volume"), "here"), "of the host")
    wanted = [bind(f"{bundle.path}/volume", "/mnt", "ro"), mount("/srv/new", "tmpfs", "live")]
    file = bundle.file("mounts.json", json.dumps(wanted))
    bundle.call("mounts", "add", bundle.id, file).ok("")
    seen = bundle.call("exec", bundle.id, "/bin/sh", "-c",
                       "cat /mnt/here; touch /srv/new/x && stat -c %u /srv/new/x").ok().stdout
    assert seen == "of the host0\n"
    assert os.stat(bundle.inside("srv/new")).st_uid == person.UID
    bundle.call("mounts", "remove", bundle.id, file).ok("")
    assert bundle.call("exec", bundle.id, "/bin/ls", "/mnt", "/srv/new").ok().stdout == (
        "/mnt:\n\n/srv/new:\n")


def test_what_the_user_cannot_read_cannot_be_added(users_bundle):
    bundle = users_bundle
    secret = bundle.folder("secret")
    os.chown(secret, 0, 0)
    os.chmod(secret, 0o700)
    configure(bundle, {"process.args": ["/bin/sleep", "1000"]})
    bundle.create().ok()
    file = bundle.file("mounts.json", json.dumps([bind(f"{secret}/below", "/mnt")]))
    bundle.call("mounts", "add", bundle.id, file).fails(m.pattern(
        "mounts add", bundle.id,
        r".*mounts\.json:1:2: mounts\[0\]: bind .*/secret/below: .*permission denied \(EACCES\)"))


def test_the_root_file_system_is_complete(users_bundle):
    seen = says(users_bundle, "ls -d /dev/null /dev/pts/ptmx /proc/1 /sys/kernel; echo x >/dev/null;"
                              "head -c 1 /dev/zero | wc -c; echo y >/tmp/new; cat /proc/cpuinfo",
                {"root.readonly": False, "linux.maskedPaths": ["/proc/cpuinfo", "/proc/acpi"]})
    assert seen.split() == ["/dev/null", "/dev/pts/ptmx", "/proc/1", "/sys/kernel", "1"]


def test_what_the_user_cannot_read_cannot_be_bound(users_bundle):
    secret = users_bundle.folder("secret")
    os.chown(secret, 0, 0)
    os.chmod(secret, 0o700)
    configure(users_bundle, {"mounts+": [bind(f"{secret}/below", "/mnt")]})
    users_bundle.run().fails(m.pattern(
        "run", users_bundle.id, r"mounts\[4\]: bind .*/secret/below: .*permission denied \(EACCES\)"))


def test_a_terminal(users_bundle, terminal):
    configure(users_bundle, {"process.terminal": True, **shell("tty; stty size")})
    seat = terminal(users_bundle.runtime.argv("run", "--bundle", users_bundle.path,
                                              users_bundle.id), before=person.become)
    seat.expect(b"/dev/pts/0")
    seat.expect(b"24 80")
    assert seat.wait() == 0


@pytest.fixture
def users_agent(users_bundle):
    """One that the user may speak to."""
    opened = Agent(f"{users_bundle.path}/agent.sock", {SYNC: errno.EXDEV})
    os.chmod(opened.path, 0o666)
    yield opened
    opened.close()


@pytest.mark.parametrize("no_new_privileges", [True, False])
def test_an_agent_answers_for_the_container(users_bundle, users_agent, no_new_privileges):
    configure(users_bundle, {**notifying(users_agent.path, "sync"),
                             "process.args": ["/probe", "--call", str(SYNC)],
                             "process.noNewPrivileges": no_new_privileges})
    seen = json.loads(users_bundle.run().ok().stdout)
    assert seen["call"] == {str(SYNC): "EXDEV"} and users_agent.calls == [SYNC]


def test_an_agent_answers_for_what_exec_runs(users_bundle, users_agent):
    configure(users_bundle, {**notifying(users_agent.path, "sync"),
                             "process.args": ["/bin/sleep", "1000"]})
    users_bundle.create().ok()
    users_bundle.start().ok()
    seen = json.loads(users_bundle.call("exec", users_bundle.id, "/probe", "--call",
                                        str(SYNC)).ok().stdout)
    assert seen["call"] == {str(SYNC): "EXDEV"} and users_agent.message(1)


def test_of_what_hands_the_listener_over_an_agent_cannot_be_asked(users_bundle):
    configure(users_bundle, notifying("/nowhere", "sendmsg"))
    users_bundle.run().fails(m.said(
        "run", users_bundle.id, "linux.seccomp: without CAP_SYS_PTRACE brig is sent the listener by "
        "the container's process, under the filter: let it have sendmsg, or run brig as root"))


def test_hooks_of_every_kind_run_as_the_user(users_bundle):
    log = users_bundle.file("hooks.log", mode=0o666)
    kinds = ["prestart", "createRuntime", "createContainer", "poststart", "poststop"]
    hook = users_bundle.file("hook", f"#!/bin/sh\ncat >/dev/null\necho $1 $(id -u) >>{log}\n", 0o755)
    configure(users_bundle, {"hooks": {kind: [{"path": hook, "args": ["hook", kind],
                                               "env": ["PATH=/bin:/usr/bin"]}] for kind in kinds}})
    users_bundle.run().ok()
    # createContainer runs in the container's namespaces, where the user is root.
    wanted = {kind: "0" if kind == "createContainer" else str(person.UID) for kind in kinds}
    assert dict(line.split() for line in open(log)) == wanted


def test_limits_of_the_process(users_bundle):
    limits = [{"type": "RLIMIT_CORE", "soft": 1, "hard": 2}]
    seen = says(users_bundle, "ulimit -c; ulimit -Hc; cat /proc/self/oom_score_adj",
                {"process.rlimits": limits, "process.oomScoreAdj": 321})
    assert seen.split()[2] == "321"


def test_an_oom_score_that_takes_privilege_is_an_error(users_bundle):
    configure(users_bundle, {"process.oomScoreAdj": -1000})
    users_bundle.run().fails(m.pattern(
        "run", users_bundle.id, r"process\.oomScoreAdj: .*permission denied \(EACCES\)"))


# ---- ids -----------------------------------------------------------------------------------------

def test_without_subordinate_ids_root_is_alone_and_groups_cannot_be_dropped(users_bundle):
    seen = says(users_bundle, "cat /proc/self/gid_map /proc/self/setgroups; id -G")
    assert numbers(seen.splitlines()[0]) == [[0, person.GID, 1]]
    assert seen.splitlines()[1] == "deny"


AUTOMATIC = {"linux.uidMappings": [], "linux.gidMappings": []}


def test_subordinate_ids_are_mapped_by_themselves(users_bundle):
    seen = says(users_bundle, "cat /proc/self/uid_map /proc/self/setgroups; id -u; id -g",
                {**AUTOMATIC, "process.user": {"uid": 5, "gid": 6}}, before=person.registered)
    first, count = person.SUBORDINATE
    lines = seen.splitlines()
    assert numbers("\n".join(lines[:2])) == [OWN_UID_MAP, [1, first, count]]
    assert lines[2:] == ["allow", "5", "6"]


def test_additional_groups_need_ids_that_are_mapped_by_a_helper(users_bundle):
    seen = says(users_bundle, "id -G", {**AUTOMATIC, "process.user.additionalGids": [7, 8]},
                before=person.registered)
    assert seen == "0 7 8\n"
    configure(users_bundle, {"process.user.additionalGids": [7]})
    where = users_bundle.position("process.user")
    users_bundle.run().fails(m.said("run", users_bundle.id,
                                    m.NO_ADDITIONAL_GROUPS.format(where=where)))


def test_ranges_that_are_not_the_users_are_refused_by_the_helper(users_bundle):
    others = [{"containerID": 0, "hostID": 1000000, "size": 10}]
    configure(users_bundle, {"linux.uidMappings": others, "linux.gidMappings": others})
    users_bundle.run(before=person.registered).fails(m.pattern(
        "run", users_bundle.id,
        r".*linux\.gidMappings: /usr/bin/newgidmap exited with 1: newgidmap: gid range .* not allowed"))


def test_without_helpers_only_the_own_ids_can_be_mapped(users_bundle):
    seen = says(users_bundle, "cat /proc/self/uid_map", AUTOMATIC, before=person.without_helpers)
    assert numbers(seen) == [OWN_UID_MAP]
    configure(users_bundle, USER_NAMESPACE)
    where = users_bundle.position("linux.uidMappings")
    users_bundle.run(before=person.without_helpers).fails(m.said(
        "run", users_bundle.id, m.NO_HELPER.format(map="uid", where=where)))


def test_a_user_that_is_not_mapped_is_an_error(users_bundle):
    configure(users_bundle, {"process.user": {"uid": 5, "gid": 0}})
    users_bundle.run().fails(m.pattern(
        "run", users_bundle.id, r"set the user to 5: it is not mapped in the container's user "
                                r"namespace: setresuid 5: invalid argument \(EINVAL\)"))


# ---- inside another user namespace, and joined ones ------------------------------------------------

INSIDE = {"linux.uidMappings": [{"containerID": 0, "hostID": 0, "size": 1}],
          "linux.gidMappings": [{"containerID": 0, "hostID": 0, "size": 1}]}


@pytest.mark.parametrize("own", [{}, {"linux.namespaces": namespaces("pid", "ipc", "uts", "mount"),
                                      "linux.uidMappings": [], "linux.gidMappings": []}],
                         ids=["nested", "shared"])
def test_the_root_of_a_user_namespace_makes_containers(users_bundle, own):
    seen = says(users_bundle, "id -u; cat /proc/self/uid_map", {**INSIDE, **own},
                before=person.root_of_own_namespace)
    assert seen.split() == ["0", "0", "0" if "linux.namespaces" not in own else str(person.UID), "1"]


def test_where_the_host_allows_no_user_namespace_the_error_says_which_setting(users_bundle):
    configure(users_bundle, INSIDE)
    outcome = users_bundle.run(before=lambda: person.root_of_own_namespace(limit=0))
    outcome.fails(m.pattern("run", users_bundle.id,
                            r".*no more user namespaces: see the sysctl user\.max_user_namespaces: "
                            r"clone3: no space left on device \(ENOSPC\)"))


@pytest.fixture
def own_namespace():
    """A process in user and ipc namespaces of the user's own making, where setgroups is denied."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            person.root_of_own_namespace()
            host.unshare(0x8000000)
            os.write(write, b"x")
            os.execv("/bin/busybox", ["sleep", "1000"])
        finally:
            os._exit(99)
    os.close(write)
    assert os.read(read, 1) == b"x"
    os.close(read)
    processes.KNOWN.add(pid)
    yield pid
    processes.kill(pid)
    processes.wait_exit(pid)
    processes.KNOWN.discard(pid)


def joined(pid):
    return {"linux.namespaces": namespaces("pid", "uts", "mount", user=f"/proc/{pid}/ns/user",
                                           ipc=f"/proc/{pid}/ns/ipc"),
            "linux.uidMappings": [], "linux.gidMappings": []}


def test_a_users_own_namespaces_are_joined(users_bundle, own_namespace):
    configure(users_bundle, {**joined(own_namespace), "process.args": ["/bin/sleep", "1000"]})
    users_bundle.create().ok()
    for name in ("user", "ipc"):
        assert (os.readlink(f"/proc/{users_bundle.pid}/ns/{name}")
                == os.readlink(f"/proc/{own_namespace}/ns/{name}"))
    users_bundle.start().ok()
    assert users_bundle.call("exec", users_bundle.id, "/bin/id", "-u").ok().stdout == "0\n"


def test_the_groups_of_root_do_not_come_along_into_a_namespace_that_denies_setgroups(
        bundle, own_namespace):
    """CVE-2014-8989's rule keeps what groups there are: root drops its own before."""
    person.give(bundle.path)
    configure(bundle, {**joined(own_namespace), "process.args": ["/bin/sleep", "1000"]})
    bundle.create(before=lambda: os.setgroups([0, 29])).ok()
    bundle.start().ok()
    with open(f"/proc/{bundle.pid}/status") as file:
        assert next(line for line in file if line.startswith("Groups:")).split() == ["Groups:"]
    entered = bundle.call("exec", bundle.id, "/bin/id", "-G",
                          before=lambda: os.setgroups([0, 29])).ok()
    assert entered.stdout == "0\n"


def test_groups_that_cannot_be_added_to_a_joined_namespace_are_an_error(users_bundle,
                                                                       own_namespace):
    configure(users_bundle, {**joined(own_namespace), "process.user.additionalGids": [0]})
    users_bundle.run().fails(m.said("run", users_bundle.id, m.SETGROUPS_DENIED))


# ---- keep-groups ---------------------------------------------------------------------------------

KEEP_GROUPS = {"annotations": {"run.oci.keep_original_groups": "1"}}


def test_the_callers_groups_are_dropped_unless_they_are_to_be_kept(bundle):
    groups_of_caller = {"before": lambda: os.setgroups([29, 30])}
    assert bundle.says("id -G", **groups_of_caller) == "0\n"
    assert bundle.says("id -G", KEEP_GROUPS, **groups_of_caller) == "0 29 30\n"


def test_a_user_keeps_a_group_that_is_not_mapped(users_bundle):
    becoming = {"before": lambda: person.become(groups=[29])}
    seen = says(users_bundle, "grep Groups: /proc/self/status", KEEP_GROUPS, **becoming)
    assert seen.split() == ["Groups:", "65534"]


def test_exec_keeps_them_too(bundle):
    bundle.running(KEEP_GROUPS)
    entered = bundle.call("exec", bundle.id, "/bin/id", "-G", before=lambda: os.setgroups([29]))
    assert entered.ok().stdout == "0 29\n"


def test_kept_groups_and_other_ones_exclude_each_other(bundle):
    bundle.configure({**KEEP_GROUPS, "process.user.additionalGids": [7]})
    where = bundle.position("process.user")
    bundle.run().fails(m.said("run", bundle.id, m.KEPT_GROUPS.format(where=where)))


# ---- where the state goes ------------------------------------------------------------------------

def test_without_a_directory_of_ones_own_the_error_names_the_remedy(users_bundle):
    configure(users_bundle)
    locked = users_bundle.folder("locked")
    os.chown(locked, 0, 0)
    os.chmod(locked, 0o700)
    root = f"{locked}/state"
    outcome = users_bundle.call(argv=users_bundle.runtime.argv(
        "run", "--bundle", users_bundle.path, users_bundle.id, root=root))
    outcome.fails(m.pattern("run", users_bundle.id,
                            "not yours: set XDG_RUNTIME_DIR, or name another directory with "
                            f"--root: open the state directory {root}: .*EACCES.*"))
