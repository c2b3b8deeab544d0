"""Jobs: tasks that have to end, over both nodes."""

from rig.steps import Steps

steps = Steps()


@steps.step
def job_on_two_nodes(swarm):
    service = swarm.service(["--mode", "replicated-job", "--replicas", "4",
                             "--max-concurrent", "2"], "true")
    ends = service.wait_for_ends(4)
    nodes = {task["NodeID"] for task in service.tasks()}
    return f"{len(ends)} tasks on {len(nodes)} nodes: {set(ends)}"


@steps.step
def job_that_fails(swarm):
    service = swarm.service(["--mode", "global-job", "--restart-condition", "none"],
                            "sh", "-c", "exit 3")
    return ", ".join(service.wait_for_ends(2))
