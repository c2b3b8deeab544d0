"""create, start, run, kill, delete: what they do to a container in every state."""

import os
import signal

import pytest

import messages as m
from harness import cgroups, processes
from harness.spec import namespaces, shell

pytestmark = [pytest.mark.sanitize, pytest.mark.cgroup2]

WAITS_FOR_SIGNAL = "trap 'exit 7' {name}; echo ready; while :; do sleep 1000 & wait; done"


def waiting_for(bundle, output_pipe, signal_name):
    """A running container that exits with 7 on one signal and has said that it is ready."""
    bundle.configure(shell(WAITS_FOR_SIGNAL.format(name=signal_name)))
    bundle.create(stdout=output_pipe.write_end).ok()
    bundle.start().ok()
    assert output_pipe.line() == "ready"


# ---- the ordinary way ---------------------------------------------------------------------------

def test_a_container_goes_from_created_over_running_to_stopped(bundle, output_pipe):
    bundle.configure(shell("echo started; read x; exit 5"))
    stay, release = os.pipe()
    bundle.create(stdin=stay, stdout=output_pipe.write_end).ok("")
    os.close(stay)
    assert bundle.status() == "created"
    bundle.start().ok("")
    assert output_pipe.line() == "started"
    assert bundle.status() == "running"
    os.close(release)
    assert bundle.end() == 5
    assert bundle.status() == "stopped"
    assert bundle.state()["pid"] == 0
    bundle.delete().ok("")
    bundle.call("state", bundle.id).fails(m.said("state", bundle.id, m.DOES_NOT_EXIST))


@pytest.mark.both_cgroup_hosts
def test_create_leaves_only_the_containers_process_and_it_is_our_child(bundle):
    bundle.configure()
    bundle.create().ok()
    assert set(processes.descendants()) == {bundle.pid}
    assert int(processes.stat_fields(bundle.pid)[1]) == os.getpid()
    assert bundle.state()["pid"] == bundle.pid


def test_the_program_does_not_run_before_start(bundle):
    shared = bundle.folder("shared")
    bundle.configure({**shell("touch /mnt/ran"),
                      "mounts+": [{"destination": "/mnt", "source": shared, "type": "none",
                                   "options": ["rbind"]}]})
    bundle.create().ok()
    assert os.listdir(shared) == []
    bundle.start().ok()
    bundle.end()
    assert os.listdir(shared) == ["ran"]


@pytest.mark.parametrize("status", [0, 1, 7, 255])
def test_run_exits_with_the_containers_status_and_removes_it(bundle, status):
    bundle.configure(shell(f"exit {status}"))
    bundle.run().exits(status)
    bundle.call("state", bundle.id).fails(m.said("state", bundle.id, m.DOES_NOT_EXIST))


def test_run_exits_with_128_and_the_signal_that_killed_the_container(bundle, output_pipe):
    bundle.configure(shell("echo ready; sleep 1000"))
    run = bundle.spawn_run(stdout=output_pipe.write_end)
    assert output_pipe.line() == "ready"
    bundle.kill("KILL").ok()
    run.wait().exits(137)


def test_run_detached_returns_while_the_container_runs(bundle):
    bundle.configure({"process.args": ["/bin/sleep", "1000"]})
    bundle.run("--detach", "--pid-file", bundle.pid_file).ok("")
    assert bundle.status() == "running"
    assert set(processes.descendants()) == {bundle.pid}


def test_run_keep_leaves_the_stopped_container_for_delete(bundle):
    bundle.configure(shell("exit 3"))
    bundle.call("run", "--keep", "--bundle", bundle.path, bundle.id).exits(3)
    assert bundle.status() == "stopped"
    assert bundle.cgroup_directories() != []  # engines read its counters before `delete`
    bundle.delete().ok()


def test_run_without_an_id_picks_one_and_says_which(bundle):
    bundle.configure(shell("echo hello"))
    outcome = bundle.call("run", "--bundle", bundle.path).exits(0)
    assert outcome.stdout == "hello\n"
    assert m.PICKED_ID.fullmatch(outcome.stderr.rstrip("\n")), str(outcome)


@pytest.mark.parametrize("name", ["TERM", "HUP", "USR1", "QUIT"])
def test_run_forwards_signals_to_the_container(bundle, output_pipe, name):
    bundle.configure(shell(WAITS_FOR_SIGNAL.format(name=name)))
    run = bundle.spawn_run(stdout=output_pipe.write_end)
    assert output_pipe.line() == "ready"
    run.signal(getattr(signal, "SIG" + name))
    run.wait().exits(7)


def test_run_ends_with_the_containers_process_though_others_hold_its_output(bundle, output_pipe):
    bundle.configure({**shell("sleep 1000 & echo left; exit 4"),
                      "linux.namespaces": namespaces("network", "ipc", "uts", "mount")})
    bundle.spawn_run(stdout=output_pipe.write_end).wait().exits(4)


# ---- kill ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("spelling, trapped", [
    ([], "TERM"), (["TERM"], "TERM"), (["SIGTERM"], "TERM"), (["15"], "TERM"), (["term"], "TERM"),
    (["SigUsr1"], "USR1"), (["HUP"], "HUP"), (["12"], "USR2"), (["RTMIN+2"], "36"),
    (["RTMAX-1"], "63"), (["SIGRTMIN"], "34")])
def test_kill_understands(bundle, output_pipe, spelling, trapped):
    waiting_for(bundle, output_pipe, trapped)
    bundle.kill(*spelling).ok("")
    assert bundle.end() == 7


@pytest.mark.parametrize("spelling", ["NOPE", "SIGNOPE", "SIG", "0x9", "65", "-1", "9 ", "RTMIN+40",
                                      "4294967305"])
