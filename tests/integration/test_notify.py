"""NOTIFY_SOCKET: the container's program says that it is ready, and the host is told."""

import os
import signal
import socket

import pytest

import messages as m
from harness import mounts, processes
from harness.bundle import compiled_into
from harness.runtime import Runtime
from harness.sockets import NotifySocket
from harness.spec import USER_NAMESPACE, bind, mount, namespaces, shell

TMPFS_ON_RUN = mount("/run", "tmpfs", "tmpfs", "mode=755")


def said(notify_socket):
    """The lines that the host was told, up to the barrier, which is answered."""
    return notify_socket.lines(until="BARRIER=")


def told(pid):
    return ["READY=1", f"MAINPID={pid}", "BARRIER=1"]


def silent(notify_socket):
    try:
        return notify_socket.socket.recv(4096, socket.MSG_DONTWAIT) is None
    except BlockingIOError:
        return True


def environment(notify_socket):
    return {"NOTIFY_SOCKET": notify_socket.path}


@pytest.fixture
def notifying(bundle):
    """notifying("READY=1", "exit"): a container that says this; see notify.c."""
    def configure(*messages, changes=None, of=bundle):
        compiled_into(of, "notify", "notify.c")
        of.configure({"process.args": ["/notify", *messages], **(changes or {})})
        return of
    return configure


@pytest.fixture
def gated(bundle):
    """A container that is ready when the gate opens; gated() opens it."""
    shared = bundle.folder("shared")
    os.mkfifo(f"{shared}/gate")
    compiled_into(bundle, "notify", "notify.c")
    bundle.configure({**shell("echo > /mnt/started; read gate < /mnt/gate; exec /notify READY=1"),
                      "mounts+": [bind(shared, "/mnt")]})

    def open_gate():
        with open(f"{shared}/gate", "w") as gate:
            gate.write("open\n")
    open_gate.started = f"{shared}/started"
    return open_gate


def is_waiting(running, gate):
    """The program runs, and the runtime is still there."""
    processes.until(lambda: os.path.exists(gate.started), "the program's start")
    return running.popen.poll() is None


# ---- who is told what ---------------------------------------------------------------------------

def test_in_the_foreground_the_runtime_stays_the_main_process(notifying, bundle, notify_socket):
    """It forwards signals and removes the container; a manager must not take its end for early."""
    notifying("STATUS=working", "READY=1")
    running = bundle.spawn_run(env=environment(notify_socket))
    assert said(notify_socket) == told(running.pid)
    bundle.kill("KILL").ok()
    running.wait().exits(137)


def test_run_detached_returns_when_the_program_is_ready(gated, bundle, notify_socket):
    running = bundle.spawn_run("--detach", "--pid-file", bundle.pid_file,
                               env=environment(notify_socket))
    assert is_waiting(running, gated)
    assert silent(notify_socket)
    gated()
    assert said(notify_socket) == told(bundle.pid)
    running.wait().ok()
    assert bundle.status() == "running"
    bundle.delete("--force").ok()


def test_start_returns_when_the_program_is_ready(gated, bundle, notify_socket):
    bundle.create(env=environment(notify_socket)).ok()
    starting = bundle.runtime.spawn("start", bundle.id, env=environment(notify_socket))
    assert is_waiting(starting, gated)
    gated()
    assert said(notify_socket) == told(bundle.pid)
    starting.wait().ok()
    assert bundle.status() == "running"


def test_nothing_but_readiness_is_passed_on(notifying, bundle, notify_socket):
    notifying("MAINPID=1", "STATUS=x", "X-READY=1", "STOPPING=1\nREADY=1\nMAINPID=1", "READY=1")
    running = bundle.spawn_run(env=environment(notify_socket))
    assert said(notify_socket) == told(running.pid)
    bundle.kill("KILL").ok()
    running.wait().exits(137)
    assert silent(notify_socket)


def test_what_the_program_says_last_is_still_passed_on(notifying, bundle, notify_socket):
    notifying("STATUS=x", "READY=1", "exit")
    running = bundle.spawn_run(env=environment(notify_socket))
    assert said(notify_socket) == told(running.pid)
    running.wait().ok()


def test_a_program_that_goes_on_talking_is_not_blocked(notifying, bundle, notify_socket):
    """The queue of a socket that nobody reads is full after max_dgram_qlen messages."""
    notifying("READY=1", *["WATCHDOG=1"] * 2000, "exit")
    running = bundle.spawn_run(env=environment(notify_socket))
    assert said(notify_socket) == told(running.pid)
    running.wait().ok()


# ---- never ready --------------------------------------------------------------------------------

def test_run_passes_on_the_status_of_a_program_that_is_never_ready(bundle, notify_socket):
    bundle.configure(shell("exit 3"))
    bundle.run(env=environment(notify_socket)).exits(3)
    assert silent(notify_socket)


def test_waiting_ends_with_a_program_that_is_never_ready(bundle, notify_socket):
    bundle.configure(shell("exit 3"))
    bundle.run("--detach", env=environment(notify_socket)).ok()
    bundle.delete().ok()
    bundle.create(env=environment(notify_socket)).ok()
    bundle.start(env=environment(notify_socket)).ok()
    assert silent(notify_socket)


def test_a_program_that_cannot_be_executed_is_an_error_all_the_same(bundle, notify_socket):
    bundle.configure({"process.args": ["/no/such"]})
    for flags in ([], ["--detach"]):
        bundle.run(*flags, env=environment(notify_socket)).exits(1)
    assert silent(notify_socket)


