"""CRI-O: what it calls beside conmon, and what it reads."""

import json
import os
import signal

import error_text
import golang
from engine import combined_output, environment, succeeds
from go_runc import read_pid_file
from harness import cgroups, host, processes
from harness.spec import namespaces, shell

SLEEPER = {"process.args": ["/bin/sleep", "1000"]}
ENVIRONMENT = {"CRI_O_EXTERNAL": "1", "XDG_RUNTIME_DIR": ""}
# Keys of its own struct, into which it decodes the state: the runtime must not fill them.
ITS_OWN = {"started", "finished", "exitCode", "oomKilled", "seccompKilled", "error", "initPid",
           "initStartTime", "checkpointedTime", "containerMonitorProcess"}


def call(bundle, *words, **options):
    """runtimeCmd."""
    return combined_output(bundle.runtime.argv(*words), env=environment(only=ENVIRONMENT),
                           **options)


def execute(bundle, script):
    file = bundle.file("exec-process-1", json.dumps({
        "args": ["sh", "-c", script], "cwd": "/", "env": ["PATH=/bin"]}))
    return bundle.runtime.argv("exec", "--process", file, bundle.id)


# ---- direct calls -------------------------------------------------------------------------------

def test_life_without_an_environment(bundle):
    bundle.configure(SLEEPER)
    bundle.create().ok("")
    for words in (["start"], ["pause"], ["resume"]):
        succeeds(call(bundle, *words, bundle.id))
    succeeds(call(bundle, "kill", bundle.id, "KILL"))
    bundle.end()
    succeeds(call(bundle, "delete", "--force", bundle.id))


def test_state(bundle):
    bundle.running({**SLEEPER, "annotations": {"a": "b"}})
    said = call(bundle, "state", bundle.id)
    state = golang.unmarshal(said.text)
    assert not ITS_OWN & {key.lower() for key in state} | ITS_OWN & set(state)
    golang.rfc3339(state["created"])
    assert (state["pid"], state["status"]) == (bundle.pid, "running")


def test_state_of_a_stopped_container(bundle):
    """pid 0; a zombie counts as stopped, for CRI-O looks at it the same way."""
    bundle.running(SLEEPER)
    pidfd = os.pidfd_open(bundle.pid)
    bundle.kill("KILL").ok("")
    processes.wait_readable(pidfd, "the end of the container")  # and nobody has reaped it
    os.close(pidfd)
    state = golang.unmarshal(call(bundle, "state", bundle.id).text)
    assert (state["pid"], state["status"]) == (0, "stopped")
    bundle.end()


def test_stop_loop(bundle, output_pipe):
    """A signal, which is ignored; KILL until the pid is gone; then "nothing is left"."""
    bundle.configure(shell("trap '' TERM; echo ready; while :; do sleep 1000; done"))
    bundle.create(stdout=output_pipe.write_end).ok()
    bundle.start().ok("")
    assert output_pipe.line() == "ready"
    succeeds(call(bundle, "kill", bundle.id, "15"))
    succeeds(call(bundle, "kill", bundle.id, "KILL"))
    assert bundle.end() == 128 + signal.SIGKILL
    said = call(bundle, "kill", bundle.id, "KILL")
    assert said.status and error_text.crio_not_found(said.text)


def test_kill_all_of_a_host_pid_pod(bundle, output_pipe):
    bundle.configure({**shell("sleep 1000 & echo $!; exit 0"),
                      "linux.namespaces": namespaces("mount", "uts")})
    bundle.create(stdout=output_pipe.write_end).ok()
    bundle.start().ok("")
    other = int(output_pipe.line())
    bundle.end()
    assert bundle.status() == "stopped"
    succeeds(call(bundle, "kill", "-a", bundle.id, "9"))
    processes.wait_dead(other)


def test_delete_of_an_absent_container(bundle):
    succeeds(call(bundle, "delete", "--force", bundle.id))


def test_update_from_standard_input(bundle):
    """Without --systemd-cgroup, whatever the container was made with."""
    bundle.running(SLEEPER)
    succeeds(call(bundle, "update", "--resources", "-", bundle.id, stdin='{"cpu":{"shares":300}}'))


def test_features(bundle):
    """CombinedOutput, as one document; refused without both versions."""
    said = combined_output([host.BRIG, "features"])
    found = golang.unmarshal(said.text)
    assert said.status == 0 and found["ociVersionMin"] and found["ociVersionMax"]
    assert "rro" in found["mountOptions"]
    assert "enabled" in found["linux"]["mountExtensions"]["idmap"]


def test_version(bundle):
    """CombinedOutput, with its lines joined."""
    said = combined_output([host.BRIG, "--version"])
    assert said.status == 0 and ", ".join(said.text.split("\n")).startswith("brig version ")


def test_list(bundle):
    """Its own tests: ids alone, JSON, and the bundle in the fourth column."""
    bundle.running(SLEEPER)
    assert call(bundle, "list", "-q").text.split() == [bundle.id]
    assert golang.unmarshal(call(bundle, "list", "-f", "json").text)[0]["id"] == bundle.id
    row = next(line for line in call(bundle, "list").text.splitlines() if bundle.id in line)
    assert row.split()[3] == bundle.path


