"""Tasks on two nodes: spread, scaled, moved away, and made anew where one ends."""

import os
import signal

from rig.steps import Steps

steps = Steps()

QUICKLY = ["--update-parallelism", "0", "--update-monitor", "100ms", "--restart-delay", "0s"]


@steps.step
def service_on_two_nodes(swarm):
    service = swarm.service(["--replicas", "2"]).wait_for("node1", "node2")
    runtimes = {each["HostConfig"]["Runtime"] for each in service.inspected()}
    assert runtimes == {swarm.runtime[0]}, runtimes
    lines = swarm("service", "ps", "--format", "{{.Node}} {{.CurrentState}}", service.name).ok()
    return ", ".join(" ".join(line.split()[:2]) for line in sorted(lines.text.splitlines()))


@steps.step
def scale(swarm):
    service = swarm.service(["--replicas", "1"])
    swarm.wait(lambda: len(service.running()) == 1, "one task runs")
    counts = []
    for count in (4, 2, 0):
        swarm("service", "scale", "--detach", f"{service.name}={count}").ok()
        swarm.wait(lambda: len(service.running()) == count == sum(
            map(len, service.containers().values())), f"{count} tasks run")
        counts.append(str(sorted(service.running().values())))
    return " ".join(counts)


@steps.step
def one_on_each_node(swarm):
    service = swarm.service(["--mode", "global"]).wait_for("node1", "node2")
    return str(sorted(service.running().values()))


@steps.step
def placement(swarm):
    service = swarm.service(["--replicas", "3", "--constraint", "node.hostname==node2"])
    service.wait_for("node2", "node2", "node2")
    return str(sorted(service.running().values()))


@steps.step
def killed_task(swarm):
    """Another takes its place, and how it ended is known."""
    service = swarm.service(["--replicas", "2", "--restart-delay", "0s"])
    service.wait_for("node1", "node2")
    before = set(service.running())
    os.kill(service.pids()[0], signal.SIGKILL)
    ends = service.wait_for_ends(1)
    swarm.wait(lambda: len(service.running()) == 2, "two tasks run again")
    assert len(before & set(service.running())) == 1
    return ", ".join(ends)


@steps.step
def task_that_ends(swarm):
    service = swarm.service(["--restart-max-attempts", "2", "--restart-delay", "0s"],
                            "sh", "-c", "exit 7")
    return ", ".join(service.wait_for_ends(3))


@steps.step
def drained_node(swarm):
    """Its tasks move to the other; it gets new ones when it is active again."""
    spread = ["node1", "node1", "node2", "node2"]
    service = swarm.service(["--replicas", "4", *QUICKLY]).wait_for(*spread)
    try:
        swarm("node", "update", "--availability", "drain", "node2").ok()
        service.wait_for(*["node1"] * 4)
        swarm.wait(lambda: not service.containers()["node2"], "node2 has no container")
    finally:
        swarm("node", "update", "--availability", "active", "node2").ok()
    service.update("--force").ok()
    service.wait_for_update()
    service.wait_for(*spread)
    return "moved, and back"


@steps.step
def node_that_dies(swarm):
    """Its tasks start on the other; when it comes back it ends what it still has."""
    service = swarm.service(["--replicas", "2"]).wait_for("node1", "node2")
    swarm.worker.crash()
    try:
        service.wait_for("node1", "node1")
    finally:
        swarm.worker.start()
    swarm.wait(lambda: swarm.ready() == ["node1", "node2"], "both nodes are ready")
    swarm.snapshot.processes |= {swarm.worker.pid, swarm.worker.containerd}
    swarm.wait(lambda: not service.containers()["node2"], "node2 has ended what it had")
    return "moved"


@steps.step
def network_across_nodes(swarm):
    """Tasks on two nodes find each other by name and talk through an overlay network."""
    name = swarm.new_name()
    swarm("network", "create", "--driver", "overlay", "--label", "test", name).ok()
    service = swarm.service(["--mode", "global", "--network", name, "--endpoint-mode", "dnsrr"])
    service.wait_for("node1", "node2")
    [there] = swarm.worker.containers()
    address = there["NetworkSettings"]["Networks"][name]["IPAddress"]
    found = service.exec(swarm.manager, "nslookup", f"tasks.{service.name}").stdout
    assert address in found, f"{address}\n{found}"
    service.exec(swarm.manager, "ping", "-c", "1", "-W", "5", address).ok()
    return "they talk"
