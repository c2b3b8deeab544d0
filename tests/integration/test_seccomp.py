"""System call filters: what a profile forbids fails in the way it says."""

import json
import os
import platform
import re

import pytest

import messages as m
from harness.spec import shell

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="numbers of x86_64")

GETPID, UNSHARE, SYNC, PERSONALITY = 39, 272, 162, 135
NATIVE = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]


def rule(names, action, **more):
    return {"names": names if isinstance(names, list) else [names], "action": action, **more}


def profile(*rules, default="SCMP_ACT_ALLOW", **more):
    return {"linux.seccomp": {"defaultAction": default, "architectures": NATIVE,
                              "syscalls": list(rules), **more}}


def calls(bundle, filter_, *numbers, changes=None):
    words = [word for number in numbers for word in ("--call", str(number))]
    seen = bundle.posture({**filter_, **(changes or {})}, probe=words)
    assert "Seccomp:\t2\n" in seen["status"]
    return [seen["call"][str(number)] for number in numbers]


@pytest.mark.parametrize("nnp", [True, False])
@pytest.mark.parametrize("errno, name", [(None, "EPERM"), (2, "ENOENT"), (38, "ENOSYS"), (0, "ok")])
def test_a_forbidden_call_fails_with_the_errno_of_its_rule(bundle, errno, name, nnp):
    more = {} if errno is None else {"errnoRet": errno}
    found = calls(bundle, profile(rule("sync", "SCMP_ACT_ERRNO", **more)), SYNC, GETPID,
                  changes={"process.noNewPrivileges": nnp})
    assert found == [name, "ok"]


def test_the_default_action_applies_to_what_is_not_listed(bundle):
    denying = rule(["sync", "unshare"], "SCMP_ACT_ERRNO", errnoRet=7)
    assert calls(bundle, profile(denying), SYNC, UNSHARE, GETPID) == ["E2BIG", "E2BIG", "ok"]


def test_a_list_of_what_is_allowed_works_with_a_default_errno(bundle):
    needed = ["read", "write", "writev", "open", "openat", "close", "fcntl", "fstat", "newfstatat",
              "ioctl", "brk", "mmap", "munmap", "mprotect", "exit_group", "execve", "readlink",
              "getcwd", "prctl", "getresuid", "getresgid", "getgroups", "capget", "getpid", "getppid",
              "getsid", "getpgrp", "umask", "uname", "keyctl", "prlimit64", "getrlimit",
              "personality", "sched_getscheduler", "getpriority", "clock_gettime", "arch_prctl",
              "set_tid_address", "set_robust_list", "rseq", "getrandom", "lseek", "statfs",
              "readlinkat", "rt_sigprocmask", "futex", "access", "chdir", "setgroups", "setuid",
              "setgid", "close_range", "dup2", "dup3", "rt_sigaction", "pselect6", "ppoll", "poll"]
    filter_ = profile(rule(needed, "SCMP_ACT_ALLOW"), default="SCMP_ACT_ERRNO", defaultErrnoRet=38)
    assert calls(bundle, filter_, UNSHARE, GETPID) == ["ENOSYS", "ok"]


# Of brig's own, after a filter without noNewPrivileges is in force; some are newer than profiles.
OURS = ["faccessat2", "faccessat", "access", "close_range", "getcwd", "chdir", "fchdir"]


@pytest.mark.parametrize("error", [1, 38])
@pytest.mark.parametrize("program, message", [
    ("echo", None), ("/bin/echo", None), ("/etc/passwd", m.NOT_EXECUTABLE),
    ("/no/such", m.NO_SUCH_PROGRAM), ("no-such", m.NOT_IN_PATH)])
def test_a_filter_need_not_allow_what_prepares_the_program(bundle, program, message, error):
    bundle.configure({**profile(rule(OURS, "SCMP_ACT_ERRNO", errnoRet=error)),
                      "process.args": [program, "ran"], "process.noNewPrivileges": False})
    if message is None:
        assert bundle.run().ok().stdout == "ran\n"
    else:
        bundle.run().fails(m.said("run", bundle.id, message.format(program=program)))


@pytest.mark.parametrize("op, value, two, hit", [
    ("SCMP_CMP_EQ", 0, 0, True), ("SCMP_CMP_NE", 0, 0, False), ("SCMP_CMP_LT", 1, 0, True),
    ("SCMP_CMP_LE", 0, 0, True), ("SCMP_CMP_GT", 0, 0, False), ("SCMP_CMP_GE", 0, 0, True),
    ("SCMP_CMP_MASKED_EQ", 0xff, 0, True), ("SCMP_CMP_MASKED_EQ", 0xff, 1, False)])
def test_arguments_are_compared(bundle, op, value, two, hit):
    argument = {"index": 0, "value": value, "valueTwo": two, "op": op}
    filter_ = profile(rule("unshare", "SCMP_ACT_ERRNO", errnoRet=5, args=[argument]))
    assert (calls(bundle, filter_, UNSHARE) == ["EIO"]) == hit


def test_calls_this_kernel_library_does_not_know_are_passed_over(bundle):
    filter_ = profile(rule(["no_such_call_2099", "sync"], "SCMP_ACT_ERRNO"))
    assert calls(bundle, filter_, SYNC) == ["EPERM"]


