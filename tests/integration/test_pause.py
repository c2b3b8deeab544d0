"""pause and resume: everybody stands still, and goes on where it stood."""

import os
import signal

import pytest

import messages as m
from harness import cgroups, processes
from harness.spec import namespaces, shell

# Says "ready", and "signal" when SIGUSR1 comes; one that stands still says nothing.
LISTENER = shell("trap 'echo signal' USR1; echo ready; while :; do sleep 0.01; done")


@pytest.fixture
def listener(bundle, output_pipe):
    bundle.configure(LISTENER)
    bundle.create(stdout=output_pipe.write_end).ok()
    bundle.start().ok()
    assert output_pipe.line() == "ready"
    return bundle


def is_silent(pipe):
    try:
        return processes.wait_readable(pipe.fd, "silence", 0.2) and False
    except processes.TimedOut:
        return True


@pytest.mark.both_cgroup_hosts
def test_a_paused_container_stands_still_until_it_is_resumed(listener, output_pipe):
    listener.call("pause", listener.id).ok("")
    assert listener.status() == "paused"
    listener.kill("USR1").ok("")
    assert is_silent(output_pipe)
    listener.call("resume", listener.id).ok("")
    assert output_pipe.line() == "signal"
    assert listener.status() == "running"


@pytest.mark.both_cgroup_hosts
def test_children_are_paused_too(bundle, output_pipe):
    bundle.configure(shell("sh -c 'trap \"echo child\" USR1; echo $$; while :; do sleep 0.01; done' "
                           "& wait"))
    bundle.create(stdout=output_pipe.write_end).ok()
    bundle.start().ok()
    output_pipe.line()
    bundle.call("pause", bundle.id).ok("")
    bundle.kill("--all", "USR1").ok("")
    assert is_silent(output_pipe)
    assert bundle.status() == "paused"
    bundle.call("resume", bundle.id).ok("")
    assert output_pipe.line() == "child"


@pytest.mark.both_cgroup_hosts
def test_a_created_container_can_be_paused(bundle):
    bundle.configure()
    bundle.create().ok()
    bundle.call("pause", bundle.id).ok("")
    assert bundle.status() == "paused"
    bundle.start().fails(m.said("start", bundle.id, m.START_RUNNING))
    bundle.call("resume", bundle.id).ok("")
    assert bundle.status() == "created"
    bundle.start().ok("")
    assert bundle.end() == 0


def test_pausing_twice_is_an_error(bundle):
    bundle.running()
    bundle.call("pause", bundle.id).ok("")
    bundle.call("pause", bundle.id).fails(m.said("pause", bundle.id, m.ALREADY_PAUSED))
    assert bundle.status() == "paused"


def test_what_is_not_paused_cannot_be_resumed(bundle):
    bundle.running()
    bundle.call("resume", bundle.id).fails(m.said("resume", bundle.id, m.NOT_PAUSED))


def test_a_stopped_container_can_be_neither_paused_nor_resumed(bundle):
    bundle.running({"process.args": ["/bin/true"]})
    bundle.end()
    bundle.call("pause", bundle.id).fails(m.said("pause", bundle.id, m.NOT_RUNNING))
    bundle.call("resume", bundle.id).fails(m.said("resume", bundle.id, m.NOT_PAUSED))


@pytest.mark.parametrize("command", ["pause", "resume"])
def test_a_container_that_is_not_there_is_named(bundle, command):
    bundle.call(command, "nobody").fails(m.said(command, "nobody", m.DOES_NOT_EXIST))


@pytest.mark.both_cgroup_hosts
def test_a_signal_that_is_handled_waits_for_resume(listener, output_pipe):
    """One that ends the process is the kernel's business: cgroup v2 lets it die frozen."""
    listener.call("pause", listener.id).ok("")
    for _ in range(2):
        listener.kill("USR1").ok("")
    assert listener.status() == "paused" and is_silent(output_pipe)
    listener.call("resume", listener.id).ok("")
    assert output_pipe.line() == "signal"


@pytest.mark.both_cgroup_hosts
def test_sigkill_does_not_wait(bundle):
    bundle.running()
    bundle.call("pause", bundle.id).ok("")
    bundle.kill("KILL").ok("")
    assert bundle.end() == 128 + signal.SIGKILL
    assert bundle.status() == "stopped"
    bundle.delete().ok("")


@pytest.mark.both_cgroup_hosts
def test_what_init_left_behind_can_be_resumed(bundle, output_pipe):
    """Init was killed behind our back while it was frozen; its child still stands still."""
    if cgroups.mount_point("") is None:
        pytest.skip("what the freezer of cgroup v1 holds does not die of SIGKILL")
    bundle.configure({"linux.namespaces": namespaces("mount", "uts"),
                      **shell("sh -c 'trap \"echo child; exit\" USR1; echo ready; "
                              "while :; do sleep 0.01; done' & wait")})
    bundle.create(stdout=output_pipe.write_end).ok()
    bundle.start().ok()
    assert output_pipe.line() == "ready"
    bundle.call("pause", bundle.id).ok("")
    os.kill(bundle.pid, signal.SIGKILL)
    assert bundle.end() == 128 + signal.SIGKILL
    assert bundle.status() == "stopped"
    bundle.kill("--all", "USR1").ok("")
    assert is_silent(output_pipe)
    bundle.call("resume", bundle.id).ok("")
    assert output_pipe.line() == "child"
    output_pipe.rest()  # the end of file: the child has gone too
