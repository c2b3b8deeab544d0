"""dockerd and the docker command, which drive containerd's shim (test_containerd.py)."""

import json
import os

import pytest

import error_text
import golang
from engine import read, succeeds
from go_runc import GoRunc
from harness import cgroups, host
from harness.holder import namespaces_of
from harness.spec import bind, shell
from harness.terminal import size_of

SLEEPER = {"process.args": ["/bin/sleep", "1000"]}
# What cannot be started: the program, and the exit codes of dockerd (State.ExitCode) and docker.
NOT_STARTED = [("foo", 127, 127), ("/no/such", 127, 127), ("/etc", 126, 126),
               ("/etc/passwd", 126, 126)]


@pytest.fixture
def runc(bundle):
    return GoRunc(bundle)


def check_codes(text, program, state, command):
    wrapped = error_text.shim_create_failed(text)
    assert error_text.dockerd_20(program, wrapped) == state, wrapped
    assert error_text.dockerd_29(program, wrapped) == state, wrapped
    assert error_text.docker_cli_20(wrapped) == command, wrapped
    assert error_text.docker_cli_29(wrapped) == command, wrapped


# ---- exit codes by the words of an error --------------------------------------------------------

@pytest.mark.parametrize("program, state, command", NOT_STARTED)
def test_run_exit_code(bundle, runc, program, state, command):
    bundle.configure({"process.args": [program]})
    assert runc.create().status == 1
    check_codes(runc.last_error(), program, state, command)


@pytest.mark.parametrize("program, state, command", NOT_STARTED)
def test_exec_exit_code(bundle, runc, program, state, command):
    bundle.running(SLEEPER)
    file = bundle.file("process", json.dumps({"args": [program], "cwd": "/", "env": ["PATH=/bin"]}))
    assert runc.call(*runc.exec_words(file, bundle.path + "/e.pid")).status == 255
    check_codes(runc.last_error(), program, state, command)


@pytest.mark.parametrize("source, target", [("folder", "/etc/passwd"), ("file", "/tmp")])
def test_mount_of_a_folder_on_a_file(bundle, runc, source, target):
    """And of a file on a folder: dockerd asks "Are you trying to mount a directory onto a file"."""
    bundle.folder("folder"), bundle.file("file")
    bundle.configure({"mounts+": [bind(f"{bundle.path}/{source}", target)]})
    assert runc.create().status == 1
    assert "not a directory" in runc.last_error()
    check_codes(runc.last_error(), "/bin/true", 127, 125)


def test_other_errors_are_no_exit_code_of_a_program(bundle, runc):
    bundle.configure({"process.rlimits": [{"type": "RLIMIT_X", "soft": 1, "hard": 1}]})
    assert runc.create().status == 1
    check_codes(runc.last_error(), "/bin/true", 128, 125)


def test_state_error_after_restart(bundle, runc):
    """TestDaemonRestartSaveContainerExitCode: the words are in State.Error, in this case."""
    bundle.configure({"process.args": ["toto"]})
    runc.create()
    assert "executable file not found" in runc.last_error()


# ---- what dockerd asks by itself ----------------------------------------------------------------

def test_version(bundle):
    """The name is before the first "version" of a line, the version behind the last."""
    lines = bundle.runtime.bare("--version").ok().stdout.splitlines()
    found = [(line.split("version")[0].strip(), line.split("version")[-1].strip())
             for line in lines if "version" in line]
    assert len(found) == 1 and found[0][0] == "brig" and found[0][1][0].isdigit()
    assert [line for line in lines if line.startswith("commit:")]


def test_features(bundle):
    found = golang.unmarshal(bundle.runtime.bare("features").ok().stdout)
    assert "rro" in found["mountOptions"]  # recursive read-only bind mounts are offered


# ---- the life of a container --------------------------------------------------------------------

def test_wrapper_script_of_runtime_args(bundle, subreaper):
    """A shell between the shim and the runtime, which does not exec it and does not quote."""
    bundle.configure(shell("exit 6"))
    bundle.expect()
    wrapper = bundle.file("wrapper", f"#!/bin/sh\n{host.BRIG} --debug $@\n", 0o755)
    runc = GoRunc(bundle)
    monitor = subreaper([wrapper, *runc.flags, *runc.create_words()], bundle.pid_file)
    monitor.created()
    bundle.start().ok("")
    assert monitor.code() == 6


def test_prestart_hook_is_a_program_called_by_another_name(bundle):
    """/proc/PID/exe as libnetwork-setkey: the state on stdin, its end, and the host's pid."""
    out = bundle.path + "/out"
    script = f"echo $0 >{out}; cat >>{out}; echo >>{out}; readlink /proc/self/ns/net >>{out}"
    bundle.configure({**SLEEPER, "hooks": {"prestart": [{
        "path": "/bin/busybox", "args": ["sh", "-c", script, "libnetwork-setkey"]}]}})
    bundle.create().ok("")
    name, document, network = read(out).splitlines()
    state = golang.unmarshal(document)
    assert (name, state["pid"], state["id"]) == ("libnetwork-setkey", bundle.pid, bundle.id)
    assert network == namespaces_of(os.getpid())["network"] != namespaces_of(bundle.pid)["network"]


def test_network_is_made_between_create_and_start(bundle):
    """Docker 28: by /proc/PID/ns/net of the waiting process."""
    bundle.configure(SLEEPER)
    bundle.create().ok("")
    network = os.open(f"/proc/{bundle.pid}/ns/net", os.O_RDONLY)
    os.close(network)
    assert namespaces_of(bundle.pid)["network"] != namespaces_of(os.getpid())["network"]


def test_console_size(bundle, fd_receiver):
    """TestExecConsoleSize: 57 rows, 123 columns."""
    bundle.running(SLEEPER)
    process = {"args": ["/bin/sleep", "1000"], "cwd": "/", "terminal": True,
               "consoleSize": {"height": 57, "width": 123}}
    bundle.call("exec", "--process", bundle.file("process", json.dumps(process)),
                "--console-socket", fd_receiver.path, "--detach", "--pid-file",
                bundle.path + "/e.pid", bundle.id).ok("")
    assert size_of(fd_receiver.receive()[1]) == (57, 123)


def test_update_with_zeros(bundle, runc):
    """Docker 20.10 sends every field: zero is "leave it", -1 "no limit", memory.kernel ignored."""
    bundle.running({**SLEEPER, "linux.resources": {"cpu": {"shares": 512}}})
    zeros = {"cpu": {"shares": 0, "quota": 0, "period": 0}, "blockIO": {"weight": 0},
             "memory": {"limit": 0, "reservation": 0, "kernel": 0}}
    succeeds(runc.update(json.dumps(zeros) + "\n"))
    if cgroups.is_v1("cpu"):
        assert cgroups.read("cpu", bundle.cgroup, "cpu.shares") == "512"
    if cgroups.has_controller("pids"):
        succeeds(runc.update('{"pids":{"limit":-1}}\n'))


def test_stop_of_a_container_that_has_ended(bundle, runc):
    """kill then says what the shim maps to "process already finished"; dockerd waits on."""
    bundle.running({"process.args": ["/bin/true"]})
    bundle.end()
    said = runc.kill(15)
    assert error_text.containerd_kill(said.text) == "process already finished"