@pytest.mark.parametrize("command", ["run", "start"])
def test_a_container_that_is_not_ready_can_be_deleted(gated, bundle, notify_socket, command):
    if command == "run":
        running = bundle.spawn_run("--detach", env=environment(notify_socket))
    else:
        bundle.create(env=environment(notify_socket)).ok()
        running = bundle.runtime.spawn("start", bundle.id, env=environment(notify_socket))
    assert is_waiting(running, gated)
    bundle.delete("--force").ok()
    running.wait().ok()


def test_a_signal_ends_the_waiting_and_not_the_container(gated, bundle, notify_socket):
    running = bundle.spawn_run("--detach", env=environment(notify_socket))
    assert is_waiting(running, gated)
    running.signal(signal.SIGTERM)
    running.wait().exits(128 + signal.SIGTERM)
    assert bundle.status() == "running"
    bundle.delete("--force").ok()


# ---- what the container sees --------------------------------------------------------------------

def test_the_socket_is_on_a_private_mount_that_cannot_be_written_to(bundle, notify_socket):
    out = bundle.says("grep /run/notify /proc/self/mountinfo; rm /run/notify/notify.sock 2>&1; "
                      "echo $NOTIFY_SOCKET; ls /run/notify",
                      {"linux.rootfsPropagation": "shared", "root.readonly": False,
                       "process.env+": ["NOTIFY_SOCKET=/another"]},
                      env=environment(notify_socket))
    line, refusal, variable, names = out.splitlines()
    seen = mounts.top(line)["/run/notify"]
    assert {"ro", "nosuid", "nodev", "noexec"} <= seen.options
    assert seen.propagation == "private"
    assert "Read-only file system" in refusal
    assert variable == "/run/notify/notify.sock"
    assert names == "notify.sock"


def test_a_tmpfs_on_run_does_not_hide_the_socket(notifying, bundle, notify_socket):
    notifying("READY=1", "exit", changes={"mounts+": [TMPFS_ON_RUN]})
    running = bundle.spawn_run(env=environment(notify_socket))
    assert said(notify_socket) == told(running.pid)
    running.wait().ok()


def test_an_ordinary_user_of_a_user_namespace_is_heard(notifying, mapped_bundle, notify_socket):
    notifying("READY=1", "exit", of=mapped_bundle,
              changes={**USER_NAMESPACE, "linux.namespaces+": namespaces("user"),
                       "process.user": {"uid": 1000, "gid": 1000}})
    running = mapped_bundle.spawn_run(env=environment(notify_socket),
                                      before=lambda: os.umask(0o077))
    assert said(notify_socket) == told(running.pid)
    running.wait().ok()


def test_without_a_socket_the_configured_variable_is_left_alone(bundle):
    out = bundle.says("echo $NOTIFY_SOCKET; ls /run", {"process.env+": ["NOTIFY_SOCKET=/another"]})
    assert out == "/another\n"


# ---- sockets ------------------------------------------------------------------------------------

def test_the_state_directory_may_have_a_longer_path_than_a_socket(notifying, bundle,
                                                                  notify_socket):
    notifying("READY=1", "exit")
    bundle.runtime = Runtime(bundle.folder("s" * 120))
    running = bundle.spawn_run(env=environment(notify_socket))
    assert said(notify_socket) == told(running.pid)
    running.wait().ok()
    assert os.listdir(bundle.runtime.root) in ([], [".cache"])


def test_the_host_may_listen_on_an_abstract_socket(notifying, bundle):
    notifying("READY=1", "exit")
    listener = NotifySocket.__new__(NotifySocket)
    listener.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.socket.bind(f"\0{bundle.id}")
    running = bundle.spawn_run(env={"NOTIFY_SOCKET": f"@{bundle.id}"})
    assert said(listener) == told(running.pid)
    running.wait().ok()
    listener.close()


@pytest.mark.parametrize("flags", [[], ["--detach"]], ids=["foreground", "detached"])
def test_a_host_that_does_not_listen_is_only_a_warning(notifying, bundle, flags):
    notifying("READY=1", "exit")
    log = f"{bundle.path}/log"
    outcome = bundle.runtime.call("--log", log, "--log-level", "warning", "run", *flags,
                                  "--bundle", bundle.path, bundle.id,
                                  env={"NOTIFY_SOCKET": f"{bundle.path}/nobody"}).ok()
    with open(log) as file:
        assert m.no_notify_host(f"{bundle.path}/nobody") in file.read()
    assert outcome.stderr == ""
    if flags:
        bundle.delete("--force").ok()


def test_start_does_not_wait_for_a_container_that_was_created_without(bundle, notify_socket):
    bundle.configure({"process.args": ["/bin/sleep", "1000"]})
    bundle.create().ok()
    bundle.start(env=environment(notify_socket)).ok()
    assert bundle.status() == "running"


def test_a_container_in_the_hosts_mount_namespace_gets_no_socket(bundle, notify_socket):
    bundle.configure({**shell("echo ${NOTIFY_SOCKET-none}"), "mounts": [],
                      "linux.namespaces": namespaces("pid"), "linux.maskedPaths": [],
                      "linux.readonlyPaths": [], "root.readonly": False},
                     without=["hostname"])
    bundle.run(env=environment(notify_socket)).ok("none\n")
