"""Slurm: patterns of oci.conf, run by a shell; the output of both streams is one text."""

import os
import signal

import pytest

import golang
from engine import Said, combined_output, succeeds
from harness import host, processes
from harness.spec import shell

SLEEPER = {"process.args": ["/bin/sleep", "1000"]}


class Step:
    """A job step, whose patterns are those of the documentation."""

    def __init__(self, bundle):
        self.bundle = bundle
        self.id = f"node1.root.{bundle.id}.0.0"
        self.flags = f"--rootless=true --root={bundle.state_root}"

    def call(self, pattern, before=os.setpgrp):
        """/bin/sh -c, input from nowhere, a process group of its own and hardly an environment."""
        line = f"{host.BRIG} {self.flags} " + pattern.format(n=self.id, b=self.bundle.path)
        return combined_output(["/bin/sh", "-c", line], before=before)

    def status(self):
        """Of RunTimeQuery: the member /status of the JSON that both streams are."""
        said = self.call("state {n}")
        return golang.unmarshal(said.text)["status"] if said.status == 0 else None


@pytest.fixture
def step(bundle):
    bundle.expect(f"node1.root.{bundle.id}.0.0")
    return Step(bundle)


def test_run(step, bundle):
    """RunTimeRun: options behind the id; the streams and the status are the task's."""
    bundle.configure(shell("cat; echo task; exit 3"))
    assert step.call("run {n} -b {b}") == Said(3, "task\n")


def test_run_forwards_signals(step, bundle, output_pipe):
    """slurmstepd executes the shell itself, and that the runtime."""
    bundle.configure(shell("trap 'exit 9' TERM; echo ready; while :; do sleep 0.01; done"))
    line = f"exec {host.BRIG} {step.flags} run {step.id} -b {bundle.path}"
    running = bundle.runtime.spawn(argv=["/bin/sh", "-c", line], stdout=output_pipe.write_end)
    assert output_pipe.line() == "ready"
    running.signal(signal.SIGTERM)
    running.wait().exits(9)


def create(step, bundle, changes=None):
    """Detached from its streams, or the container would keep the pipe."""
    bundle.configure({**SLEEPER, **(changes or {})})
    line = f"create {step.id} -b {bundle.path} --pid-file {bundle.pid_file}"
    bundle.runtime.call(argv=["/bin/sh", "-c", f"{host.BRIG} {step.flags} {line}"]).ok("")


def test_create_start_query(step, bundle):
    """`creating` is waited for, `created` goes on; start; anything but `running` ends the step."""
    create(step, bundle)
    assert step.status() == "created"
    succeeds(step.call("start {n}"))
    assert step.status() == "running"
    bundle.call("kill", step.id, "KILL").ok("")
    bundle.end()
    assert step.status() == "stopped"
    succeeds(step.call("delete --force {n}"))


def test_cleanup(step, bundle):
    """`kill -a` without a signal until it has stopped; `delete --force`."""
    create(step, bundle, shell("trap 'exit 0' TERM; while :; do sleep 0.01; done"))
    succeeds(step.call("start {n}"))

    def stopped():
        succeeds(step.call("kill -a {n}"))
        return step.status() == "stopped"
    processes.until(stopped, "the end of the step")
    succeeds(step.call("delete --force {n}"))
    succeeds(step.call("delete --force {n}"))


def test_query_of_an_absent_container(step):
    said = step.call("state {n}")
    assert said.status != 0 and "does not exist" in said.text


def test_root_is_unrelated_to_containers(step, bundle):
    """/tmp or /run/user/UID."""
    os.mkdir(f"{bundle.state_root}/ssh-XXXX")
    create(step, bundle)
    assert [each["id"] for each in golang.unmarshal(step.call("list -f json").text)] == [step.id]
    os.rmdir(f"{bundle.state_root}/ssh-XXXX")


def test_no_environment(step, bundle):
    """No HOME, no XDG_RUNTIME_DIR, no bus."""
    bundle.configure(shell("exit 0"))
    said = step.call("run {n} -b {b}")
    assert said == Said(0, "")


def test_bind_mounts_of_files(step, bundle):
    """type "none", options bind and ro, a file as the destination."""
    script = bundle.file("script", "echo from the script\n")
    bundle.configure({**shell("sh /tmp/slurm_script"), "mounts+": [
        {"destination": "/tmp/slurm_script", "type": "none", "source": script,
         "options": ["bind", "ro"]}]}, without=["root.readonly"])
    assert step.call("run {n} -b {b}") == Said(0, "from the script\n")
