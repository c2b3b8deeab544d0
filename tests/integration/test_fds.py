"""Descriptors: which the container gets, and the sockets and files that tell its pid."""

import contextlib
import json
import os
import stat

import pytest

import messages as m
from harness import host, processes
from harness.sockets import listening_socket
from harness.spec import bind, namespaces, shell

CLONE_NEWNET = 0x40000000
LISTEN = ["/bin/sh", "-c", 'LISTEN_PID=$$ exec "$@" </dev/null', "sh"]


def fds_of(output):
    return json.loads(output)["fds"]


def probe_config(bundle, changes=None):
    bundle.configure({"process.args": ["/probe", "--read", "/proc/self/fdinfo/0"], **(changes or {})})


@pytest.fixture
def junk(bundle):
    """Descriptors a sloppy caller leaves open: files, directories, sockets of the host."""
    bundle.file("host-file", "of the host")
    opened = [os.open(path, os.O_RDONLY) for path in
              (bundle.path, f"{bundle.path}/host-file", "/proc", "/sys/fs/cgroup", "/")]
    yield opened
    for fd in opened:
        os.close(fd)


def leak_to_child(fds, first=3):
    """For `before`: puts copies of fds at first, first+1, ... and at 41, 42, inheritable."""
    def prepare():
        copies = [os.dup2(fd, 200 + number, inheritable=False) for number, fd in enumerate(fds)]
        for number, fd in enumerate(copies):
            os.dup2(fd, first + number, inheritable=True)
        os.dup2(copies[0], 41, inheritable=True)
        os.dup2(copies[-1], 42, inheritable=True)
    return prepare


def open_for_child(first, fds):
    """Popen options that let the child inherit what leak_to_child prepares."""
    return {"before": leak_to_child(fds, first), "close_fds": False}


# ---- only what was asked for --------------------------------------------------------------------

def test_descriptors_a_caller_leaks_do_not_reach_the_container(bundle, junk):
    probe_config(bundle)
    outcome = bundle.run(**open_for_child(3, junk)).ok()
    assert sorted(fds_of(outcome.stdout)) == ["0", "1", "2"]


def test_the_waiting_process_holds_nothing_of_the_callers(bundle, junk):
    """While init waits for start, its descriptors must not lead to the host's files either."""
    bundle.configure()
    bundle.create(**open_for_child(3, junk)).ok()
    held = {identity(f"/proc/{bundle.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{bundle.pid}/fd")}
    assert held & {identity(f"/proc/self/fd/{fd}") for fd in junk} == set()


def identity(path):
    """None if it has just been closed."""
    with contextlib.suppress(FileNotFoundError):
        found = os.stat(path)
        return found.st_dev, found.st_ino


def test_standard_descriptors_are_the_callers_own(bundle):
    bundle.configure(shell("cat; echo err >&2"))
    read, write = os.pipe()
    os.write(write, b"through the pipe")
    os.close(write)
    outcome = bundle.run(stdin=read).exits(0)
    os.close(read)
    assert (outcome.stdout, outcome.stderr) == ("through the pipe", "err\n")


@pytest.mark.parametrize("closed", [[0], [1], [2], [0, 1, 2]], ids=str)
def test_closed_standard_descriptors_are_no_obstacle(bundle, closed):
    shared = bundle.folder("shared")
    bundle.configure({**shell("ls /proc/self/fd > /mnt/fds"), "mounts+": [bind(shared, "/mnt")]})

    def close():
        for fd in closed:
            os.close(fd)
    bundle.run(before=close).exits(0)
    with open(f"{shared}/fds") as file:
        assert set(file.read().split()) <= {"0", "1", "2", "3"}  # 3: the directory ls reads


# ---- --preserve-fds -----------------------------------------------------------------------------

@pytest.mark.parametrize("count", [1, 2, 5])
def test_preserved_descriptors_keep_their_numbers(bundle, junk, count):
    probe_config(bundle)
    outcome = bundle.run(f"--preserve-fds={count}", **open_for_child(3, junk)).ok()
    found = fds_of(outcome.stdout)
    assert sorted(found, key=int) == [str(fd) for fd in range(3 + count)]


def test_a_gap_among_the_preserved_descriptors_is_tolerated(bundle, junk):
    """Podman's --preserve-fd 9,40 leaves them (engines.md 0.5)."""
    probe_config(bundle)
    outcome = bundle.run("--preserve-fds", "4", before=lambda: os.dup2(junk[1], 5), close_fds=False)
    assert "5" in fds_of(outcome.ok().stdout)


def test_preserved_descriptors_survive_create_and_start(bundle, output_pipe):
    bundle.configure(shell("echo through three >&3"))
    bundle.create("--preserve-fds", "1", before=lambda: os.dup2(output_pipe.write_end, 3),
                  close_fds=False).ok()
    bundle.start().ok()
    assert output_pipe.line() == "through three"


# ---- socket activation --------------------------------------------------------------------------

