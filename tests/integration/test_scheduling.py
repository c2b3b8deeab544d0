"""Scheduling policies, I/O priorities, and the processors of what exec runs."""

import ctypes
import glob
import json
import os
import platform
import struct

import pytest

import messages as m
from harness import host

pytestmark = pytest.mark.sanitize

IOPRIO_GET = {"x86_64": "252", "aarch64": "31"}[platform.machine()]
SCHED_OTHER, SCHED_BATCH, SCHED_IDLE = 0, 3, 5
SCHED_DEADLINE, SCHED_FLAG_RECLAIM = 6, 2
SCHED_GETATTR = {"x86_64": 315, "aarch64": 275}[platform.machine()]
CAP_SYS_NICE = 23
RT_BUDGETS = glob.glob("/sys/fs/cgroup/*/cpu.rt_runtime_us")
needs_sys_nice = pytest.mark.skipif(not host.has_capability(CAP_SYS_NICE),
                                    reason="without CAP_SYS_NICE nobody gets such a policy")
CPUS = sorted(os.sched_getaffinity(0))


def scheduling_of(pid):
    """(policy, flags, runtime, deadline, period) of struct sched_attr."""
    attributes = ctypes.create_string_buffer(48)
    assert host.libc.syscall(SCHED_GETATTR, pid, attributes, 48, 0) == 0
    _, policy, flags, _, _, *times = struct.unpack("IIQiIQQQ", attributes.raw)
    return (policy, flags, *times)


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


@needs_sys_nice
@pytest.mark.parametrize("policy, number", [("SCHED_FIFO", os.SCHED_FIFO), ("SCHED_RR", os.SCHED_RR)])
def test_a_real_time_policy_has_its_priority(bundle, policy, number):
    wanted = {"process.scheduler": {"policy": policy, "priority": 7}}
    if RT_BUDGETS:  # a new v1 cgroup has none (CONFIG_RT_GROUP_SCHED)
        bundle.configure(wanted).create().fails(m.said("create", bundle.id, m.NO_RT_BUDGET))
        return
    bundle.running(wanted)
    assert os.sched_getscheduler(bundle.pid) == number
    assert os.sched_getparam(bundle.pid).sched_priority == 7
    seen = json.loads(bundle.call("exec", bundle.id, "/probe").ok().stdout)
    assert seen["scheduler"] == number


DEADLINE = {"policy": "SCHED_DEADLINE", "runtime": 1_000_000, "deadline": 50_000_000,
            "period": 100_000_000}


@needs_sys_nice
def test_a_deadline_is_kept_by_the_program_and_by_what_exec_runs(bundle):
    bundle.running({"process.scheduler": {**DEADLINE, "flags": ["SCHED_FLAG_RECLAIM"]}})
    assert scheduling_of(bundle.pid) == (SCHED_DEADLINE, SCHED_FLAG_RECLAIM, 1_000_000, 50_000_000,
                                         100_000_000)
    seen = json.loads(bundle.call("exec", bundle.id, "/probe").ok().stdout)
    assert seen["scheduler"] == SCHED_DEADLINE


@needs_sys_nice
def test_a_deadline_that_is_over_its_period_is_refused_by_the_kernel(bundle):
    bundle.configure({"process.scheduler": {**DEADLINE, "deadline": 200_000_000}})
    bundle.run().fails(m.said("run", bundle.id, m.NO_SUCH_DEADLINE))


def test_a_clamp_is_either_kept_or_said_to_be_missing_from_the_kernel(bundle):
    bundle.configure({"process.scheduler": {"policy": "SCHED_OTHER",
                                            "flags": ["SCHED_FLAG_UTIL_CLAMP_MIN"]}})
    outcome = bundle.run()
    if outcome.status != 0:
        outcome.fails(m.said("run", bundle.id, m.NO_CLAMPS))


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