@pytest.mark.parametrize("action, status", [("SCMP_ACT_KILL_PROCESS", 159), ("SCMP_ACT_KILL", 159),
                                            ("SCMP_ACT_KILL_THREAD", 159), ("SCMP_ACT_TRAP", 159)])
def test_a_killing_action_kills(bundle, action, status):
    bundle.configure({"process.args": ["/probe", "--call", str(SYNC)],
                      **profile(rule("sync", action))})
    bundle.run().exits(status)


def test_the_filter_holds_for_children_too(bundle):
    bundle.configure({**shell("(sync); echo $?"), **profile(rule("sync", "SCMP_ACT_KILL_PROCESS"))})
    assert bundle.run().stdout == "159\n"


LOG, SPEC, TSYNC, WAIT = (f"SECCOMP_FILTER_FLAG_{name}" for name in (
    "LOG", "SPEC_ALLOW", "TSYNC", "WAIT_KILLABLE_RECV"))


# There is one thread to synchronise, and nobody to wait for without an agent.
@pytest.mark.parametrize("nnp", [True, False])
@pytest.mark.parametrize("flags, loaded", [
    (None, SPEC), ([], "0"), ([LOG], LOG), ([SPEC], SPEC), ([TSYNC], "0"), ([WAIT], "0"),
    ([LOG, SPEC, TSYNC, WAIT], f"{LOG}|{SPEC}")])
def test_the_kernel_is_given_the_flags(bundle, flags, loaded, nnp):
    more = {} if flags is None else {"flags": flags}
    seen = os.path.join(bundle.path, "trace")
    bundle.configure({"process.args": ["/probe", "--call", str(SYNC)],
                      "process.noNewPrivileges": nnp,
                      **profile(rule("sync", "SCMP_ACT_ERRNO"), **more)})
    traced = bundle.call(argv=[
        "strace", "-f", "-qq", "-e", "trace=seccomp", "-e", "signal=none", "-o", seen,
        *bundle.runtime.argv("run", "--bundle", bundle.path, bundle.id)])
    assert json.loads(traced.ok().stdout)["call"] == {str(SYNC): "EPERM"}
    with open(seen) as file:
        assert re.findall(r"seccomp\(SECCOMP_SET_MODE_FILTER, ([\w|]+), .* = 0",
                          file.read()) == [loaded]


# ---- what the filter is loaded before ------------------------------------------------------------

OWN_CALLS = ["setresuid", "setresgid", "setgroups", "capset", "prctl", "close_range", "recvmsg"]
EARLY = {"setresuid": m.SET_USER, "setresgid": m.SET_GROUP, "setgroups": m.SET_GROUPS,
         "capset": m.SET_CAPABILITIES}


def as_user(name, nnp):
    return {"process.args": ["/bin/true"], "process.user": {"uid": 1000, "gid": 1000},
            "process.noNewPrivileges": nnp, **profile(rule(name, "SCMP_ACT_ERRNO"))}


@pytest.mark.parametrize("name", OWN_CALLS)
def test_with_no_new_privileges_it_hinders_nothing_of_the_runtimes(bundle, name):
    """Then it can be loaded last, after everything is given up."""
    bundle.configure(as_user(name, True)).run().ok("")


@pytest.mark.parametrize("name", EARLY)
def test_without_it_is_loaded_while_that_is_still_allowed(bundle, name):
    """It takes CAP_SYS_ADMIN, and everything that comes after has to be allowed, as with runc."""
    bundle.configure(as_user(name, False)).run().fails(m.said("run", bundle.id, EARLY[name]))


@pytest.mark.parametrize("nnp", [True, False])
def test_a_user_without_capabilities_has_the_filter(bundle, nnp):
    changes = {**as_user("sync", nnp), "process.capabilities": {}}
    assert calls(bundle, {}, SYNC, changes={**changes, "process.args": [
        "/probe", "--call", str(SYNC)]}) == ["EPERM"]


def test_a_program_that_may_not_be_executed_is_named(bundle):
    bundle.configure(as_user("execve", True)).run().fails(
        m.said("run", bundle.id, m.EXEC_FORBIDDEN))


def test_of_two_rules_for_the_same_the_place_is_told(bundle):
    same = {"args": [{"index": 0, "op": "SCMP_CMP_EQ", "value": 1}]}
    bundle.configure(profile(rule("sync", "SCMP_ACT_ERRNO", **same),
                             rule("sync", "SCMP_ACT_KILL", **same)))
    bundle.run().fails(m.said("run", bundle.id, m.RULES_CONTRADICT))


def test_without_a_profile_there_is_no_filter(bundle):
    assert bundle.posture()["seccomp"] == 0


def test_the_same_profile_works_again_from_the_cache(bundle):
    filter_ = profile(rule("sync", "SCMP_ACT_ERRNO", errnoRet=9))
    for _ in range(3):
        assert calls(bundle, filter_, SYNC) == ["EBADF"]


def test_a_damaged_cache_is_not_believed(bundle):
    filter_ = profile(rule("sync", "SCMP_ACT_ERRNO", errnoRet=9))
    assert calls(bundle, filter_, SYNC) == ["EBADF"]
    for folder, _, names in os.walk(bundle.state_root):
        for name in names:
            with open(os.path.join(folder, name), "r+b") as file:
                data = file.read()
                file.seek(len(data) // 2)
                file.write(bytes(byte ^ 0xff for byte in data[len(data) // 2:]))
    assert calls(bundle, filter_, SYNC) == ["EBADF"]
