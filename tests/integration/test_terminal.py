"""Terminals: in the foreground of the caller's own, and handed over through a socket."""

import os
import signal
import termios

import pytest

import messages as m
from harness import processes
from harness.sockets import FdReceiver
from harness.spec import USER_NAMESPACE, namespaces, shell
from harness.terminal import read_some, set_size, size_of

pytestmark = pytest.mark.sanitize

PROMPT = b"/ # "
TERMINAL = {"process.terminal": True}


# ---- in the foreground --------------------------------------------------------------------------

@pytest.fixture
def foreground(bundle, terminal):
    """foreground(changes): `run` of a terminal container, with a person at it."""
    def start(changes, **options):
        bundle.configure({**TERMINAL, **changes})
        return terminal(bundle.runtime.argv("run", "--bundle", bundle.path, bundle.id), **options)
    return start


def test_a_shell_can_be_talked_to_and_its_status_is_returned(foreground):
    person = foreground({"process.args": ["/bin/sh"]})
    person.expect(PROMPT)
    person.send(b"echo $((6 * 7)); tty\n")
    person.expect(b"42\r\n/dev/pts/0\r\n")
    person.expect(PROMPT)
    person.send(b"exit 7\n")
    assert person.wait() == 7


def test_the_program_leads_the_session_of_its_terminal(foreground):
    person = foreground(shell("/probe --out 3 3>/dev/null; test -t 0 && test -t 1 && test -t 2 && "
                              "cut -d' ' -f6,7,8 /proc/self/stat"))
    session, terminal_number, foreground_group = person.expect(b"\r\n").split()
    assert int(session) == 1
    assert os.major(int(terminal_number)) == 136  # a pty's slave
    assert int(foreground_group) == 1
    assert person.wait() == 0


def test_the_window_size_arrives_and_follows_a_resize(foreground):
    person = foreground(shell("trap 'stty size; exit' WINCH; stty size; while :; do sleep 1; done"),
                        rows=33, columns=111)
    person.expect(b"33 111\r\n")
    person.resize(44, 99)
    person.expect(b"44 99\r\n")
    assert person.wait() == 0


def test_control_c_reaches_the_container_and_not_the_runtime(foreground):
    person = foreground(shell("trap 'echo caught; exit 5' INT; echo ready; while :; do sleep 1; done"))
    person.expect(b"ready")
    assert person.is_raw()
    person.send(b"\x03")
    person.expect(b"caught")
    assert person.wait() == 5


def test_the_terminal_is_given_back_as_it_was(foreground):
    person = foreground({"process.args": ["/bin/sh"]})
    person.expect(PROMPT)
    assert person.is_raw()
    before = termios.ICANON | termios.ECHO | termios.ISIG
    person.send(b"exit\n")
    modes = None

    def restored():
        nonlocal modes
        modes = person.local_modes()
        return modes & before == before
    processes.until(restored, "the terminal's modes are restored")
    assert person.wait() == 0


def test_all_output_arrives_before_the_runtime_exits(foreground):
    person = foreground(shell("seq 1 20000; echo END"))
    assert person.wait() == 0
    lines = person.output.decode().split("\r\n")
    assert lines[:-1] == [*map(str, range(1, 20001)), "END"]


def test_end_of_file_is_passed_on(foreground):
    person = foreground({"process.args": ["/bin/cat"]})
    person.send(b"line\n")
    person.expect(b"line\r\nline\r\n")
    person.send(b"\x04")
    assert person.wait() == 0


def test_a_terminal_container_runs_without_a_terminal_of_the_callers(bundle):
    """From a script or a service: there is nobody to ask for a size, and nothing is made raw."""
    bundle.configure({**TERMINAL, **shell("test -t 1 && echo on a terminal")})
    assert bundle.run().ok().stdout == "on a terminal\r\n"


def test_input_from_a_pipe_reaches_the_terminal(bundle):
    bundle.configure({**TERMINAL, **shell("read line; echo got $line")})
    read, write = os.pipe()
    os.write(write, b"something\n")
    outcome = bundle.run(stdin=read)
    os.close(read)
    os.close(write)
    assert "got something" in outcome.ok().stdout


def test_a_signal_to_the_runtime_is_forwarded(foreground):
    person = foreground(shell("trap 'exit 9' TERM; echo ready; while :; do sleep 1; done"))
    person.expect(b"ready")
    os.kill(person.pid, signal.SIGTERM)
    # The shell notices when its sleep is over, at most a second later.
    assert person.wait() == 9


# ---- through a socket ---------------------------------------------------------------------------

