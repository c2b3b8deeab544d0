"""The filters that engines ask for, on the kernel: every system call that there is, and is not."""

import copy
import json
import os
import platform
import subprocess

import pytest

from harness import host
from harness.bundle import compiled_into
from harness.seccomp import ENTRIES, OPERATORS, PASSED, Meaning, differences, numbers_of

NUMBERS = 600  # more than any architecture has
ENGINES = ("docker", "podman", "containerd")  # that of ctr has no filter
NO_FILTER = {"defaultAction": "SCMP_ACT_ALLOW"}

pytestmark = [
    pytest.mark.skipif(platform.machine() != "x86_64", reason="numbers of x86"),
    pytest.mark.skipif(numbers_of("x32") is None, reason="no linux-libc-dev")]


def told(calls):
    """What seccomp_calls.c reads."""
    return "".join(f"{entry} {number} {' '.join(map(str, args))}\n"
                   for entry, number, args in calls)


def ask(bundle, calls):
    """{call: answer} by the container of `bundle`, which is configured to run /seccomp_calls."""
    calls = list(calls)
    with open(bundle.file("calls", told(calls))) as file:
        answers = bundle.run(stdin=file.fileno()).ok().stdout.splitlines()
    assert len(answers) == len(calls)
    return dict(zip(calls, answers))


@pytest.fixture(scope="module")
def program(session_host):
    return host.compiled("seccomp_calls", "seccomp_calls.c")


@pytest.fixture(params=ENTRIES)
def arch(request, program):
    """An architecture by which calls can be made here."""
    entry = ENTRIES[request.param][0]
    asked = subprocess.run([program], input=f"{entry} 20 0 0 0 0 0 0\n", capture_output=True,
                           text=True, check=True)
    if asked.stdout != PASSED + "\n":
        pytest.skip("this kernel takes no calls of 32-bit programs (int 0x80)")
    return request.param


def configured(bundle, engine):
    """The filter of the configuration that an engine wrote, which `bundle` now has."""
    compiled_into(bundle, "seccomp_calls", "seccomp_calls.c")
    path = os.path.join(host.REPOSITORY, "tests", "golden", engine, "config.json")
    with open(path) as file:
        spec = json.load(file)
    spec["process"].update(args=["/seccomp_calls"], terminal=False)
    spec["linux"]["cgroupsPath"] = bundle.cgroup
    bundle.write_config(json.dumps(spec))
    return spec["linux"].get("seccomp", NO_FILTER)


@pytest.mark.parametrize("engine", ENGINES)
def test_every_call_is_treated_as_the_engines_profile_says(bundle, engine, arch):
    profile = configured(bundle, engine)
    seen = ask(bundle, Meaning(profile, arch).calls(NUMBERS))
    assert differences(profile, arch, seen) == []
    assert len(set(seen.values())) == {"docker": 3, "podman": 4, "containerd": 1}[engine]


# ---- what no engine asks for --------------------------------------------------------------------

def argument(index, op, value, two=0):
    return {"index": index, "op": op, "value": value, "valueTwo": two}


def unneeded():
    """Names of calls that no program here needs."""
    return iter(sorted(name for name in numbers_of("64") or []
                       if name.startswith(("sched_", "mq_", "timer", "io_", "sem", "msg", "shm",
                                           "inotify_", "epoll_", "kexec_", "fanotify_"))))


def operators():
    """Each operator in each argument, on a call of its own."""
    names = unneeded()
    for op in OPERATORS:
        for index in range(6):
            value = 0x1_0000_0000 * (index + 1) | 5
            yield {"names": [next(names)], "action": "SCMP_ACT_ERRNO", "errnoRet": 100 + index,
                   "args": [argument(index, op, value, value & ~4)]}