# ---- exec in the foreground ---------------------------------------------------------------------

def test_exec_streams(bundle):
    """stdin is a pipe, both outputs are read to their end, the status is the program's."""
    bundle.running(SLEEPER)
    said = combined_output(execute(bundle, "cat; echo err >&2; exit 42"), stdin="in\n")
    assert said.status == 42 and sorted(said.text.split()) == ["err", "in"]


def test_exec_ends_with_its_process_though_stdin_is_open(bundle):
    bundle.running(SLEEPER)
    source, target = os.pipe()
    outcome = bundle.runtime.call(argv=execute(bundle, "exit 3"), stdin=source)
    os.close(source)
    os.close(target)
    outcome.exits(3)


def test_exec_on_a_terminal(bundle, terminal):
    """A pty as the runtime's own streams, whose size changes later."""
    bundle.running(SLEEPER)
    file = bundle.file("exec-process-2", json.dumps({
        "args": ["sh", "-c", "trap 'stty size; exit 4' WINCH; echo ready; "
                             "while :; do sleep 0.01; done"],
        "cwd": "/", "env": ["PATH=/bin"], "terminal": True}))
    person = terminal(bundle.runtime.argv("exec", "--process", file, bundle.id))
    person.expect(b"ready")
    person.resize(44, 111)
    person.expect(b"44 111")
    assert person.wait() == 4


def test_exec_that_is_killed(bundle):
    """With the container: CRI-O kills the runtime; nothing of it may stay."""
    bundle.running(SLEEPER)
    argv, pid_file = execute(bundle, "sleep 1000"), bundle.path + "/e.pid"
    argv[-1:-1] = ["--pid-file", pid_file]
    running = bundle.runtime.spawn(argv=argv)
    processes.until(lambda: os.path.exists(pid_file), "the program")
    running.signal(signal.SIGKILL)
    running.wait().exits(128 + signal.SIGKILL)
    bundle.kill("KILL").ok("")
    processes.wait_exit(read_pid_file(pid_file))
    bundle.end()


def test_exec_pid_file_exists_already(bundle, subreaper):
    """ExecSync makes an empty one first."""
    bundle.running(SLEEPER)
    pid_file = bundle.file("pid-1", "")
    argv = execute(bundle, "exit 6")
    argv[-1:-1] = ["--detach", "--pid-file", pid_file]
    monitor = subreaper(argv, pid_file)
    assert monitor.created() == read_pid_file(pid_file)
    assert monitor.code() == 6


# ---- cgroups ------------------------------------------------------------------------------------

def test_init_is_in_the_cgroup_itself(bundle):
    """Of a child it would know the name "container" alone."""
    bundle.running(SLEEPER)
    for folder in bundle.cgroup_directories():
        assert cgroups.members(folder) == [bundle.pid]


def test_property_annotations(make_setting):
    setting = make_setting(pure_v2=True)
    setting.configure({**SLEEPER, "annotations": {
        "org.systemd.property.TimeoutStopUSec": "uint64 1800000000",
        "org.systemd.property.DefaultDependencies": "true",
        "org.systemd.property.After": "['crio.service']"}})
    setting.bundle.create().ok("")
    found = setting.systemd.unit.properties
    assert (found["TimeoutStopUSec"], found["DefaultDependencies"], found["After"]) == (
        1800000000, True, ["crio.service"])


def test_no_subgroup(make_setting):
    """crun would make one; an empty name means none."""
    setting = make_setting(pure_v2=True)
    setting.configure({**SLEEPER, "annotations": {"run.oci.systemd.subgroup": ""}})
    setting.bundle.create().ok("")
    with open(f"/proc/{setting.bundle.pid}/cgroup") as file:
        assert file.read().strip().endswith(".scope")


def test_processor_affinity(bundle):
    """taskset -c SET before the command."""
    bundle.configure({"process.args": ["/bin/true"]})
    only = min(os.sched_getaffinity(0))
    argv = ["/usr/bin/taskset", "-c", str(only), *bundle.runtime.argv(
        "run", "--bundle", bundle.path, bundle.id)]
    succeeds(combined_output(argv))


def test_exec_from_a_cgroup_of_its_own(bundle):
    """ExecCPUAffinity: the runtime starts in a child named "exec", and its program leaves that."""
    bundle.running(SLEEPER)
    folders = [folder for folder in bundle.cgroup_directories()
               if not os.path.exists(folder + "/cpuset.cpus")]
    for folder in folders:
        os.mkdir(folder + "/exec")

    def enter():
        for folder in folders:
            with open(folder + "/exec/cgroup.procs", "w") as file:
                file.write("0")
    outcome = bundle.runtime.call(argv=execute(bundle, "cat /proc/self/cgroup"), before=enter).ok()
    assert bundle.cgroup in outcome.stdout and "/exec\n" not in outcome.stdout