@pytest.mark.both_cgroup_hosts
def test_the_console_socket_receives_the_master(bundle, fd_receiver):
    bundle.configure({**TERMINAL, **shell("stty size; read x; echo got $x; tty")})
    created = bundle.create("--console-socket", fd_receiver.path).ok("")
    _, master = fd_receiver.receive()
    set_size(master, 21, 99)
    bundle.start().ok("")
    read_some(master, b"21 99\r\n")
    os.write(master, b"word\n")
    assert b"/dev/pts/0" in read_some(master, b"/dev/pts/0")
    bundle.end()
    assert (created.stdout, created.stderr) == ("", "")


def test_run_detached_hands_the_terminal_over(bundle, fd_receiver):
    bundle.configure({**TERMINAL, **shell("echo hello; read x")})
    bundle.run("--detach", "--console-socket", fd_receiver.path, "--pid-file", bundle.pid_file).ok("")
    _, master = fd_receiver.receive()
    read_some(master, b"hello\r\n")
    os.write(master, b"\n")
    bundle.end()


def test_the_console_size_of_the_config_is_set(bundle, fd_receiver):
    bundle.configure({**TERMINAL, "process.consoleSize": {"height": 57, "width": 123}})
    bundle.create("--console-socket", fd_receiver.path).ok()
    assert size_of(fd_receiver.receive()[1]) == (57, 123)


def test_a_console_size_without_a_terminal_is_ignored(bundle):
    bundle.configure({**shell("echo ran"), "process.consoleSize": {"height": 57, "width": 123}})
    assert bundle.run().ok().stdout == "ran\n"


def test_a_long_socket_path_is_no_obstacle(bundle):
    receiver = FdReceiver(os.path.join(bundle.folder("d" * 120), "console.sock"))
    try:
        bundle.configure(TERMINAL)
        bundle.create("--console-socket", receiver.path).ok()
        assert os.isatty(receiver.receive()[1])
    finally:
        receiver.close()


def test_a_created_terminal_container_keeps_none_of_the_callers_descriptors(bundle, fd_receiver):
    """containerd reads the pipes of `create` to their end (engines.md 0.5)."""
    bundle.configure(TERMINAL)
    pipe = processes.OutputPipe()
    bundle.create("--console-socket", fd_receiver.path, stdout=pipe.write_end).ok()
    assert pipe.rest() == ""
    pipe.close()


def test_the_console_device_is_the_terminal(bundle, fd_receiver):
    bundle.configure({**TERMINAL, **shell("echo through the console >/dev/console")})
    bundle.create("--console-socket", fd_receiver.path).ok()
    _, master = fd_receiver.receive()
    bundle.start().ok()
    read_some(master, b"through the console\r\n")


def test_the_terminal_belongs_to_the_user(bundle, fd_receiver):
    bundle.configure({**TERMINAL, **shell("stat -Lc '%u %t' /proc/self/fd/0"),
                      "process.user": {"uid": 1000, "gid": 1000}})
    bundle.create("--console-socket", fd_receiver.path).ok()
    _, master = fd_receiver.receive()
    bundle.start().ok()
    read_some(master, b"1000 88\r\n")  # 0x88 = 136


def test_a_user_namespace_has_a_terminal_too(mapped_bundle):
    receiver = FdReceiver(os.path.join(mapped_bundle.path, "console.sock"))
    try:
        mapped_bundle.configure({**TERMINAL, **USER_NAMESPACE, **shell("tty"),
                                 "linux.namespaces+": namespaces("user")})
        mapped_bundle.create("--console-socket", receiver.path).ok()
        _, master = receiver.receive()
        mapped_bundle.start().ok()
        read_some(master, b"/dev/pts/0\r\n")
    finally:
        receiver.close()


def test_an_image_cannot_redirect_the_console(bundle, fd_receiver):
    """CVE-2026-88264: /dev/console as a link made a file of root's on the host."""
    canary = bundle.folder("canary")
    os.symlink(f"{canary}/made", bundle.inside("dev/console"))
    bundle.configure({**TERMINAL, "mounts": [], "root.readonly": False})
    bundle.create("--console-socket", fd_receiver.path)
    assert os.listdir(canary) == []


# ---- combinations that make no sense ------------------------------------------------------------

def test_a_detached_terminal_needs_a_console_socket(bundle):
    bundle.configure(TERMINAL)
    bundle.create().fails(m.said("create", bundle.id, m.NEEDS_CONSOLE_SOCKET))
    bundle.run("--detach").fails(m.said("run", bundle.id, m.NEEDS_CONSOLE_SOCKET))


def test_a_console_socket_needs_a_terminal(bundle, fd_receiver):
    bundle.configure()
    outcome = bundle.create("--console-socket", fd_receiver.path)
    outcome.fails(m.said("create", bundle.id, m.NEEDS_TERMINAL))


def test_a_console_socket_that_is_not_there_is_named(bundle):
    bundle.configure(TERMINAL)
    outcome = bundle.create("--console-socket", f"{bundle.path}/nobody")
    outcome.fails(m.no_console_socket(bundle, f"{bundle.path}/nobody"))
