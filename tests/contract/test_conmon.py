"""conmon, between Podman or CRI-O and the runtime; versions 2.1.6 and later."""

import json
import os
import select
import signal
import socket
import subprocess

from engine import die_with_caller, environment, read, shell_status
from go_runc import read_pid_file
from harness.sockets import FdReceiver
from harness.spec import shell

SLEEPER = {"process.args": ["/bin/sleep", "1000"]}


def create(bundle, *flags):
    return [*bundle.runtime.argv("create", "--bundle", bundle.path, "--pid-file", bundle.pid_file),
            *flags, bundle.id]


def execute(bundle, process, *flags):
    file = bundle.file("process", json.dumps({"cwd": "/", "env": ["PATH=/bin"], **process}))
    return bundle.runtime.argv("exec", "--pid-file", bundle.path + "/e.pid", "--process", file,
                               "--detach", *flags, bundle.id)


def first_read(argv):
    """conmon reads stderr once, at most 8191 bytes. A packet is what one write(2) wrote."""
    source, target = os.pipe2(os.O_DIRECT)
    child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=target, env=environment(), preexec_fn=die_with_caller)
    os.close(target)
    try:
        status = shell_status(child)
        return status, os.read(source, 8191).decode(), os.read(source, 8191).decode()
    finally:
        os.close(source)


def test_create_is_reaped_by_its_pid_file(bundle, subreaper):
    bundle.configure(shell("exit 5"))
    bundle.expect()
    monitor = subreaper(create(bundle, "--no-new-keyring"), bundle.pid_file)
    monitor.created()
    bundle.start().ok("")
    assert monitor.code() == 5


def test_exec_is_reaped_by_its_pid_file(bundle, subreaper):
    """By a conmon of its own, beside that of the container."""
    bundle.configure(SLEEPER)
    bundle.expect()
    container = subreaper(create(bundle), bundle.pid_file)
    container.created()
    bundle.start().ok("")
    monitor = subreaper(execute(bundle, {"args": ["sh", "-c", "kill -USR1 $$"]}),
                        bundle.path + "/e.pid")
    monitor.created()
    assert monitor.code() == -signal.SIGUSR1
    bundle.kill("KILL").ok("")
    assert container.code() == -signal.SIGKILL


def test_exec_in_a_shared_pid_namespace_is_reaped(bundle, subreaper):
    """No double fork may leave it to the container's first process."""
    bundle.running(SLEEPER)
    monitor = subreaper(execute(bundle, {"args": ["sh", "-c", "exit 8"]}), bundle.path + "/e.pid")
    monitor.created()
    assert monitor.code() == 8


def test_error_comes_in_one_read(bundle):
    bundle.configure({"process.args": ["/no/such"]})
    status, first, more = first_read(create(bundle))
    assert status == 1 and first.endswith("\n") and "no such file or directory" in first
    assert more == ""


def test_error_is_not_longer_than_a_read(bundle):
    """Every fault of a configuration at once is much; the beginning says what matters."""
    bundle.configure({"process.args": ["/no/" + "x" * 200]})
    status, first, more = first_read(create(bundle))
    assert status == 1 and len(first) < 8191 and more == ""


def test_error_of_exec_comes_in_one_read(bundle):
    bundle.running(SLEEPER)
    status, first, more = first_read(execute(bundle, {"args": ["foo"]}))
    assert status == 255 and "executable file not found in $PATH" in first and more == ""


def test_exec_that_fails_writes_no_pid_file(bundle):
    """Its absence is how later versions know (the status is what 2.1.6 goes by)."""
    bundle.running(SLEEPER)
    assert first_read(execute(bundle, {"args": ["foo"]}))[0] != 0
    assert not os.path.exists(bundle.path + "/e.pid")


def test_pid_file_is_replaced(bundle):
    """Left from before a restart."""
    bundle.configure(SLEEPER)
    bundle.file("pid", "4194304")
    bundle.create().ok("")
    assert read_pid_file(bundle.pid_file) == bundle.state()["pid"]


def test_console_is_there_before_the_runtime_exits(bundle, fd_receiver):
    """"Runtime did not set up terminal" otherwise. One message with one descriptor."""
    bundle.configure({**SLEEPER, "process.terminal": True})
    bundle.create("--console-socket", fd_receiver.path).ok("")
    assert select.select([fd_receiver.listener], [], [], 0)[0]
    peer, _ = fd_receiver.listener.accept()
    with peer:
        _, controls, _, _ = peer.recvmsg(8192, socket.CMSG_SPACE(4), socket.MSG_DONTWAIT)
    assert [len(payload) for _, _, payload in controls] == [4]
    fd_receiver.fd = int.from_bytes(controls[0][2], "little")
    assert os.isatty(fd_receiver.fd)


def test_exec_with_a_terminal(bundle, fd_receiver):
    """conmon up to 2.1.10 gives --tty as well as the process's own `terminal`."""
    bundle.running(SLEEPER)
    argv = execute(bundle, {"args": ["/bin/sleep", "1000"], "terminal": True}, "--tty",
                   "--console-socket", fd_receiver.path)
    bundle.runtime.call(argv=argv).ok("")
    assert os.isatty(fd_receiver.receive()[1])


def test_long_console_socket_path(bundle):
    """More than sun_path has room for."""
    receiver = FdReceiver(bundle.folder("x" * 120) + "/attach")
    bundle.configure({**SLEEPER, "process.terminal": True})
    bundle.create("--console-socket", receiver.path).ok("")
    assert os.isatty(receiver.receive()[1])
    receiver.close()


def test_umask_and_pipe_mode(bundle, output_pipe):
    """The pipes have mode 0777, the umask is 022; the container's own umask is not the caller's."""
    os.fchmod(output_pipe.write_end, 0o777)
    bundle.configure(shell("umask"))
    bundle.create(stdout=output_pipe.write_end, before=lambda: os.umask(0o022)).ok()
    bundle.start().ok("")
    assert output_pipe.line() == "0022"


def test_oom_score_is_inherited(bundle):
    """conmon restores its own before it calls the runtime."""
    def adjust():
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("123")
    bundle.configure(SLEEPER)
    bundle.create(before=adjust).ok("")
    assert read(f"/proc/{bundle.pid}/oom_score_adj").strip() == "123"


def test_cgroup_holds_the_pid_after_create(bundle):
    """Its memory.events is watched from then on."""
    bundle.configure(SLEEPER)
    bundle.create().ok("")
    assert bundle.cgroup in read(f"/proc/{bundle.pid}/cgroup")
    for folder in bundle.cgroup_directories():
        assert read(folder + "/cgroup.procs").split() == [str(bundle.pid)]
