"""conmon-rs, CRI-O's runtime_type "pod": a server that calls the runtime for many containers."""

import os

import golang
from engine import combined_output, read, succeeds
from harness import host
from harness.spec import shell

SLEEPER = {"process.args": ["/bin/sleep", "1000"]}


def argv(bundle, *words):
    """default_args and create_args: the root twice, and both in the form with an equals sign."""
    root = f"--root={bundle.state_root}"
    return [host.BRIG, root, root, *words]


def create(bundle, *flags):
    return argv(bundle, "create", "--bundle", bundle.path, "--pid-file", bundle.pid_file, *flags,
                bundle.id)


def test_global_flags_twice(bundle, subreaper):
    bundle.configure(shell("exit 2"))
    bundle.expect()
    monitor = subreaper(create(bundle), bundle.pid_file)
    monitor.created()
    bundle.start().ok("")
    assert monitor.code() == 2


def test_systemd_cgroup_twice(make_setting):
    setting = make_setting(pure_v2=True)
    setting.bundle.runtime.flags = ["--systemd-cgroup", "--systemd-cgroup"]
    setting.configure(SLEEPER)
    setting.bundle.create().ok("")
    assert setting.systemd.unit.name == setting.name


def test_pid_file(bundle):
    """parse::<u32>(), which takes no newline."""
    bundle.configure(SLEEPER)
    bundle.create().ok("")
    assert golang.parse_u32(read(bundle.pid_file)) == bundle.state()["pid"]


def test_exec_by_arguments(bundle, subreaper):
    """Without --process: the container's own process with another command."""
    bundle.running({**SLEEPER, "process.env": ["PATH=/bin", "A=b"]})
    pid_file = bundle.path + "/e.pid"
    monitor = subreaper(argv(bundle, "exec", "-d", f"--pid-file={pid_file}", bundle.id,
                             "/bin/sh", "-c", '[ "$A" = b ] && exit 11'), pid_file)
    monitor.created()
    assert monitor.code() == 11


def test_exec_with_a_terminal(bundle, fd_receiver):
    """Flags with equals signs; and both streams are read to their end after the exit."""
    bundle.running(SLEEPER)
    succeeds(combined_output(argv(
        bundle, "exec", "-d", f"--console-socket={fd_receiver.path}", "--tty",
        f"--pid-file={bundle.path}/e.pid", bundle.id, "/bin/sleep", "1000")))
    assert os.isatty(fd_receiver.receive()[1])


def test_create_with_a_terminal(bundle, fd_receiver):
    bundle.configure({**SLEEPER, "process.terminal": True})
    bundle.expect()
    succeeds(combined_output(create(bundle, f"--console-socket={fd_receiver.path}")))
    assert os.isatty(fd_receiver.receive()[1])


def test_additional_descriptors(bundle):
    """Mapped from 3 on."""
    bundle.configure({"process.args": ["/bin/busybox", "ls", "/proc/self/fd"]})
    kept = os.open("/dev/null", os.O_RDONLY)

    def arrange():
        os.dup2(kept, 3)
        os.dup2(kept, 4)
    out = bundle.run("--preserve-fds=2", before=arrange, close_fds=False).ok().stdout
    os.close(kept)
    assert {"3", "4"} <= set(out.split())
