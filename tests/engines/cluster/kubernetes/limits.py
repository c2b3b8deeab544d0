"""Limits: what the kernel holds, changed while the container runs, and exceeded."""

import os

from harness import cgroups
from rig import kernel
from rig.steps import Steps
from rig.waiting import until
from cluster.kubernetes.kubelet import SECONDS, SLEEP

steps = Steps()


def limits(container):
    """What the kernel holds for it, from outside."""
    with open(f"/proc/{container.pid}/oom_score_adj") as file:
        score = file.read().strip()
    return kernel.limits(container.pid, "memory", "quota", "shares", "cpus") + f", score {score}"


@steps.step
def resources(node):
    container = node.container(*SLEEP, resources={
        "memory_limit_in_bytes": 64 << 20, "cpu_quota": 50000, "cpu_period": 100000,
        "cpu_shares": 512, "cpuset_cpus": "0", "oom_score_adj": 900})
    parents = {os.path.dirname(path) for path in cgroups.of_process(container.pid).values()}
    assert any(node.place.cgroup_name in path for path in parents), parents
    return limits(container)


@steps.step
def resources_changed(node):
    """Before the start and while the container runs."""
    container = node.pod().create("main", *SLEEP, resources={
        "memory_limit_in_bytes": 64 << 20, "cpu_quota": 50000, "cpu_period": 100000})
    node.client.UpdateContainerResources(container_id=container.id,
                                         linux={"memory_limit_in_bytes": 80 << 20})
    before = limits(container.start())
    node.client.UpdateContainerResources(container_id=container.id, linux={
        "memory_limit_in_bytes": 96 << 20, "cpu_quota": 20000, "cpu_period": 100000,
        "cpu_shares": 256})
    return f"{before}; {limits(container)}"


@steps.step
def out_of_memory(node):
    """containerd watches a cgroup v2 for it only from after the start on, hence the sleep, and books
    it after the exit, perhaps."""
    container = node.container("sh", "-c", f"sleep 2; exec tail -c {64 << 20} /dev/zero",
                               resources={"memory_limit_in_bytes": 16 << 20}).wait()
    until(lambda: "OOMKilled" in container.end, "it is known that memory ran out", SECONDS)
    return container.end


@steps.step
def stats(node):
    """Read by containerd from the cgroup that the runtime made."""
    container = node.container("sh", "-c", "while :; do :; done",
                               resources={"cpu_quota": 20000, "cpu_period": 100000})

    def measured():
        answer = node.client.ContainerStats(container_id=container.id).stats
        return (answer.cpu.usage_core_nano_seconds.value > 20_000_000
                and 0 < answer.memory.working_set_bytes.value < 64 << 20)
    until(measured, "the container's use of processor and memory is counted", SECONDS)
    return "processor and memory"
