"""Probes and other commands in a container that runs."""

import concurrent.futures

from rig.steps import Steps
from rig.waiting import until
from cluster.kubernetes.kubelet import SECONDS, SLEEP, refusal

steps = Steps()


@steps.step
def probes(node):
    container = node.container(*SLEEP)
    said = container.exec("sh", "-c", "echo out; echo err >&2; exit 5")
    much = container.exec("sh", "-c", "yes 0123456789 | head -c 1000000").ok()
    return (f"exit {said.status}, {said.stdout.strip()}, {said.stderr.strip()}, "
            f"{len(much.stdout)} bytes, {refusal(container.exec, '/no/such').failure}")


@steps.step
def probe_that_takes_too_long(node):
    """It fails, and what it started is gone."""
    container = node.container(*SLEEP)
    refused = refusal(container.exec, "sleep", "999", seconds=1)
    until(lambda: "999" not in container.says("ps"), "the probe is gone", SECONDS)
    created = container.pod.create("created", *SLEEP)
    return f"{refused.code}; of a created container: {refusal(created.exec, 'true').code}"


@steps.step
def probes_at_the_same_time(node):
    container = node.container(*SLEEP)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda n: container.exec("sh", "-c", f"exit {n}").status, range(16)))
    assert said == list(range(16)), said
    return "each has its exit status"
