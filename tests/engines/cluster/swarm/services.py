"""What a service gives its tasks, and how it is changed."""

from harness import cgroups
from rig import kernel
from rig.steps import Steps

steps = Steps()

ONE = ["--constraint", "node.hostname==node2"]  # one task, where it is easily found


def on_worker(swarm, options, *command):
    """A service of one task, on the worker."""
    return swarm.service([*ONE, *options], *command).wait_for("node2")


@steps.step
def logs_of_two_nodes(swarm):
    service = swarm.service(["--mode", "global", "--restart-condition", "none",
                             "--hostname", "{{.Node.Hostname}}.{{.Service.Name}}"],
                            "sh", "-c", "hostname; echo err >&2")
    service.wait_for_ends(2)
    said = swarm("service", "logs", "--raw", service.name).ok()
    return " ".join(sorted((said.stdout + said.stderr).replace(f".{service.name}", "").split()))


@steps.step
def task_with_much(swarm):
    """One task with what a service can ask for, read inside it and, for its limits, outside."""
    secret, config = swarm.new_name(), swarm.new_name()
    swarm("secret", "create", "--label", "test", secret, "-", stdin="hush").ok()
    swarm("config", "create", "--label", "test", config, "-", stdin="plain").ok()
    service = on_worker(swarm, [
        "--env", "GREETING=good day", "--workdir", "/srv", "--user", "alice:tty", "--group", "root",
        "--secret", f"source={secret},target=key,uid=1000,gid=5,mode=0440",
        "--config", f"source={config},target=/srv/config,mode=0444",
        "--limit-memory", "48m", "--limit-cpu", "0.3", "--limit-pids", "40",
        "--cap-drop", "ALL", "--cap-add", "NET_BIND_SERVICE", "--read-only",
        "--sysctl", "kernel.shm_rmid_forced=1", "--ulimit", "nofile=512:768",
        "--mount", "type=tmpfs,destination=/scratch,tmpfs-size=65536,tmpfs-mode=1777"])
    [pid] = service.pids()
    paths = cgroups.of_process(pid)
    assert any(swarm.place.cgroup_name in path for path in paths.values()), paths
    said = service.exec(swarm.worker, "sh", "-c", """echo $GREETING; pwd; id
        cat /run/secrets/key /srv/config; echo
        stat -c '%u %g %a' /run/secrets/key /srv/config
        grep -E 'CapBnd|CapEff|Seccomp:' /proc/1/status
        touch /file; touch /scratch/file && ls /scratch
        cat /proc/sys/kernel/shm_rmid_forced; grep files /proc/1/limits""")
    return (f"{' '.join((said.stdout + said.stderr).split())}, "
            f"{kernel.limits(pid, 'memory', 'quota', 'pids')}")


@steps.step
def out_of_memory(swarm):
    service = swarm.service([*ONE, "--limit-memory", "16m", "--restart-condition", "none"],
                            "tail", "-c", str(64 << 20), "/dev/zero")
    return ", ".join(service.wait_for_ends(1))


@steps.step
def healthcheck(swarm):
    """A task runs for the swarm when its check has succeeded, and is replaced when it fails."""
    service = on_worker(swarm, ["--health-cmd", "test ! -e /ill", "--health-interval", "500ms",
                                "--health-retries", "1", "--restart-delay", "0s"])
    before = set(service.running())
    service.exec(swarm.worker, "touch", "/ill").ok()
    swarm.wait(lambda: service.running() and not before & set(service.running()),
               "the ill task is replaced")
    return ", ".join(service.ends())


@steps.step
def rolling_update(swarm):
    """One task after the other gets the new environment; the new one starts first."""
    service = swarm.service(["--replicas", "4", "--env", "COLOR=blue", "--update-parallelism", "1",
                             "--update-order", "start-first", "--update-monitor", "100ms"])
    service.wait_for("node1", "node1", "node2", "node2")
    service.update("--env-add", "COLOR=green").ok()
    service.wait_for_update()
    swarm.wait(lambda: sum(map(len, service.containers().values())) == 4, "four tasks run")
    colors = {color for container in service.inspected()
              for color in container["Config"]["Env"] if color.startswith("COLOR=")}
    return f"{colors}, {set(service.ends())}"


@steps.step
def update_that_is_rolled_back(swarm):
    """The new command does not exist: the swarm goes back to the old one by itself."""
    service = on_worker(swarm, ["--update-failure-action", "rollback", "--update-monitor", "1s",
                                "--restart-delay", "0s", "--rollback-monitor", "1s"])
    service.update("--args", "no-such-program").ok()
    state = service.wait_for_update("rollback_completed")
    service.wait_for("node2")
    return f"{state}, {service.exec(swarm.worker, 'true').failure}"


@steps.step
def program_that_is_not_there(swarm):
    service = swarm.service([*ONE, "--restart-condition", "none"], "/no/such")
    service.wait_for_ends(1)
    [text] = service.errors()
    assert "no such file or directory" in text, text
    return ", ".join(service.ends())


@steps.step
def stop_with_another_signal(swarm):
    service = on_worker(swarm, ["--stop-signal", "USR1", "--stop-grace-period", "30s"],
                        "sh", "-c", "trap 'exit 9' USR1; while :; do sleep 0.1; done")
    [container] = swarm.worker.get("/containers/json", label="com.docker.swarm.service.name="
                                   + service.name)
    swarm("service", "scale", "--detach", f"{service.name}=0").ok()
    swarm.wait(lambda: not service.inspect(container["Id"], swarm.worker)["State"]["Running"],
               "the task has stopped")
    return f"exit {service.inspect(container['Id'], swarm.worker)['State']['ExitCode']}"
