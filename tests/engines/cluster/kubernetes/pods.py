"""Pod sandboxes, and the handlers that make them."""

import os
import re
import signal

from rig.steps import Steps
from rig.waiting import until
from cluster.kubernetes.kubelet import SECONDS, SLEEP, refusal, shared

steps = Steps()


@steps.step
def node_is_ready(node):
    conditions = {each.type: each.status for each in node.client.Status().status.conditions}
    assert conditions["RuntimeReady"], conditions
    return "RuntimeReady"


@steps.step
def pod(node):
    pod = node.pod()
    running = pod.status().status
    assert running.runtime_handler == node.handler, running
    listed = [each.id for each in node.client.ListPodSandbox().items]
    assert listed == [pod.id], listed
    ready = pod.state
    pod.stop()
    pod.stop()  # a kubelet does it more than once
    stopped = pod.state
    pod.remove()
    node.client.RemovePodSandbox(pod_sandbox_id=pod.id)
    return f"{ready}, {stopped}, {refusal(pod.status).failure}"


@steps.step
def pod_of_the_host(node):
    """hostNetwork: the sandbox shares the network and the name of the host."""
    pod = node.pod()
    return f"with the host: {shared(pod.pid, 'self')}"


@steps.step
def pod_with_a_network(node):
    pod = node.pod(network="POD", hostname="web-0")
    container = pod.run("main", *SLEEP)
    address = pod.status().status.network.ip
    assert re.fullmatch(r"10\.88\.0\.\d+", address), address
    assert address in container.says("ip", "-4", "addr", "show", "eth0")
    node.place.run("busybox", "ping", "-c", "1", "-W", "5", address)
    return (f"{container.says('hostname').strip()}, with the host: {shared(pod.pid, 'self')}, "
            f"with the sandbox: {shared(container.pid, pod.pid)}")


@steps.step
def sandbox_that_dies(node):
    """The kernel's OOM killer, say. The kubelet sees it and makes a new sandbox."""
    pod = node.pod()
    os.kill(pod.pid, signal.SIGKILL)
    until(lambda: pod.state == "SANDBOX_NOTREADY", "the sandbox is not ready", SECONDS)
    return pod.state


@steps.step
def handlers_side_by_side(node):
    """RuntimeClass: pods of two runtimes on one node, each made by the one that it asks for."""
    pods = [node.pod(handler=handler) for handler in (node.handler, "runc")]
    ends = [pod.run("main", "true").wait().end for pod in pods]
    assert [pod.status().status.runtime_handler for pod in pods] == [node.handler, "runc"]
    refused = refusal(node.pod, handler="no-such-class")
    return f"{'; '.join(ends)}; {refused.failure}"
