"""Podman: what it gives conmon to pass on, what it calls by itself, and what it reads."""

import os
import subprocess

import pytest

import error_text
import golang
from engine import Said, environment, read, shell_status, succeeds
from harness import host, processes
from harness.sockets import listening_socket
from harness.spec import mount, shell

SLEEPER = {"process.args": ["/bin/sleep", "1000"]}
BARE = {"XDG_RUNTIME_DIR": ""}  # the whole environment of its own calls as root


def call(bundle, *words, only=BARE):
    streams = [processes.OutputPipe(), processes.OutputPipe()]
    child = subprocess.Popen(bundle.runtime.argv(*words), stdin=subprocess.DEVNULL,
                             stdout=streams[0].write_end, stderr=streams[1].write_end,
                             env=environment(only=only))
    texts = [stream.rest() for stream in streams]
    for stream in streams:
        stream.close()
    return Said(shell_status(child), "".join(texts))


def failure_of_create(bundle, program):
    """What readConmonPipeData finds in the log: exactly one JSON object, or it takes the text."""
    log = bundle.path + "/oci-log"
    bundle.configure({"process.args": [program]})
    bundle.runtime.flags = ["--log-format=json", "--log", log]
    outcome = bundle.create().exits(1)
    entry = golang.unmarshal(read(log))
    assert entry["level"] == "error" and isinstance(entry["time"], str)
    bundle.runtime.flags = []
    return entry["msg"], outcome.stderr


# ---- errors -------------------------------------------------------------------------------------

@pytest.mark.parametrize("program, code", [("foo", 127), ("/no/such", 127), ("/etc", 126),
                                           ("/etc/passwd", 126)])
def test_run_exit_code(bundle, program, code):
    """From the log, and from stderr where the runtime's name is not in runtime_supports_json."""
    for text in failure_of_create(bundle, program):
        assert error_text.podman(text) == error_text.podman(text, False) == code


@pytest.mark.parametrize("program, code", [("foo", 127), ("/no/such", 127), ("/etc", 126),
                                           ("/etc/passwd", 126)])
def test_exec_exit_code(bundle, program, code):
    bundle.running(SLEEPER)
    outcome = bundle.call("exec", bundle.id, program).exits(255)
    assert error_text.podman(outcome.stderr) == code


def test_log_is_one_object(bundle):
    """json.Unmarshal of the whole file: no warning beside the error."""
    failure_of_create(bundle, "/no/such")


def test_message_for_a_directory(bundle):
    """exec_test.go wants these words of every runtime that is not runc."""
    message, _ = failure_of_create(bundle, "/etc")
    assert message.endswith("the path `/etc` is not a regular file: Operation not permitted")


def test_other_errors_are_126(bundle):
    bundle.configure({"process.rlimits": [{"type": "RLIMIT_X", "soft": 1, "hard": 1}]})
    assert error_text.podman(bundle.create().exits(1).stderr) == 126


def test_unknown_runtime_flag(bundle):
    """030-run.bats: exit code 126, and the flag's name in what is shown."""
    bundle.configure()
    outcome = bundle.runtime.bare("--invalidflag", "create", "--bundle", bundle.path, bundle.id)
    assert "invalidflag" in outcome.stderr and error_text.podman(outcome.stderr) == 126


# ---- command lines ------------------------------------------------------------------------------

@pytest.mark.parametrize("flags", [
    ["--log-format=json", "--log", "{log}"], ["--debug"], ["--cgroup-manager", "disabled"],
    ["--log-format=json", "--log", "{log}", "--cgroup-manager", "disabled"]], ids=" ".join)
def test_runtime_flags(bundle, flags):
    bundle.configure(without=["linux.resources"])
    bundle.runtime.flags = [flag.format(log=bundle.path + "/oci-log") for flag in flags]
    assert bundle.create("--no-new-keyring").status == 0


def test_calls_without_an_environment(bundle):
    """start has PATH as well; kill, pause, resume and delete have XDG_RUNTIME_DIR alone."""
    bundle.configure(SLEEPER)
    bundle.create().ok("")
    succeeds(call(bundle, "start", bundle.id, only={**BARE, "PATH": "/usr/bin"}))
    for words in (["pause", bundle.id], ["resume", bundle.id], ["kill", bundle.id, "9"]):
        succeeds(call(bundle, *words))
    bundle.end()
    succeeds(call(bundle, "delete", "--force", bundle.id))


def test_delete_after_a_failed_create(bundle):
    """Always by force, though nothing is there."""
    bundle.configure({"process.args": ["/no/such"]})
    bundle.create().exits(1)
    succeeds(call(bundle, "delete", "--force", bundle.id))


def test_kill_all(bundle):
    bundle.running(SLEEPER)
    succeeds(call(bundle, "kill", "--all", bundle.id, "15"))
    succeeds(call(bundle, "kill", "--all", bundle.id, "9"))
    assert bundle.end() == 137


