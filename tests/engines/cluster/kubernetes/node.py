"""What happens to a whole node."""

import concurrent.futures
import os
import signal
import threading

from harness import processes
from rig.steps import Steps
from cluster.kubernetes.kubelet import SLEEP, UNTIL_TERM

steps = Steps()


@steps.step
def restart_of_containerd(node):
    """Containers live on; the kubelet finds them, and can do everything with them."""
    pod = node.pod()
    container = pod.run("main", *UNTIL_TERM)
    pid = container.pid
    node.restart()
    found = [each.id for each in node.client.ListContainers().containers]
    assert found == [container.id] and container.pid == pid, found
    said = container.exec("sh", "-c", "exit 4").status
    second = pod.run("second", "true").wait().end
    container.stop(seconds=10)
    return f"{pod.state}, exec {said}, {second}, {container.end}"


@steps.step
def end_while_containerd_is_away(node):
    """The shim remembers the exit status."""
    pod = node.pod()
    container = pod.run("main", *SLEEP)
    pid = container.pid

    def end():
        os.kill(pid, signal.SIGKILL)
        processes.wait_dead(pid)
    node.restart(meanwhile=end)
    return container.wait().end


@steps.step
def many_pods_at_once(node):
    """As a node does after its boot."""
    barrier = threading.Barrier(8)

    def life(_):
        barrier.wait()
        pod = node.pod()
        container = pod.run("main", "sh", "-c", "exit 6").wait()
        end = container.end
        pod.remove()
        return end
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        ends = list(pool.map(life, range(8)))
    return " ".join(sorted(set(ends))) + f", {len(ends)} pods"
