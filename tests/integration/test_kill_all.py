"""kill --all and delete: everybody in the cgroup, wherever init is and whatever stands still."""

import os
import signal

import pytest

from harness import cgroups, processes
from harness.spec import mount, namespaces, shell

# Without a pid namespace of its own the end of init is not the end of its children.
SHARED = {"linux.namespaces": namespaces("mount", "uts")}
BOTH = pytest.mark.both_cgroup_hosts


def members(bundle):
    return {pid for folder in bundle.cgroup_directories()
            for child, _, _ in os.walk(folder) for pid in cgroups.members(child)}


@pytest.fixture
def family(bundle, output_pipe):
    """family(script): a container in the host's pid namespace that has said "ready"."""
    def start(script, changes=None):
        bundle.configure({**SHARED, **shell(script), **(changes or {})})
        bundle.create(stdout=output_pipe.write_end).ok()
        bundle.start().ok()
        assert output_pipe.line() == "ready"
        return members(bundle)
    return start


def all_gone(pids):
    for pid in pids:
        processes.wait_dead(pid)


@BOTH
def test_kill_all_ends_everybody(bundle, family):
    pids = family("sleep 1000 & sleep 1000 & echo ready; wait")
    assert len(pids) == 3
    bundle.kill("--all", "KILL").ok("")
    all_gone(pids)
    assert bundle.end() == 128 + signal.SIGKILL


@BOTH
def test_plain_sigkill_ends_everybody_too_without_a_pid_namespace(bundle, family):
    pids = family("sleep 1000 & sleep 1000 & echo ready; wait")
    bundle.kill("KILL").ok("")
    all_gone(pids)
    bundle.end()


@BOTH
def test_every_process_gets_the_signal(bundle, family, output_pipe):
    family("""
listen() { trap "echo $1; exit" USR1; echo $1 > /tmp/$1; while :; do sleep 0.01; done; }
listen one & listen two &
trap 'heard=init' USR1
until [ -e /tmp/one -a -e /tmp/two ]; do sleep 0.01; done
echo ready; until [ -n "$heard" ]; do sleep 0.01; done; echo init; wait""",
           {"mounts+": [mount("/tmp", "tmpfs", "tmpfs")]})
    bundle.kill("-a", "USR1").ok("")
    assert {output_pipe.line() for _ in range(3)} == {"one", "two", "init"}
    assert bundle.end() == 0


@BOTH
def test_what_init_left_behind_is_killed(bundle, family):
    pids = family("sleep 1000 & echo ready; kill -9 $$")
    bundle.end()
    left = [pid for pid in pids if processes.is_alive(pid)]
    assert len(left) == 1 and bundle.status() == "stopped"
    bundle.kill("--all", "KILL").ok("")
    all_gone(left)


@BOTH
def test_what_init_left_behind_is_removed(bundle, family):
    pids = family("sleep 1000 & echo ready; kill -9 $$")
    bundle.end()
    bundle.delete().ok("")
    all_gone(pids)
    assert bundle.cgroup_directories() == []


def test_kill_all_of_nobody_is_no_error(bundle):
    bundle.running({"process.args": ["/bin/true"]})
    bundle.end()
    bundle.kill("--all", "KILL").ok("")
    bundle.kill("--all").ok("")


@BOTH
def test_kill_all_reaches_sub_cgroups(bundle, family):
    pids = family("sleep 1000 & echo ready; wait")
    move_below(bundle, max(pids))
    bundle.kill("--all", "KILL").ok("")
    all_gone(pids)
    bundle.end()


def move_below(bundle, pid):
    """Into a sub-cgroup, in every hierarchy that takes it."""
    for folder in bundle.cgroup_directories():
        os.makedirs(f"{folder}/below")
        if os.path.exists(f"{folder}/cpuset.cpus"):
            continue
        with open(f"{folder}/below/cgroup.procs", "w") as file:
            file.write(str(pid))


def freeze(folder):
    """By hand; False where this hierarchy has no freezer."""
    for name, word in (("cgroup.freeze", "1"), ("freezer.state", "FROZEN")):
        if os.path.exists(f"{folder}/{name}"):
            with open(f"{folder}/{name}", "w") as file:
                file.write(word)


@BOTH
def test_a_frozen_container_is_deleted_by_force(bundle, family):
    pids = family("sleep 1000 & echo ready; wait")
    bundle.call("pause", bundle.id).ok("")
    bundle.delete("--force").ok("")
    all_gone(pids)
    assert bundle.cgroup_directories() == []


@BOTH
@pytest.mark.parametrize("end", [("kill", "--all", "KILL"), ("delete", "--force")],
                         ids=["kill", "delete"])
def test_a_frozen_sub_cgroup_protects_nobody(bundle, family, end):
    pids = family("sleep 1000 & echo ready; wait")
    move_below(bundle, max(pids))
    for folder in bundle.cgroup_directories():
        freeze(f"{folder}/below")
    command, *words = end
    (bundle.kill if command == "kill" else bundle.delete)(*words).ok("")
    all_gone(pids)


@BOTH
def test_a_running_family_is_deleted_by_force(bundle, family):
    pids = family("sleep 1000 & sleep 1000 & echo ready; wait")
    move_below(bundle, max(pids))
    bundle.delete("--force").ok("")
    all_gone(pids)
    assert bundle.cgroup_directories() == []


@BOTH
def test_a_fork_bomb_is_ended(bundle, family):
    """Faster than a list of processes can be read: that is what freezing is for."""
    family("bomb() { while :; do sh -c 'true' & done; }; bomb & bomb & echo ready; wait")
    bundle.kill("--all", "KILL").ok("")
    processes.until(lambda: not members(bundle), "the fork bomb has ended")
    bundle.end()