def activated(bundle, *flags, fds=1, names=None, extra=0):
    """Runs with LISTEN_FDS as systemd sets it: LISTEN_PID is the runtime's own."""
    listener = listening_socket(f"{bundle.path}/listen.sock")
    environment = {"LISTEN_FDS": str(fds), **({"LISTEN_FDNAMES": names} if names else {})}

    def prepare():
        source = os.dup2(listener.fileno(), 200, inheritable=False)
        for number in range(fds + extra):
            os.dup2(source, 3 + number, inheritable=True)
    with listener:
        return bundle.runtime.call(
            argv=LISTEN + bundle.runtime.argv("run", "--bundle", bundle.path, *flags, bundle.id),
            env=environment, before=prepare, close_fds=False)


def test_sockets_of_socket_activation_are_passed_on(bundle):
    probe_config(bundle)
    out = activated(bundle, fds=2, names="web:admin").ok().stdout
    assert sorted(fds_of(out)) == ["0", "1", "2", "3", "4"]
    assert {f'"{each}"' for each in ("LISTEN_FDS=2", "LISTEN_PID=1", "LISTEN_FDNAMES=web:admin")} <= set(
        out[out.index('"env":[') + 7:].split("]")[0].split(","))


def test_preserved_descriptors_come_after_the_sockets(bundle):
    probe_config(bundle)
    out = activated(bundle, "--preserve-fds", "2", fds=1, extra=2).ok().stdout
    assert sorted(fds_of(out)) == ["0", "1", "2", "3", "4", "5"]


def test_sockets_meant_for_another_process_are_not_passed_on(bundle):
    probe_config(bundle)
    out = bundle.run(env={"LISTEN_FDS": "1", "LISTEN_PID": "1"}, before=lambda: os.dup2(2, 3),
                     close_fds=False).ok().stdout
    assert "3" not in fds_of(out)
    assert "LISTEN_FDS" not in out


# ---- pid ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("command", ["create", "run"])
def test_the_pid_file_holds_the_digits_and_nothing_else(bundle, command):
    bundle.configure({"process.args": ["/bin/sleep", "1000"]})
    bundle.file("pid", "left by an earlier container, and longer")
    if command == "create":
        bundle.create().ok()
    else:
        bundle.run("--detach", "--pid-file", bundle.pid_file).ok()
    with open(bundle.pid_file) as file:
        assert file.read() == str(bundle.state()["pid"])
    assert stat.S_IMODE(os.stat(bundle.pid_file).st_mode) == 0o644
    assert [name for name in os.listdir(bundle.path) if "pid" in name] == ["pid"]


def test_a_relative_pid_file_is_where_the_caller_is(bundle):
    bundle.configure()
    where = bundle.folder("elsewhere")
    bundle.create("--pid-file", "the-pid", cwd=where).ok()
    with open(f"{where}/the-pid") as file:
        assert int(file.read()) == bundle.state()["pid"]


def test_a_create_that_fails_writes_no_pid_file(bundle):
    bundle.configure({"process.args": ["/no/such/program"]})
    bundle.create().exits(1)
    assert not os.path.exists(bundle.pid_file)


def test_a_pid_file_that_cannot_be_written_fails_the_create(bundle):
    bundle.configure()
    outcome = bundle.call("create", "--bundle", bundle.path, "--pid-file", "/nowhere/pid", bundle.id)
    outcome.fails(m.bad_pid_file(bundle, "/nowhere/pid"))


@pytest.mark.parametrize("command", ["create", "run"])
def test_the_pidfd_socket_receives_a_pidfd_of_the_process(bundle, fd_receiver, command):
    bundle.configure({"process.args": ["/bin/sleep", "1000"]})
    if command == "create":
        bundle.create("--pidfd-socket", fd_receiver.path).ok()
    else:
        bundle.run("--detach", "--pid-file", bundle.pid_file, "--pidfd-socket", fd_receiver.path).ok()
    data, pidfd = fd_receiver.receive()
    assert data == b"standard"
    with open(f"/proc/self/fdinfo/{pidfd}") as file:
        assert f"Pid:\t{bundle.pid}\n" in file.read()
    bundle.kill("KILL").ok()
    processes.wait_readable(pidfd, "the end of the process")


def test_a_pidfd_socket_that_is_not_there_is_named(bundle):
    bundle.configure()
    outcome = bundle.create("--pidfd-socket", f"{bundle.path}/nobody")
    outcome.fails(m.no_pidfd_socket(bundle, f"{bundle.path}/nobody"))


def test_no_abstract_socket_is_left_for_containers_to_find(bundle):
    """In a network namespace that nobody has but the container and the runtime that made it."""
    bundle.configure({"linux.namespaces": namespaces("pid", "ipc", "uts", "mount")})
    bundle.create(before=lambda: host.unshare(CLONE_NEWNET)).ok()
    with open(f"/proc/{bundle.pid}/net/unix") as file:
        assert [line for line in file if line.split()[-1].startswith("@")] == []
