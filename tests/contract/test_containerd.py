"""containerd's shim io.containerd.runc.v2: ctr, Kubernetes, nerdctl and Docker."""

import json
import os
import signal

import pytest

import error_text
import golang
from engine import succeeds
from go_runc import GoRunc
from harness import cgroups, host, processes
from harness.spec import namespaces, shell

SLEEPER = {"process.args": ["/bin/sleep", "1000"]}
SHARED_PIDS = namespaces("mount", "uts", "ipc", "network")


@pytest.fixture
def shim(bundle):
    """Its environment has more than containerd's, its directory is another bundle's."""
    return GoRunc(bundle, cwd=bundle.folder("sandbox"), env={
        "GOMAXPROCS": "4", "MAX_SHIM_VERSION": "2", "TTRPC_ADDRESS": "/run/x.ttrpc",
        "GRPC_ADDRESS": "/run/x", "NAMESPACE": "k8s.io", "OTEL_SERVICE_NAME": "x"})


@pytest.fixture
def task(shim, bundle, subreaper):
    """task(changes): creates the container below a subreaper and reads init.pid."""
    def make(changes=None, stdio=(None, None)):
        bundle.configure({**SLEEPER, **(changes or {})})
        bundle.expect()
        monitor = subreaper(shim.argv(*shim.create_words()), bundle.pid_file, stdio=stdio,
                            env=shim.env, cwd=shim.cwd)
        assert monitor.created() == shim.pid()
        return monitor
    return make


# ---- the life of a task -------------------------------------------------------------------------

def test_create_start_exit_delete(task, shim):
    monitor = task(shell("exit 7"))
    succeeds(shim.start())
    assert monitor.code() == 7
    assert shim.state()["status"] == "stopped"
    succeeds(shim.delete())


def test_exec_is_reaped_by_its_pid_file(task, shim, bundle, subreaper):
    task()
    succeeds(shim.start())
    file = bundle.file("process", json.dumps({"args": ["sh", "-c", "exit 9"], "cwd": "/",
                                              "env": ["PATH=/bin"]}))
    monitor = subreaper(shim.argv(*shim.exec_words(file, bundle.path + "/exec1.pid")),
                        bundle.path + "/exec1.pid")
    monitor.created()
    assert monitor.code() == 9


def test_exec_is_killed_by_its_pid(task, shim, bundle, subreaper):
    task()
    succeeds(shim.start())
    file = bundle.file("process", json.dumps({"args": ["/bin/sleep", "1000"], "cwd": "/"}))
    monitor = subreaper(shim.argv(*shim.exec_words(file, bundle.path + "/exec1.pid")),
                        bundle.path + "/exec1.pid")
    os.kill(monitor.created(), signal.SIGKILL)
    assert monitor.code() == -signal.SIGKILL


def test_init_dies_before_start(task, shim, bundle):
    """Reported as stopped, and deleted."""
    monitor = task()
    os.kill(bundle.pid, signal.SIGKILL)
    assert monitor.code() == -signal.SIGKILL
    assert shim.state()["status"] == "stopped"
    succeeds(shim.delete())


def test_cgroup_is_complete_when_create_returns(task, bundle):
    """It is loaded from /proc/PID/cgroup, and memory.events watched, before start."""
    task({"linux.resources": {"cpu": {"shares": 512}}})
    paths = cgroups.of_process(bundle.pid)
    for folder in bundle.cgroup_directories():
        assert cgroups.members(folder) == [bundle.pid]
    assert bundle.cgroup in paths.values()
    if cgroups.is_v1("cpu"):
        assert cgroups.read("cpu", bundle.cgroup, "cpu.shares") == "512"


def test_null_streams(bundle, shim):
    """/dev/null, opened for reading only, as stdout and stderr too."""
    bundle.configure(SLEEPER)
    null = os.open("/dev/null", os.O_RDONLY)

    def arrange():
        for number in (0, 1, 2):
            os.dup2(null, number)
    assert bundle.create(before=arrange).status == 0
    os.close(null)
    succeeds(shim.start())


def test_streams_of_another_owner(mapped_bundle):
    """Pipes that belong to the container's root (IoUid, IoGid)."""
    source, target = os.pipe()
    os.fchown(target, 100000, 100000)
    mapped_bundle.configure(shell("echo x"))
    mapped_bundle.run(stdout=target).exits(0)
    os.close(target)
    assert os.read(source, 10) == b"x\n"
    os.close(source)


def test_rootfs_is_a_mount_of_the_shim(task, shim, bundle):
    """Made before create, and unmounted right after delete: nobody may keep it busy."""
    host.mount(bundle.rootfs, bundle.rootfs, None, host.MS_BIND)
    monitor = task({"root.path": "rootfs"})
    succeeds(shim.start())
    succeeds(shim.kill(9))
    monitor.code()
    succeeds(shim.delete())
    host.unmount(bundle.rootfs, 0)


