"""BuildKit's runcexecutor, alone and in dockerd: `run` in the foreground, in the default root."""

import json
import os
import re
import signal

import pytest

import golang
from engine import combined_output, die_with_caller, read
from go_runc import read_pid_file
from harness import host, inotify, processes
from harness.spec import shell

SLEEPER = {"process.args": ["/bin/sleep", "1000"]}


def argv(bundle, *words):
    """The default root; one log for all runs."""
    return [host.BRIG, "--log", bundle.path + "/runc-log.json", "--log-format", "json", *words]


def run(bundle, *flags):
    return argv(bundle, "run", "--bundle", bundle.path, *flags, bundle.id)


@pytest.fixture
def ends(bundle):
    """For containers in the default root."""
    yield
    assert combined_output([host.BRIG, "delete", "--force", bundle.id]) == (0, "")


def own_group():
    die_with_caller()
    os.setpgid(0, 0)


# ---- run ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("flags", [[], ["--no-pivot"]], ids=str)
def test_run(bundle, flags):
    """Up to 0.11: the status is the step's, and nothing is left."""
    bundle.configure(shell("echo out; echo err >&2; exit 7"))
    said = combined_output(run(bundle, *flags), before=own_group)
    assert said.status == 7 and sorted(said.text.split()) == ["err", "out"]
    assert not os.path.exists(f"/run/brig/{bundle.id}")


def test_run_keeps_the_cgroup(bundle, ends):
    """--keep, since 0.12: its counters are read after the end; then `delete`."""
    bundle.configure(shell("exit 7"))
    assert combined_output(run(bundle, "--keep"), before=own_group).status == 7
    assert bundle.cgroup_directories() != []
    assert combined_output(argv(bundle, "delete", bundle.id)) == (0, "")
    assert bundle.cgroup_directories() == []


def test_run_that_fails(bundle):
    """1, and the words are in the build's output."""
    bundle.configure({"process.args": ["/no/such"]})
    said = combined_output(run(bundle))
    assert said.status == 1 and "/no/such" in said.text


def test_log_of_concurrent_runs(new_bundle):
    """Appended, a line at a time, and never truncated."""
    log = new_bundle().path + "/runc-log.json"
    running = []
    for _ in range(4):
        bundle = new_bundle()
        bundle.configure({"process.args": ["/no/such"]})
        running.append(bundle.runtime.spawn(argv=[
            host.BRIG, "--log", log, "--log-format", "json", "run", "--bundle", bundle.path,
            bundle.id]))
    for each in running:
        each.wait().exits(1)
    assert [entry["level"] for entry in golang.decode_all(read(log))] == ["error"] * 4


@pytest.mark.parametrize("name", ["TERM", "USR1", "HUP"])
def test_signals_are_forwarded(bundle, output_pipe, name):
    bundle.configure(shell(f"trap 'exit 21' {name}; echo ready; while :; do sleep 0.01; done"))
    running = bundle.runtime.spawn(argv=run(bundle), stdout=output_pipe.write_end)
    assert output_pipe.line() == "ready"
    running.signal(getattr(signal, "SIG" + name))
    running.wait().exits(21)


def test_cancel(bundle, output_pipe):
    """kill ID 9, every 50 ms until it succeeds, also before the container is there."""
    bundle.configure(SLEEPER)
    running = bundle.runtime.spawn(argv=run(bundle))

    def killed():
        return combined_output(argv(bundle, "kill", bundle.id, "9")).status == 0
    processes.until(killed, "a kill that succeeds")
    assert running.wait().status in (1, 128 + signal.SIGKILL)  # 1: it was still being made
    assert not os.path.exists(f"/run/brig/{bundle.id}")


def test_terminal_is_the_runtimes_own(bundle, terminal):
    """A pty as its three streams; SIGWINCH is sent to it when the size has changed."""
    bundle.configure({**shell("trap 'stty size; exit 4' WINCH; stty size; "
                              "while :; do sleep 0.01; done"), "process.terminal": True})
    person = terminal(run(bundle), rows=33, columns=99)
    person.expect(b"33 99")
    person.resize(44, 111)
    os.kill(person.pid, signal.SIGWINCH)
    person.expect(b"44 111")
    assert person.wait() == 4


def test_colons_in_the_cgroups_path(bundle, ends):
    """dockerd's systemd path, though the runtime is to use cgroupfs: taken literally."""
    path = f"system.slice:docker:{bundle.id}"
    bundle.configure({**SLEEPER, "linux.cgroupsPath": path})
    created = argv(bundle, "create", "--bundle", bundle.path, "--pid-file", bundle.pid_file,
                   bundle.id)
    assert bundle.runtime.call(argv=created).status == 0
    assert re.search(rf"/{re.escape(path)}$", read(f"/proc/{bundle.pid}/cgroup"), re.MULTILINE)


# ---- exec ---------------------------------------------------------------------------------------

@pytest.fixture
def step(bundle, ends, output_pipe):
    """A running step."""
    bundle.configure(shell("echo ready; sleep 1000"))
    running = bundle.runtime.spawn(argv=run(bundle), stdout=output_pipe.write_end)
    assert output_pipe.line() == "ready"
    yield running
    combined_output(argv(bundle, "kill", bundle.id, "9"))
    running.wait()


def exec_words(bundle, script):
    file = bundle.file("process", json.dumps({"args": ["sh", "-c", script], "cwd": "/",
                                              "env": ["PATH=/bin"]}))
    return argv(bundle, "exec", "--process", file, "--pid-file", bundle.path + "/e.pid", bundle.id)


def test_state_before_exec(bundle, step):
    """Polled until "running"; then the bundle's config.json, and passwd in the rootfs."""
    state = golang.unmarshal(combined_output(argv(bundle, "state", bundle.id)).text)
    assert state["status"] == "running"
    assert golang.unmarshal(read(state["bundle"] + "/config.json"))["ociVersion"]
    assert "root:" in read(state["rootfs"] + "/etc/passwd")


def test_exec_in_the_foreground(bundle, step):
    said = combined_output(exec_words(bundle, "cat; exit 13"), stdin="in\n")
    assert said == (13, "in\n")


def test_exec_pid_file_is_whole_when_it_appears(bundle, step):
    """It is polled for, and the first thing that is seen is parsed: rename(2), no open file."""
    with inotify.Watch(bundle.path) as watch:
        combined_output(exec_words(bundle, "exit 0"))
        events = [kind for kind, name in watch.events() if name == "e.pid"]
    assert events == ["moved-to"]
    assert read_pid_file(bundle.path + "/e.pid") > 0


def test_exec_is_killed_by_its_pid_file(bundle, step):
    running = bundle.runtime.spawn(argv=exec_words(bundle, "sleep 1000"))
    processes.until(lambda: os.path.exists(bundle.path + "/e.pid"), "the pid file")
    os.kill(read_pid_file(bundle.path + "/e.pid"), signal.SIGKILL)
    running.wait().exits(128 + signal.SIGKILL)