def test_kill_refuses_a_signal_that_does_not_exist(bundle, spelling):
    bundle.running()
    message = m.said("kill", bundle.id, m.UNKNOWN_SIGNAL.format(signal=spelling))
    bundle.call("kill", "--", bundle.id, spelling).fails(message)
    assert bundle.status() == "running"


def test_kill_ends_a_created_container(bundle):
    bundle.configure()
    bundle.create().ok()
    bundle.kill("KILL").ok("")
    assert bundle.end() == 137
    assert bundle.status() == "stopped"


def test_kill_all_reaches_every_process_of_a_container_without_a_pid_namespace(bundle, output_pipe):
    bundle.configure({**shell("sleep 1000 & echo $!; sleep 1000"),
                      "linux.namespaces": namespaces("network", "ipc", "uts", "mount")})
    bundle.create(stdout=output_pipe.write_end).ok()
    bundle.start().ok()
    other = int(output_pipe.line())
    bundle.call("kill", "--all", bundle.id, "KILL").ok("")
    processes.wait_dead(other)
    assert bundle.end() == 137


@pytest.mark.parametrize("flag", ["--all", "-a"])
def test_kill_all_reaches_what_outlived_the_containers_process(bundle, output_pipe, flag):
    bundle.configure({**shell("sleep 1000 & echo $!"),
                      "linux.namespaces": namespaces("network", "ipc", "uts", "mount")})
    bundle.create(stdout=output_pipe.write_end).ok()
    bundle.start().ok()
    other = int(output_pipe.line())
    bundle.end()
    bundle.call("kill", flag, bundle.id, "9").ok("")
    processes.wait_dead(other)


def test_kill_of_a_stopped_container_is_an_error_that_engines_know(bundle):
    bundle.running()
    bundle.kill("KILL").ok()
    bundle.end()
    bundle.kill("KILL").fails(m.said("kill", bundle.id, m.NOT_RUNNING))


@pytest.mark.both_cgroup_hosts
def test_a_frozen_container_is_paused_and_can_be_killed(bundle):
    bundle.running()
    cgroups.freeze(bundle.pid)
    assert bundle.status() == "paused"
    bundle.kill("KILL").ok()
    bundle.end()


# ---- states that do not allow it ----------------------------------------------------------------

@pytest.mark.parametrize("words", [["start"], ["state"], ["kill"], ["delete"]], ids=lambda w: w[0])
def test_an_unknown_container_does_not_exist(bundle, words):
    bundle.call(*words, bundle.id).fails(m.said(words[0], bundle.id, m.DOES_NOT_EXIST))


@pytest.mark.parametrize("command", ["create", "run"])
@pytest.mark.parametrize("state", ["created", "running", "stopped"])
def test_an_id_in_use_is_refused_and_its_container_unharmed(bundle, command, state):
    in_state(bundle, state)
    before = bundle.state()
    outcome = bundle.call(command, "--bundle", bundle.path, bundle.id)
    outcome.fails(m.said(command, bundle.id, m.ALREADY_EXISTS))
    assert bundle.state() == before


def in_state(bundle, state):
    bundle.configure({"process.args": ["/bin/sleep", "1000"]})
    bundle.create().ok()
    if state != "created":
        bundle.start().ok()
    if state == "stopped":
        bundle.kill("KILL").ok()
        bundle.end()
    if state == "paused":
        cgroups.freeze(bundle.pid)
    assert bundle.status() == state


@pytest.mark.parametrize("state, message", [("running", m.START_RUNNING),
                                            ("stopped", m.START_STOPPED)])
def test_only_a_created_container_can_be_started(bundle, state, message):
    in_state(bundle, state)
    bundle.start().fails(m.said("start", bundle.id, message))
    assert bundle.status() == state


def test_a_container_whose_process_died_before_start_is_stopped(bundle):
    in_state(bundle, "created")
    processes.kill(bundle.pid)
    bundle.end()
    assert bundle.status() == "stopped"
    bundle.start().fails(m.said("start", bundle.id, m.START_STOPPED))
    bundle.delete().ok("")


@pytest.mark.parametrize("state", ["created", "stopped"])
def test_delete_removes_a_container_that_is_not_running(bundle, state):
    in_state(bundle, state)
    bundle.delete().ok("")
    bundle.call("state", bundle.id).fails(m.said("state", bundle.id, m.DOES_NOT_EXIST))


def test_delete_refuses_a_running_container(bundle):
    in_state(bundle, "running")
    bundle.delete().fails(m.said("delete", bundle.id, m.DELETE_RUNNING.format(id=bundle.id)))
    assert bundle.status() == "running"


@pytest.mark.both_cgroup_hosts
@pytest.mark.parametrize("flag", ["--force", "-f"])
@pytest.mark.parametrize("state", ["created", "running", "paused", "stopped"])
def test_delete_force_works_in_every_state(bundle, state, flag):
    in_state(bundle, state)
    pid = bundle.pid
    bundle.delete(flag).ok("")
    assert not processes.is_alive(pid)
    assert bundle.cgroup_directories() == []


def test_delete_force_of_what_does_not_exist_is_a_silent_success(bundle):
    bundle.delete("--force").ok("")


def test_delete_ends_what_outlived_the_containers_process(bundle, output_pipe):
    bundle.configure({**shell("sleep 1000 & echo $!"),
                      "linux.namespaces": namespaces("network", "ipc", "uts", "mount")})
    bundle.create(stdout=output_pipe.write_end).ok()
    bundle.start().ok()
    other = int(output_pipe.line())
    bundle.end()
    bundle.delete().ok("")
    assert not processes.is_alive(other)
