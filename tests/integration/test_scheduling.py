"""Scheduling policies, I/O priorities, and the processors of what exec runs."""

import ctypes
import json
import os
import platform

import pytest

import messages as m

pytestmark = pytest.mark.sanitize

IOPRIO_GET = {"x86_64": "252", "aarch64": "31"}[platform.machine()]
SCHED_OTHER, SCHED_BATCH, SCHED_IDLE = 0, 3, 5
CPUS = sorted(os.sched_getaffinity(0))


def allowed_cpus(status):
    line, = (line for line in status.splitlines() if line.startswith("Cpus_allowed_list:"))
    return line.split("\t")[1]


@pytest.mark.parametrize("policy, number", [("SCHED_BATCH", SCHED_BATCH), ("SCHED_IDLE", SCHED_IDLE),
                                            ("SCHED_OTHER", SCHED_OTHER)])
def test_the_program_has_its_policy(bundle, policy, number):
    seen = bundle.posture({"process.scheduler": {"policy": policy, "nice": 7}})
    assert seen["scheduler"] == number
    if policy != "SCHED_IDLE":
        assert seen["nice"] == 7


def test_so_has_what_exec_runs(bundle):
    bundle.running({"process.scheduler": {"policy": "SCHED_BATCH", "nice": 3}})
    seen = json.loads(bundle.call("exec", bundle.id, "/probe").ok().stdout)
    assert (seen["scheduler"], seen["nice"]) == (SCHED_BATCH, 3)


def test_a_policy_that_no_fork_inherits_reaches_exec_all_the_same(bundle):
    bundle.running({"process.scheduler": {"policy": "SCHED_BATCH", "nice": 3,
                                          "flags": ["SCHED_FLAG_RESET_ON_FORK"]}})
    seen = json.loads(bundle.call("exec", bundle.id, "/probe").ok().stdout)
    assert seen["scheduler"] & ~0x40000000 == SCHED_BATCH  # SCHED_RESET_ON_FORK shows as a bit


@pytest.mark.parametrize("name, number", [("IOPRIO_CLASS_BE", 2), ("IOPRIO_CLASS_IDLE", 3)])
def test_the_program_has_its_io_priority(bundle, name, number):
    bundle.running({"process.ioPriority": {"class": name, "priority": 5}})

    value = ctypes.CDLL(None).syscall(int(IOPRIO_GET), 1, bundle.pid)
    assert value >> 13 == number and value & 7 == 5


def test_an_io_priority_is_from_0_to_7(bundle):
    bundle.configure({"process.ioPriority": {"class": "IOPRIO_CLASS_BE", "priority": 8}})
    bundle.run().fails(m.config_error(bundle, "run", (
        "process.ioPriority.priority", "expected an integer from 0 to 7, got 8")))


def test_exec_runs_on_the_processors_it_is_given(bundle):
    cpu = str(CPUS[-1])
    bundle.running({"process.execCPUAffinity": {"initial": str(CPUS[0]), "final": cpu}})
    seen = json.loads(bundle.call("exec", bundle.id, "/probe").ok().stdout)
    assert allowed_cpus(seen["status"]) == cpu
    with open(f"/proc/{bundle.pid}/status") as file:  # for exec alone
        assert allowed_cpus(file.read()) != cpu or len(CPUS) == 1


def test_the_first_processors_stay_where_no_others_are_named(bundle):
    bundle.running({"process.execCPUAffinity": {"initial": str(CPUS[0])}})
    seen = json.loads(bundle.call("exec", bundle.id, "/probe").ok().stdout)
    assert allowed_cpus(seen["status"]) == str(CPUS[0])


def test_processors_that_are_not_there_are_an_error(bundle):
    bundle.running({"process.execCPUAffinity": {"final": "4000"}})
    assert "process.execCPUAffinity: sched_setaffinity: invalid argument" in bundle.call(
        "exec", bundle.id, "true").exits(255).stderr
