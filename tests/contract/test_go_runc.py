"""containerd/go-runc, the library under containerd's shim and BuildKit."""

import json
import os
import socket

import pytest

import golang
from engine import succeeds
from go_runc import GoRunc, parse_ps_output, read_pid_file
from harness import processes
from harness.spec import shell

SLEEPER = {"process.args": ["/bin/sleep", "1000"]}
TERMINAL = {"process.terminal": True}


@pytest.fixture
def runc(bundle):
    return GoRunc(bundle)


# ---- command lines ------------------------------------------------------------------------------

@pytest.mark.parametrize("flags", [
    ["--debug", "--log", "{log}"], ["--log", "{log}", "--log-format", "json", "--rootless=true"],
    ["--log", "{log}", "--log-format", "json", "--criu", "/usr/sbin/criu"],
    ["--rootless=false"]], ids=" ".join)
def test_global_flags(bundle, flags):
    bundle.configure()
    bundle.runtime.flags = [flag.format(log=bundle.path + "/log.json") for flag in flags]
    bundle.create().ok("")


@pytest.mark.parametrize("flags", [
    ["--no-pivot"], ["--no-new-keyring"], ["--detach"], ["--preserve-fds", "0"],
    ["--no-pivot", "--no-new-keyring", "--detach"]], ids=" ".join)
def test_create_flags(bundle, flags):
    bundle.configure()
    bundle.create(*flags).ok("")


def test_run(bundle, runc):
    """In the foreground, and the status is the program's."""
    bundle.configure(shell("echo out; echo err >&2; exit 3"))
    said = runc.call("run", "--bundle", bundle.path, "--pid-file", bundle.pid_file, bundle.id)
    assert said.status == 3 and sorted(said.text.split()) == ["err", "out"]


@pytest.mark.parametrize("words", [["--resources=-"], ["--resources", "-"]], ids=" ".join)
def test_update_reads_a_pipe(bundle, runc, words):
    bundle.running(SLEEPER)
    succeeds(runc.update('{"cpu":{"shares":512}}\n', words))


def test_exec_process_file_is_deleted(bundle, runc, subreaper):
    """As soon as the runtime has returned."""
    bundle.running(SLEEPER)
    process = json.dumps({"args": ["/bin/sleep", "1000"], "cwd": "/", "user": {"uid": 0, "gid": 0}})
    file = bundle.file("runc-process123", process + "\n")
    monitor = subreaper(runc.argv(*runc.exec_words(file, bundle.path + "/e.pid")),
                        bundle.path + "/e.pid")
    pid = monitor.created()
    os.unlink(file)
    assert processes.is_alive(pid)


def test_environment_without_notify_socket(bundle):
    runc = GoRunc(bundle, env={"NOTIFY_SOCKET": "/nowhere", "TTRPC_ADDRESS": "/x"})
    assert "NOTIFY_SOCKET" not in runc.env
    bundle.configure(shell("exit 4"))
    assert runc.call("run", "--bundle", bundle.path, bundle.id).status == 4


def test_working_directory_is_the_callers(new_bundle):
    """A sandbox's bundle, for every container of its pod."""
    sandbox, bundle = new_bundle(), new_bundle()
    bundle.configure({**SLEEPER, "root.path": "rootfs"})
    bundle.create(cwd=sandbox.path).ok("")
    assert bundle.state()["rootfs"] == bundle.rootfs


# ---- what it reads ------------------------------------------------------------------------------

def test_pid_file(bundle, runc):
    """strconv.Atoi of the whole file."""
    bundle.configure(SLEEPER)
    bundle.create().ok("")
    assert runc.pid() == runc.state()["pid"]


def test_state(bundle, runc):
    """json.Unmarshal of both streams; `created` is a time.Time."""
    bundle.configure({**SLEEPER, "annotations": {"a": "b"}})
    bundle.create().ok("")
    state = runc.state()
    assert {"id": bundle.id, "status": "created", "bundle": bundle.path, "rootfs": bundle.rootfs,
            "annotations": {"a": "b"}, "pid": bundle.pid}.items() <= state.items()


def test_list(bundle, runc):
    empty = runc.call("list", "--format=json")
    assert (empty.status, golang.unmarshal(empty.text)) == (0, None)
    bundle.running(SLEEPER)
    listed = golang.unmarshal(runc.call("list", "--format=json").text)
    assert [entry["id"] for entry in listed] == [bundle.id]
    assert {"id", "pid", "status", "bundle", "rootfs", "created"} <= set(listed[0])
    golang.rfc3339(listed[0]["created"])


def test_ps(bundle, runc):
    bundle.running(SLEEPER)
    assert runc.ps() == [bundle.pid]
    bundle.kill("KILL")
    bundle.end()
    assert runc.ps() == []


def test_ps_table(bundle, runc):
    bundle.running(SLEEPER)
    said = runc.call("ps", "--format", "table", bundle.id, "-o", "pid,comm")
    assert parse_ps_output(said.text)["PID"] == [str(bundle.pid)]


