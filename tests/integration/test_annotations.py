"""Annotations that change what brig does: docs/annotations.md."""

import base64
import errno
import json
import os
import re
import struct

import pytest

import messages as m
from harness.seccomp_agent import SYNC, notifying
from test_hooks import KINDS, Hooks

X86_64 = pytest.mark.skipif(os.uname().machine != "x86_64", reason="numbers of x86_64")


def annotated(**annotations):
    return {"annotations": {f"run.oci.{name}": value for name, value in annotations.items()}}


def filter_of(*instructions):
    return base64.b64encode(b"".join(struct.pack("<HBBI", *each) for each in instructions)).decode()


# Load the number; sync gets an errno, everything else may go on (linux/filter.h).
ALLOW, ERRNO, NOTIFY = 0x7fff0000, 0x00050000, 0x7fc00000


def forbid_sync(action):
    return filter_of((0x20, 0, 0, 0), (0x15, 0, 1, SYNC), (0x06, 0, 0, action),
                     (0x06, 0, 0, ALLOW))


# ---- seccomp ------------------------------------------------------------------------------------

@X86_64
@pytest.mark.parametrize("no_new_privileges", [True, False])
def test_a_finished_filter_takes_the_place_of_the_profile(bundle, no_new_privileges):
    changes = {"annotations": {"run.oci.seccomp_bpf_data": forbid_sync(ERRNO | errno.EXDEV)},
               "linux.seccomp": {"defaultAction": "SCMP_ACT_KILL_PROCESS"},
               "process.noNewPrivileges": no_new_privileges,
               "process.capabilities": {}}
    seen = bundle.posture(changes, probe=["--call", str(SYNC)])
    assert seen["call"] == {str(SYNC): "EXDEV"} and seen["seccomp"] == 2


@X86_64
def test_exec_runs_under_the_finished_filter_too(bundle):
    bundle.running({"annotations": {"run.oci.seccomp_bpf_data": forbid_sync(ERRNO | errno.EXDEV)}})
    seen = json.loads(bundle.call("exec", bundle.id, "/probe", "--call", SYNC).ok().stdout)
    assert seen["call"] == {str(SYNC): "EXDEV"}


@X86_64
@pytest.mark.parametrize("how", ["annotation", "environment"])
@pytest.mark.parametrize("listener_path", ["/nobody/listens/here", None])
def test_the_receiver_gets_the_listener(bundle, agent, how, listener_path):  # noqa: F811
    serving = agent({SYNC: errno.EXDEV})
    changes = notifying(listener_path, "sync")
    if listener_path is None:
        del changes["linux.seccomp"]["listenerPath"]
    if how == "annotation":
        changes["annotations"] = {"run.oci.seccomp.receiver": serving.path}
    else:
        bundle.runtime.env = {"RUN_OCI_SECCOMP_RECEIVER": serving.path}
    seen = bundle.posture(changes, probe=["--call", str(SYNC)])
    assert seen["call"] == {str(SYNC): "EXDEV"}
    assert serving.message(0)[0]["metadata"] == "for the agent"


@X86_64
def test_exec_finds_the_receiver_again(bundle, agent):  # noqa: F811
    serving = agent({SYNC: errno.EXDEV})
    bundle.runtime.env = {"RUN_OCI_SECCOMP_RECEIVER": serving.path}
    bundle.running(notifying("/nobody/listens/here", "sync"))
    bundle.runtime.env = {}
    seen = json.loads(bundle.call("exec", bundle.id, "/probe", "--call", SYNC).ok().stdout)
    assert seen["call"] == {str(SYNC): "EXDEV"}
    assert bundle.state()["annotations"] == {"run.oci.seccomp.receiver": serving.path}


@X86_64
def test_a_finished_filter_may_notify(bundle, agent):  # noqa: F811
    serving = agent({SYNC: errno.EXDEV})
    seen = bundle.posture({"annotations": {"run.oci.seccomp_bpf_data": forbid_sync(NOTIFY),
                                           "run.oci.seccomp.receiver": serving.path}},
                          probe=["--call", str(SYNC)])
    assert seen["call"] == {str(SYNC): "EXDEV"}


def test_a_system_call_that_nobody_knows_can_be_an_error(bundle):
    profile = {"linux.seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
        {"names": ["sync", "no_such_call"], "action": "SCMP_ACT_ERRNO"}]}}
    bundle.configure(profile)
    bundle.run().ok()
    bundle.configure({**profile, **annotated(seccomp_fail_unknown_syscall="1")})
    bundle.run().fails(m.said(
        "run", bundle.id, "linux.seccomp: syscalls: unknown system call 'no_such_call', which "
        "run.oci.seccomp_fail_unknown_syscall forbids"))
    bundle.configure({**profile, **annotated(seccomp_fail_unknown_syscall="0")})
    bundle.run().ok()


# ---- hooks --------------------------------------------------------------------------------------

@pytest.fixture
def talking(bundle):
    """A hook of every kind that says its name twice; the files it may do so in."""
    hooks = Hooks(bundle)
    for kind in KINDS:
        hooks.add(kind, f"#!/bin/busybox sh\necho out {kind}\necho err {kind} >&2\n")
    hooks.out, hooks.err = f"{bundle.path}/out.log", f"{bundle.path}/err.log"
    return hooks


