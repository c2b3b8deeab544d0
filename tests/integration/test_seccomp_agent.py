"""SCMP_ACT_NOTIFY: an agent of the host answers for system calls of the container."""

import errno
import json
import os
import platform

import pytest

import messages as m
from harness import processes
from harness.seccomp_agent import EXECVE, SYNC, notifying

pytestmark = [pytest.mark.sanitize,
              pytest.mark.skipif(platform.machine() != "x86_64", reason="numbers of x86_64")]


@pytest.mark.parametrize("no_new_privileges", [True, False])
def test_the_agent_decides(bundle, agent, no_new_privileges):
    serving = agent({SYNC: errno.EXDEV})
    seen = bundle.posture({**notifying(serving.path, "sync"),
                           "process.noNewPrivileges": no_new_privileges},
                          probe=["--call", str(SYNC)])
    assert seen["call"] == {str(SYNC): "EXDEV"} and serving.calls == [SYNC]


@pytest.mark.parametrize("flag", ["LOG", "SPEC_ALLOW", "TSYNC", "WAIT_KILLABLE_RECV"])
def test_a_filter_with_an_agent_takes_the_flags(bundle, agent, flag):
    serving = agent({SYNC: errno.EXDEV})
    seen = bundle.posture(notifying(serving.path, "sync", flags=[f"SECCOMP_FILTER_FLAG_{flag}"]),
                          probe=["--call", str(SYNC)])
    assert seen["call"] == {str(SYNC): "EXDEV"}


def test_it_learns_whose_calls_they_are(bundle, agent):
    serving = agent({})
    bundle.running({**notifying(serving.path, "sync"), "annotations": {"a": "b"}})
    message, fds, rest = serving.message(0)
    assert (fds, rest) == (1, b"")
    assert message == {
        "ociVersion": "1.3.0", "fds": ["seccompFd"], "pid": bundle.pid,
        "metadata": "for the agent",
        "state": {"ociVersion": "1.3.0", "id": bundle.id, "status": "creating",
                  "pid": bundle.pid, "bundle": bundle.path, "annotations": {"a": "b"}}}


@pytest.mark.parametrize("no_new_privileges", [True, False])
def test_even_the_calls_that_start_the_container_can_be_answered(bundle, agent, no_new_privileges):
    """runc and crun refuse a profile that notifies of what hands the listener over."""
    serving = agent({})
    bundle.running({**notifying(serving.path, "sendmsg", "write", "execve", "recvmsg"),
                    "process.noNewPrivileges": no_new_privileges})
    processes.until(lambda: EXECVE in serving.calls, "the execve to be asked about")
    assert bundle.status() == "running"


def test_what_exec_runs_is_answered_for_too(bundle, agent):
    serving = agent({SYNC: errno.EXDEV})
    bundle.running(notifying(serving.path, "sync"))
    out = bundle.call("exec", bundle.id, "/probe", "--call", SYNC).ok().stdout
    assert json.loads(out)["call"] == {str(SYNC): "EXDEV"}
    message = serving.message(1)[0]
    assert message["state"]["status"] == "running" and message["pid"] != bundle.pid


def test_without_an_agent_nothing_starts(bundle):
    path = os.path.join(bundle.path, "nobody.sock")
    bundle.configure(notifying(path, "sync"))
    bundle.create().fails(m.said("create", bundle.id, m.NO_AGENT.format(path=path)))
    bundle.run().fails(m.said("run", bundle.id, m.NO_AGENT.format(path=path)))


def test_a_default_that_notifies_is_refused(bundle):
    bundle.configure(notifying("/agent.sock", "sync", defaultAction="SCMP_ACT_NOTIFY"))
    bundle.create().fails(m.config_error(bundle, "create", (
        "linux.seccomp.defaultAction", "SCMP_ACT_NOTIFY cannot be the default")))