def test_pod_namespaces_are_joined_by_path(task, shim, holder, bundle):
    paths = {kind: holder.path(kind) for kind in ("network", "ipc", "uts")}
    task({"linux.namespaces": namespaces("pid", "mount", **paths)})
    for kind, name in (("network", "net"), ("ipc", "ipc"), ("uts", "uts")):
        assert os.readlink(f"/proc/{bundle.pid}/ns/{name}") == os.readlink(holder.path(kind))


# ---- kill, delete, pause, update, ps ------------------------------------------------------------

def test_kill_of_an_absent_container(shim):
    said = shim.kill(9)
    assert said.status and error_text.containerd_kill(said.text) == "no such container"


def test_kill_of_a_stopped_container(task, shim, bundle):
    monitor = task()
    bundle.kill("KILL").ok("")
    monitor.code()
    said = shim.kill(15)
    assert said.status and error_text.containerd_kill(said.text) == "process already finished"


def test_kill_all_after_init(task, shim, bundle, output_pipe):
    """Of a container in a shared pid namespace, whose exit ends nobody else."""
    monitor = task({**shell("sleep 1000 & echo $!; exit 3"), "linux.namespaces": SHARED_PIDS},
                   stdio=(None, output_pipe.write_end))
    succeeds(shim.start())
    other = int(output_pipe.line())
    assert monitor.code() == 3
    succeeds(shim.kill(9, all_of_them=True))
    processes.wait_dead(other)
    succeeds(shim.delete())


def test_delete_of_an_absent_container(shim):
    said = shim.delete()
    assert said.status and "does not exist" in said.text


def test_delete_of_a_created_container(task, shim, bundle):
    """Without --force."""
    monitor = task()
    succeeds(shim.delete())
    assert monitor.code() == -signal.SIGKILL
    assert os.listdir(bundle.state_root) == []


def test_delete_of_a_running_container(task, shim):
    task()
    succeeds(shim.start())
    said = shim.delete()
    assert said.status and "does not exist" not in said.text
    assert shim.state()["status"] == "running"


def test_delete_by_force_after_a_crash(task, shim, bundle):
    """Of the shim: no --systemd-cgroup, and whatever state the container is in."""
    task()
    succeeds(shim.start())
    succeeds(shim.delete(force=True))
    succeeds(shim.delete(force=True))


def test_kill_of_a_paused_container(task, shim, bundle):
    """dockerd kills, and resumes then."""
    monitor = task()
    succeeds(shim.start())
    succeeds(shim.call("pause", bundle.id))
    succeeds(shim.kill(9))
    assert monitor.code() == -signal.SIGKILL
    succeeds(shim.delete())


def test_resume_of_a_container_whose_init_has_died(task, shim, bundle):
    """The error is only logged; the container can be deleted."""
    monitor = task()
    succeeds(shim.start())
    succeeds(shim.call("pause", bundle.id))
    bundle.kill("KILL").ok("")
    monitor.code()
    shim.call("resume", bundle.id)
    succeeds(shim.delete())


def test_update_before_start(task, shim):
    task()
    succeeds(shim.update('{"cpu":{"shares":256}}\n'))


def test_ps_counts_the_execs(task, shim, bundle):
    """Every process of the cgroup, as the host counts them; two for a shell and its sleep."""
    task(shell("sleep 1000; true"))
    succeeds(shim.start())
    processes.until(lambda: len(shim.ps()) == 2, "the shell and its child")
    pid_file = bundle.path + "/e.pid"
    bundle.call("exec", "--detach", "--pid-file", pid_file, bundle.id, "sleep", "1000").ok("")
    assert shim.pid(pid_file) in shim.ps() and len(shim.ps()) == 3


# ---- errors -------------------------------------------------------------------------------------

def test_last_error_of_the_log(shim, bundle):
    """Of all calls that share the file: one JSON object a line, its time a time.Time."""
    bundle.configure({"process.args": ["/no/such"]})
    assert shim.call("state", bundle.id).status == 1
    assert shim.create().status == 1
    assert 'exec: "/no/such": stat /no/such: no such file or directory' in shim.last_error()


def test_log_has_no_foreign_lines(task, shim, bundle):
    """After a whole life without an error the file is there and decodes to nothing."""
    task()
    succeeds(shim.start())
    succeeds(shim.kill(9))
    processes.wait_dead(bundle.pid)
    succeeds(shim.delete())
    assert golang.decode_all(open(shim.log).read()) == [] and shim.last_error() == ""


def test_features(bundle):
    """`linux` is read without asking whether it is there; idmap decides about user namespaces."""
    found = golang.unmarshal(bundle.runtime.bare("features").ok().stdout)
    assert "user" in found["linux"]["namespaces"]
    assert isinstance(found["linux"]["mountExtensions"]["idmap"]["enabled"], bool)
    assert "rro" in found["mountOptions"]
