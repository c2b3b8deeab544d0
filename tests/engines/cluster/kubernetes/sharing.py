"""What the containers of a pod share, and who dies with whom."""

import os
import signal

from harness import cgroups, processes
from rig.steps import Steps
from rig.waiting import until
from cluster.kubernetes.kubelet import SECONDS, SLEEP, shared

steps = Steps()


@steps.step
def containers_of_a_pod(node):
    """They share network, IPC and host name; /dev/shm is the pod's."""
    pod = node.pod()
    one, two = (pod.run(name, *SLEEP) for name in ("one", "two"))
    one.says("sh", "-c", "echo hello >/dev/shm/note")
    said = two.says("cat", "/dev/shm/note").strip()
    return f"{said}; together: {shared(one.pid, two.pid)}"


@steps.step
def shared_pid_namespace(node):
    """shareProcessNamespace: the sandbox's program is process 1 of every container."""
    pod = node.pod(pid="POD")
    one, two = (pod.run(name, *SLEEP) for name in ("one", "two"))
    first = one.says("cat", "/proc/1/cmdline").replace("\0", " ").strip()
    count = two.says("ps").count("sleep 1000")
    one.stop()
    return (f"process 1: {first}, {count} containers, together: {shared(two.pid, pod.pid)}, "
            f"{one.end}, {two.state}")


@steps.step
def shared_pid_namespace_leaves_nobody(node):
    """Where no namespace dies with the container, what it started is killed through its cgroup."""
    return leftovers_of(node.pod(pid="POD"))


@steps.step
def host_pid_namespace_leaves_nobody(node):
    """hostPID, the same."""
    return leftovers_of(node.pod(pid="NODE"))


def leftovers_of(pod):
    container = pod.run("main", "sh", "-c", "setsid sleep 987 & while :; do sleep 0.1; done")
    pid = container.pid
    paths = cgroups.of_process(pid)
    key = "memory" if cgroups.is_v1("memory") else ""
    folder = cgroups.directory(key, paths[key])

    def sleepers():
        return [each for each in cgroups.members(folder)
                if processes.command_line(each) == "sleep 987"]
    until(sleepers, "the container has started its child", SECONDS)
    left = sleepers()
    os.kill(pid, signal.SIGKILL)
    container.wait()
    for each in left:
        processes.wait_dead(each)
    return f"{len(left)} before, {container.end}"


@steps.step
def pid_namespace_of_another_container(node):
    """`kubectl debug --target`: the new container joins the namespace of one that runs."""
    pod = node.pod()
    target = pod.run("main", *SLEEP)
    debugger = pod.run("debug", *SLEEP, security={"namespace_options": {
        **pod.namespaces, "pid": "TARGET", "target_id": target.id}})
    return f"together: {shared(target.pid, debugger.pid)}"