def several_rules():
    """For one call: conditions that all have to hold, alternatives, and one of another action."""
    return [{"names": ["reboot", "acct"], "action": "SCMP_ACT_ERRNO", "errnoRet": 5, "args": [
                argument(0, "SCMP_CMP_EQ", 1), argument(1, "SCMP_CMP_GT", 7)]},
            {"names": ["reboot"], "action": "SCMP_ACT_ERRNO", "errnoRet": 6, "args": [
                argument(0, "SCMP_CMP_EQ", 2), argument(0, "SCMP_CMP_EQ", 4)]},
            {"names": ["reboot"], "action": "SCMP_ACT_KILL_PROCESS", "args": [
                argument(0, "SCMP_CMP_EQ", 3)]},
            {"names": ["acct"], "action": "SCMP_ACT_ERRNO", "errnoRet": 5, "args": [
                argument(2, "SCMP_CMP_EQ", 3)]},
            {"names": ["sync"], "action": "SCMP_ACT_ERRNO", "errnoRet": 8},
            {"names": ["sync"], "action": "SCMP_ACT_ERRNO", "errnoRet": 9}]


def actions():
    names = unneeded()
    for action in ("ALLOW", "LOG", "TRACE", "ERRNO", "TRAP", "KILL", "KILL_THREAD", "KILL_PROCESS"):
        yield {"names": [next(names)], "action": f"SCMP_ACT_{action}"}


def all_but(*left_out):
    return [{"names": sorted(set(numbers_of("64") or []) - set(left_out)),
             "action": "SCMP_ACT_ALLOW"}]


PROFILES = {
    "operators": {**NO_FILTER, "syscalls": list(operators())},
    "several-rules": {**NO_FILTER, "syscalls": several_rules()},
    "actions": {**NO_FILTER, "syscalls": list(actions())},
    **{f"{action.lower()}-by-default": {"defaultAction": f"SCMP_ACT_{action}",
                                        "syscalls": all_but("reboot", "acct", "sync")}
       for action in ("KILL", "KILL_PROCESS", "KILL_THREAD", "TRAP", "TRACE", "LOG", "ERRNO")},
    "errno-77-by-default": {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 77,
                            "syscalls": all_but("reboot", "acct", "sync")},
}


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("nnp", [True, False])
def test_every_action_and_operator_does_what_it_says(bundle, name, nnp, program):
    compiled_into(bundle, "seccomp_calls", "seccomp_calls.c")
    profile = {"architectures": ["SCMP_ARCH_X86_64"], **PROFILES[name]}
    bundle.configure({"process.args": ["/seccomp_calls"], "linux.seccomp": profile,
                      "process.noNewPrivileges": nnp})
    meaning = Meaning(profile, "x86_64")
    # Where what is not named is killed, not also the hundred numbers that have no name.
    seen = ask(bundle, meaning.calls(334 if meaning.default.startswith("signal") else 460))
    assert differences(profile, "x86_64", seen) == []


def test_a_tracer_is_told_the_number_of_the_rule(bundle):
    compiled_into(bundle, "seccomp_calls", "seccomp_calls.c")
    bundle.configure({"process.args": ["/seccomp_calls", "trace", "162"], "linux.seccomp": {
        **NO_FILTER, "syscalls": [{"names": ["sync"], "action": "SCMP_ACT_TRACE",
                                   "errnoRet": 4711}]}})
    assert bundle.run().ok().stdout == "4711\n"


# ---- whether all this could fail ----------------------------------------------------------------

def variants(profile):
    """The profile with one mistake in it: a rule that is missing, or does something else."""
    rules = profile["syscalls"]
    for index, rule in enumerate(rules):
        others = rules[:index] + rules[index + 1:]
        if rule not in others:
            yield f"without {index}", {**profile, "syscalls": others}
        changed = copy.deepcopy(rule)
        if "args" in rule:
            changed["args"][0]["value"] ^= 2
        elif rule["action"] == "SCMP_ACT_ERRNO":
            changed["errnoRet"] = 99
        else:
            changed.update(action="SCMP_ACT_ERRNO", errnoRet=99)
        yield f"other {index}", {**profile, "syscalls": [*others, changed]}
    yield "default", {**profile, "defaultErrnoRet": 99}


@pytest.mark.parametrize("engine", ["docker", "podman"])
def test_a_filter_that_differs_from_its_profile_would_be_noticed(bundle, engine):
    """Each wrong idea of what the profile says is at odds with what the kernel does."""
    profile = configured(bundle, engine)
    seen = ask(bundle, Meaning(profile, "x86_64").calls(NUMBERS))
    mistakes = dict(variants(profile))
    assert len(mistakes) > 20
    assert [name for name, wrong in mistakes.items()
            if not differences(wrong, "x86_64", seen)] == []