def uint64_leaves(value, path=""):
    """Every number but the averages of `psi`, which go-runc does not decode, must be a uint64."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in ("psi", "cpuset"):
                uint64_leaves(item, f"{path}.{key}")
    elif isinstance(value, list):
        for item in value:
            uint64_leaves(item, path)
    elif not isinstance(value, (str, bool)):
        golang.unsigned(value)


def test_stats(bundle, runc):
    bundle.running(SLEEPER)
    said = runc.call("events", "--stats", bundle.id)
    event, = golang.decode_all(said.text)
    assert (said.status, event["type"], event["id"]) == (0, "stats", bundle.id)
    uint64_leaves(event["data"])
    assert {"total", "kernel", "user"} <= set(event["data"]["cpu"]["usage"])
    assert {"cpu", "memory", "pids", "blkio", "hugetlb"} <= set(event["data"])


def test_events(bundle, output_pipe):
    """Decoded as they come, until the end of file when the container has ended."""
    bundle.running(SLEEPER)
    running = bundle.runtime.spawn("events", "--interval=1s", bundle.id,
                                   stdout=output_pipe.write_end)
    assert golang.unmarshal(output_pipe.line())["type"] == "stats"
    bundle.kill("KILL")
    bundle.end()
    golang.decode_all(output_pipe.rest())
    assert running.wait().status == 0


def test_features_are_on_stdout(bundle):
    outcome = bundle.runtime.bare("features").exits(0)
    assert golang.unmarshal(outcome.stdout) and outcome.stderr == ""


def test_version(bundle):
    """Commit and specification, each behind its word; the first line is runc's alone."""
    first, *rest = bundle.runtime.bare("--version").ok().stdout.strip().split("\n")
    found = dict(line.split(": ", 1) for line in rest)
    assert found["commit"] and found["spec"].startswith("1.") and first.endswith(first.split()[-1])


def test_failure_text(runc):
    """Both streams of a command that failed are all it has to say."""
    for words in (["start"], ["pause"], ["resume"], ["kill"], ["delete"], ["state"], ["ps"]):
        said = runc.call(*words, "nobody", *(["9"] if words == ["kill"] else []))
        assert said.status == 1 and "nobody" in said.text, said


# ---- terminals ----------------------------------------------------------------------------------

def receive_master(receiver):
    """recvFd: room for one descriptor of four bytes, and a name of less than 4096."""
    processes.wait_readable(receiver.listener.fileno(), "the console")
    peer, _ = receiver.listener.accept()
    with peer:
        data, controls, flags, _ = peer.recvmsg(4096, socket.CMSG_SPACE(4))
    assert 0 < len(data) < 4096 and not flags & socket.MSG_CTRUNC
    (level, kind, payload), = controls
    assert (level, kind, len(payload)) == (socket.SOL_SOCKET, socket.SCM_RIGHTS, 4)
    receiver.fd = int.from_bytes(payload, "little")
    assert os.isatty(receiver.fd)
    return receiver.fd


def test_create_with_a_terminal_lets_go_of_its_output(bundle, runc, fd_receiver):
    """Wait blocks until the end of file, and a container that holds the pipe blocks it for good."""
    bundle.configure({**SLEEPER, **TERMINAL})
    succeeds(runc.create("--console-socket", fd_receiver.path))
    receive_master(fd_receiver)
    assert bundle.status() == "created"
    succeeds(runc.start())


def test_exec_with_a_terminal_lets_go_of_its_output(bundle, runc, fd_receiver):
    bundle.running(SLEEPER)
    process = bundle.file("process", json.dumps({
        "args": ["/bin/sleep", "1000"], "cwd": "/", "terminal": True}))
    succeeds(runc.call(*runc.exec_words(process, bundle.path + "/e.pid",
                                        "--console-socket", fd_receiver.path)))
    receive_master(fd_receiver)
    assert processes.is_alive(read_pid_file(bundle.path + "/e.pid"))


def test_start_lets_go_of_its_output(bundle, runc):
    """The started program has the streams of create, and none of start's."""
    bundle.configure(SLEEPER)
    bundle.create().ok("")
    succeeds(runc.start())
    assert bundle.status() == "running"


def test_pidfd_socket(bundle, fd_receiver):
    bundle.configure(SLEEPER)
    bundle.create("--pidfd-socket", fd_receiver.path).ok("")
    _, pidfd = fd_receiver.receive()
    with open(f"/proc/self/fdinfo/{pidfd}") as file:
        assert f"Pid:\t{bundle.pid}\n" in file.read()


def test_killed_create_is_removed_by_force(bundle, runc):
    """PDEATHSIG or a context that ended: whatever the moment, delete --force cleans up."""
    bundle.configure(SLEEPER)
    argv = runc.argv(*runc.create_words())
    creating = bundle.runtime.spawn(argv=argv)
    processes.until(lambda: os.listdir(bundle.state_root) or creating.popen.poll() is not None,
                    "the first sign of the container")
    creating.popen.kill()
    creating.popen.wait()
    succeeds(runc.delete(force=True))
    assert os.listdir(bundle.state_root) == []
