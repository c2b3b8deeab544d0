"""kill -9 at every system call: whatever step the runtime dies at, `delete --force` leaves nothing.

The system calls of one undisturbed call are listed; then the call is repeated, and killed on
entering the k-th use of one of them. By default a sample of about forty points an operation is
taken; BRIG_TEST_KILL_POINTS=all takes every one.
"""

import collections
import os
import re
import shutil
import time

import pytest

from harness import host, leaks, processes
from harness.spec import shell

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")

SHARES = 8  # tests an operation is divided into, so that each is short
SAMPLE = 5  # points of a share
ALL = os.environ.get("BRIG_TEST_KILL_POINTS") == "all"
CALL = re.compile(r"^(?:\d+ +)?([a-z_0-9]+)\(")


def points_of(lines, pick=lambda line: True):
    """[(system call, how many times it has been made so far)] of a trace, in order."""
    seen, found = collections.Counter(), []
    for line in lines:
        match = CALL.match(line)
        if match and pick(line):
            seen[match.group(1)] += 1
            found.append((match.group(1), seen[match.group(1)]))
    return [(name, count) for name, count in found if name not in ("exit_group", "exit")]


def share_of(points, share):
    mine = points[share::SHARES]
    return mine if ALL else mine[::max(1, len(mine) // SAMPLE)]


class Operation:
    """A command of the runtime to be killed, and how its container gets there."""

    def __init__(self, bundle, name):
        self.bundle, self.name = bundle, name
        bundle.configure({"process.args": ["/bin/sleep", "1000"]} if name != "run" else
                         shell("exit 0"))

    def prepare(self):
        if self.name in ("start", "delete"):
            self.bundle.create().ok()
        if self.name == "delete":
            self.bundle.start().ok()
            self.bundle.kill("KILL").ok()
            self.bundle.end()

    def argv(self):
        flags = (["--bundle", self.bundle.path, "--pid-file", self.bundle.pid_file]
                 if self.name in ("create", "run") else [])
        return self.bundle.runtime.argv(self.name, *flags, self.bundle.id)

    def under_strace(self, *options):
        trace = f"{self.bundle.path}/trace"
        # Without -f: strace would wait for the container, which is not what is killed.
        outcome = self.bundle.call(argv=["strace", "-qq", "-o", trace, *options, "--", *self.argv()])
        return trace, outcome

    def points(self):
        self.prepare()
        trace, outcome = self.under_strace()
        outcome.exits(0)
        self.bundle.delete("--force").exits(0)
        with open(trace) as file:
            return points_of(file)


def lasting(before, bundle):
    """What is left for good: a newborn whose runtime was killed ends when it reads its channel."""
    deadline = time.monotonic() + host.PATIENCE
    while (left := before.leaks([bundle])) and time.monotonic() < deadline:
        time.sleep(0.01)
    return left


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("name", ["create", "start", "run", "delete"])
def test_nothing_is_left_after_kill_9_and_delete_force(bundle, name, share):
    operation, wrong = Operation(bundle, name), []
    before = leaks.Snapshot()
    for call, count in share_of(operation.points(), share):
        operation.prepare()
        operation.under_strace(f"--inject={call}:signal=SIGKILL:when={count}")
        deleted = bundle.delete("--force")
        left = lasting(before, bundle) + ([str(deleted)] if deleted.status else [])
        if left:
            wrong.append(f"killed in {name} at {call} #{count}: " + "; ".join(left))
            before.clean([bundle])
    assert not wrong, "\n".join(wrong)
    bundle.create().ok()  # the id is free again


def own_calls(trace):
    """What only the container's process calls, and not the runtime, up to the execution of the program."""
    with open(trace) as file:
        lines = file.read().splitlines()
    runtime = lines[0].split()[0]
    end = next(number for number, line in enumerate(lines)
               if "execve" in line and line.split()[0] != runtime)
    of_runtime = {CALL.match(line).group(1) for line in lines
                  if line.split()[0] == runtime and CALL.match(line)}
    return [(name, count) for name, count in points_of(
        lines[:end], lambda line: line.split()[0] != runtime) if name not in of_runtime]


@pytest.mark.parametrize("share", range(SHARES))
def test_a_container_that_dies_half_made_is_an_error_and_leaves_nothing(bundle, share):
    """The other side: it is the container's process that is killed, and the runtime notices."""
    operation, wrong = Operation(bundle, "run"), []
    trace, outcome = operation.under_strace("-f")
    outcome.exits(0)
    points = own_calls(trace)
    assert {"pivot_root", "sethostname"} <= {name for name, _ in points}
    before = leaks.Snapshot()
    for call, count in share_of(points, share):
        _, outcome = operation.under_strace("-f", f"--inject={call}:signal=SIGKILL:when={count}")
        processes.reap()
        left = before.leaks([bundle])
        if outcome.status == 0 or outcome.stderr == "" or left:
            wrong.append(f"killed at {call} #{count}: {outcome}; " + "; ".join(left))
            before.clean([bundle])
    assert not wrong, "\n".join(wrong)