def whole_life(bundle):
    bundle.create().ok("")
    bundle.start().ok("")
    bundle.kill("KILL").ok()
    bundle.end()
    bundle.delete().ok("")


def lines(path):
    with open(path) as file:
        return file.read().splitlines()


def test_hooks_write_to_the_files(bundle, talking):
    bundle.file("out.log", "before\n")
    bundle.configure(talking.changes(**{"process.args": ["/bin/sleep", "1000"], "annotations": {
        "run.oci.hooks.stdout": talking.out, "run.oci.hooks.stderr": talking.err}}))
    whole_life(bundle)
    assert lines(talking.out) == ["before", *(f"out {kind}" for kind in KINDS)]
    assert lines(talking.err) == [f"err {kind}" for kind in KINDS]


def test_one_of_the_two_is_enough(bundle, talking):
    bundle.configure(talking.changes(**{"process.args": ["/bin/sleep", "1000"], "annotations": {
        "run.oci.hooks.stderr": talking.err}}))
    whole_life(bundle)
    assert lines(talking.err) == [f"err {kind}" for kind in KINDS]


def test_the_program_does_not_inherit_the_files(bundle, talking):
    seen = bundle.posture(talking.changes(annotations={
        "run.oci.hooks.stdout": talking.out, "run.oci.hooks.stderr": talking.err}))
    assert sorted(int(fd) for fd in seen["fds"]) == [0, 1, 2]


def test_a_file_that_cannot_be_opened_is_an_error(bundle, talking):
    bundle.configure(talking.changes(annotations={"run.oci.hooks.stdout": "/not/there"}))
    bundle.run().fails(m.said(
        "run", bundle.id, 'annotations["run.oci.hooks.stdout"]: open /not/there: '
        "no such file or directory (ENOENT)"))


def test_the_end_does_not_need_the_file(bundle, talking):
    folder = bundle.folder("logs")
    bundle.configure(talking.changes(**{"process.args": ["/bin/sleep", "1000"], "annotations": {
        "run.oci.hooks.stdout": f"{folder}/log"}}))
    bundle.create().ok("")
    os.unlink(f"{folder}/log")
    os.rmdir(folder)
    bundle.start().ok("")
    bundle.delete("--force").ok("")


# ---- others -------------------------------------------------------------------------------------

@pytest.mark.parametrize("command", ["create", "run"])
def test_the_receiver_gets_a_pidfd(bundle, fd_receiver, command):
    bundle.configure({"process.args": ["/bin/sleep", "1000"],
                      **annotated(pidfd_receiver=fd_receiver.path)})
    if command == "create":
        bundle.create().ok()
    else:
        bundle.run("--detach", "--pid-file", bundle.pid_file).ok()
    _, pidfd = fd_receiver.receive()
    with open(f"/proc/self/fdinfo/{pidfd}") as file:
        assert re.search(rf"^Pid:\t{bundle.pid}$", file.read(), re.MULTILINE)


def test_a_receiver_that_is_not_there_is_named(bundle):
    bundle.configure(annotated(pidfd_receiver=f"{bundle.path}/nobody"))
    bundle.create().fails(m.said(
        "create", bundle.id, f'annotations["run.oci.pidfd_receiver"]: connect to {bundle.path}/nobody: '
        "no such file or directory (ENOENT)"))


def test_the_kind_of_label_reaches_the_kernel(bundle):
    """Of a host without SELinux only the plan can be had."""
    if os.path.exists("/sys/fs/selinux/enforce"):
        pytest.skip("the host has SELinux: the label itself would be refused")
    bundle.configure({"linux.mountLabel": "system_u:object_r:container_file_t:s0",
                      **annotated(mount_context_type="rootcontext")})
    outcome = bundle.create()
    assert outcome.status == 1 and "linux.mountLabel" in outcome.stderr


@pytest.mark.parametrize("name, value", [
    ("run.oci.handler", "krun"), ("run.oci.seccomp.plugins", "a.so"), ("krun.cpus", "2"),
    ("run.oci.systemd.subgroup", "x"), ("run.oci.delegate-cgroup", "x"),
    ("run.oci.systemd.force_cgroup_v1", "/x"), ("module.wasm.image/variant", "compat")])
def test_what_is_refused_is_refused_by_all(bundle, name, value):
    bundle.configure({"annotations": {name: value}})
    where = f"config.json:{bundle.position('annotations')}"
    said = bundle.create().stderr
    assert f'annotations["{name}"]: ' in said and said.count("\n") == 1, (said, where)
    checked = bundle.call("check", bundle.path)
    assert checked.status == 1 and f'error: annotations["{name}"]: ' in checked.stdout
    assert bundle.call("plan", bundle.path).status == 1


def test_engines_are_told(bundle):
    features = json.loads(bundle.call("features").ok().stdout)
    assert features["potentiallyUnsafeConfigAnnotations"] == ["org.systemd.property.", "run.oci."]