def test_stop_polls_the_pid(bundle):
    """kill(pid, 0) until it is gone; a kill that comes too late may fail then."""
    bundle.running(SLEEPER)
    pid = bundle.pid
    succeeds(call(bundle, "kill", bundle.id, "9"))
    bundle.end()
    assert not processes.is_alive(pid)
    assert call(bundle, "kill", bundle.id, "9").status != 0


def test_update_from_a_file(bundle):
    bundle.running(SLEEPER)
    file = bundle.file("podman123", '{"cpu":{"shares":300}}')
    succeeds(call(bundle, "update", f"--resources={file}", bundle.id))


def test_state_without_flags(bundle):
    """Podman up to 5.2: the default root, no environment, and a stderr that nobody reads."""
    bundle.configure(SLEEPER)
    bundle.expect()
    bundle.runtime.bare("create", "--bundle", bundle.path, bundle.id, env=BARE).ok("")
    source, target = os.pipe()
    os.close(source)  # a warning would be SIGPIPE
    out = processes.OutputPipe()
    child = subprocess.Popen([host.BRIG, "state", bundle.id], stdin=subprocess.DEVNULL,
                             stdout=out.write_end, stderr=target, env=environment(only=BARE))
    os.close(target)
    text = out.rest()
    out.close()
    assert shell_status(child) == 0 and golang.unmarshal(text)["status"] == "created"
    bundle.runtime.bare("delete", "--force", bundle.id).ok("")


# ---- descriptors --------------------------------------------------------------------------------

def test_preserved_descriptors_with_gaps(bundle):
    """--preserve-fd 9,40: a number up to the last, of which only some are open."""
    bundle.configure({"process.args": ["/bin/busybox", "ls", "/proc/self/fd"]})
    kept = os.open("/dev/null", os.O_RDONLY)
    out = bundle.run("--preserve-fds", "6", before=lambda: os.dup2(kept, 8), close_fds=False)
    os.close(kept)
    assert "8" in out.ok().stdout.split()


def test_socket_activation(bundle):
    """LISTEN_FDS in the environment and --preserve-fds for the same descriptors."""
    bundle.configure(shell("echo $LISTEN_FDS $LISTEN_PID; ls /proc/self/fd"))
    with listening_socket(f"{bundle.path}/listen") as listener:
        argv = ["/bin/sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh", *bundle.runtime.argv(
            "run", "--bundle", bundle.path, "--preserve-fds", "1", bundle.id)]
        out = bundle.runtime.call(argv=argv, env={"LISTEN_FDS": "1"}, close_fds=False,
                                  before=lambda: os.dup2(listener.fileno(), 3)).ok().stdout
    first, *fds = out.splitlines()
    assert first == "1 1" and "3" in fds


def test_leaked_port_sockets(bundle):
    """Held by conmon and inherited by the runtime: not the container's."""
    bundle.configure({"process.args": ["/bin/busybox", "ls", "/proc/self/fd"]})
    with listening_socket(f"{bundle.path}/port") as listener:
        out = bundle.run(before=lambda: os.dup2(listener.fileno(), 9), close_fds=False)
    assert "9" not in out.ok().stdout.split()


# ---- configurations -----------------------------------------------------------------------------

def test_notify_socket_of_the_configuration(bundle):
    """--sdnotify=container: Podman mounts the socket and sets the variable itself."""
    bundle.configure({**shell("echo $NOTIFY_SOCKET"),
                      "process.env": ["PATH=/bin", "NOTIFY_SOCKET=/run/notify/notify.sock"]})
    bundle.run().ok("/run/notify/notify.sock\n")


@pytest.mark.parametrize("options", [["tmpcopyup"], ["rro"], ["rprivate", "nosuid", "tmpcopyup"]],
                         ids=",".join)
def test_mount_options_beyond_the_specification(bundle, options):
    bundle.configure({"mounts+": [mount("/srv", "tmpfs", "tmpfs", *options)]})
    bundle.run().ok("")


def test_writable_cgroup_mount_of_a_private_namespace(bundle):
    """For systemd in a container."""
    kinds = [{"type": kind} for kind in ("pid", "mount", "ipc", "uts", "network", "cgroup")]
    bundle.configure({"linux.namespaces": kinds, "mounts+": [
        mount("/sys/fs/cgroup", "cgroup", "cgroup", "rprivate", "nosuid", "noexec", "nodev",
              "relatime", "rw")]})
    bundle.run().ok("")


def test_kept_groups(bundle):
    """Those of who calls podman, for the container and for what it executes later."""
    kept = {"annotations": {"run.oci.keep_original_groups": "1"}}
    caller = {"before": lambda: os.setgroups([29, 4000])}
    assert bundle.says("id -G", kept, **caller) == "0 29 4000\n"
    bundle.running({**SLEEPER, **kept})
    entered = bundle.call("exec", bundle.id, "/bin/id", "-G", **caller).ok()
    assert entered.stdout == "0 29 4000\n"


def test_version_is_shown_as_it_is(bundle):
    outcome = bundle.runtime.bare("--version").ok()
    assert outcome.stdout.startswith("brig version ") and outcome.stderr == ""
