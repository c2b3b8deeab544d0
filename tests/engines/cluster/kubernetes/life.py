"""The life of a container, from create to remove, with and without mistakes."""

import os
import signal

from harness import processes
from rig.steps import Steps
from rig.waiting import until
from cluster.kubernetes.kubelet import SECONDS, SLEEP, UNTIL_TERM, refusal

steps = Steps()


@steps.step
def container_from_create_to_remove(node):
    container = node.pod().create("main", *UNTIL_TERM)
    states = [container.state]
    states.append(container.start().state)
    until(lambda: container.log() == "ready\n", "the container is ready", SECONDS)
    container.stop(seconds=10)
    status = container.status()
    assert 0 < status.created_at < status.started_at < status.finished_at, status
    container.stop()
    states.append(container.end)
    container.remove()
    container.remove()
    return f"{', '.join(states)}, {refusal(container.status).failure}"


@steps.step
def restarts(node):
    """A kubelet restarts a container by another of the same name."""
    pod = node.pod()
    ends = []
    for attempt in range(2):
        container = pod.run("main", "sh", "-c", f"exit {attempt}",
                            metadata={"name": "main", "attempt": attempt})
        ends.append(container.wait().end)
    return "; ".join(ends)


@steps.step
def ends_by_force(node):
    """A stop that has to kill, a signal from outside, and a remove of a running container."""
    pod = node.pod()
    deaf = pod.run("deaf", "sh", "-c", "trap '' TERM; while :; do sleep 0.1; done")
    deaf.stop(seconds=1)
    killed = pod.run("killed", *SLEEP)
    os.kill(killed.pid, signal.SIGSEGV)  # which a first process without a handler never sees
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    removed = pod.run("removed", *SLEEP)
    pid = removed.pid
    removed.remove()
    return (f"{deaf.end}; {killed.end}; {refusal(removed.status).failure}, "
            f"alive: {processes.is_alive(pid)}")


@steps.step
def programs_that_cannot_be_started(node):
    """The path that is not there, the name that is not there, the file that is no program."""
    pod = node.pod()
    said = []
    for number, program in enumerate(["/no/such", "no-such-program", "/etc/passwd"]):
        container = pod.create(f"c{number}", program)
        said.append(f"{refusal(container.start).failure}: {container.end}")
    return "; ".join(said)


@steps.step
def logs(node):
    """Of a container with pipes, and of one with a terminal."""
    pod = node.pod()
    piped = pod.run("piped", "sh", "-c", "echo out; echo err >&2; sleep 1; printf half").wait()
    terminal = pod.run("terminal", "sh", "-c", "tty", tty=True)
    return f"{' '.join(sorted(piped.log().split()))}; {' '.join(terminal.wait().log().split())}"
