"""Time namespaces whose clocks are not the host's (linux.timeOffsets)."""

import fcntl
import os

import pytest

import messages as m
from harness import host
from harness.holder import namespaces_of
from harness.spec import USER_NAMESPACE, mount, namespaces

pytestmark = [pytest.mark.sanitize, pytest.mark.cgroup2]

NS_GET_USERNS = 0xb701
A_DAY = 86_400
OFFSETS = {"linux.timeOffsets": {"boottime": {"secs": 100_000},
                                 "monotonic": {"secs": A_DAY, "nanosecs": 1}}}
AHEAD = {"linux.namespaces+": namespaces("time"), **OFFSETS}
SHOWN = [["monotonic", str(A_DAY), "1"], ["boottime", "100000", "0"]]


def offsets_in(text):
    return [line.split() for line in text.splitlines()]


def owner_of(path):
    """The user namespace that a namespace belongs to, as links in /proc/PID/ns name it."""
    with open(path) as namespace:
        owner = fcntl.ioctl(namespace, NS_GET_USERNS)
    try:
        return os.readlink(f"/proc/self/fd/{owner}")
    finally:
        os.close(owner)


def is_ahead(shifted, plain, by):
    return by <= shifted - plain < by + 60 * host.PATIENCE


def test_offsets_move_the_clocks(bundle):
    plain = bundle.posture()["boottime"]
    assert is_ahead(bundle.posture(AHEAD)["boottime"], plain, 100_000)


def test_offsets_are_what_the_kernel_has(bundle):
    assert offsets_in(bundle.says("cat /proc/self/timens_offsets", AHEAD)) == SHOWN


def test_a_clock_can_be_behind_the_hosts(bundle):
    behind = {**AHEAD, "linux.timeOffsets": {"monotonic": {"secs": -1, "nanosecs": 999_999_999}}}
    assert offsets_in(bundle.says("cat /proc/self/timens_offsets", behind)) == [
        ["monotonic", "-1", "999999999"], ["boottime", "0", "0"]]


def test_without_offsets_the_clocks_are_the_hosts(bundle):
    own = {"linux.namespaces+": namespaces("time")}
    plain = bundle.posture()["boottime"]
    assert is_ahead(bundle.posture(own)["boottime"], plain, 0)


def test_a_created_container_is_in_its_time_namespace(bundle):
    bundle.configure(AHEAD).create().ok()
    assert namespaces_of(bundle.pid)["time"] != namespaces_of("self")["time"]


def test_exec_has_the_containers_clocks(bundle):
    bundle.running(AHEAD)
    out = bundle.call("exec", bundle.id, "cat", "/proc/self/timens_offsets").ok().stdout
    assert offsets_in(out) == SHOWN


def test_hooks_in_the_container_have_its_clocks_and_those_outside_the_hosts(bundle):
    def hook(name):
        return [{"path": "/bin/busybox",
                 "args": ["sh", "-c", f"cat /proc/self/timens_offsets > {bundle.path}/{name}"]}]
    bundle.configure({**AHEAD, "process.args": ["true"],
                      "hooks": {"createRuntime": hook("outside"), "createContainer": hook("inside")}})
    bundle.run().ok()
    with open(f"{bundle.path}/outside") as outside, open(f"{bundle.path}/inside") as inside:
        assert [row[1:] for row in offsets_in(outside.read())] == [["0", "0"]] * 2
        assert offsets_in(inside.read()) == SHOWN


def test_a_time_namespace_with_offsets_belongs_to_the_new_user_namespace(mapped_bundle):
    changes = {**USER_NAMESPACE, "linux.namespaces+": namespaces("user", "time"), **OFFSETS}
    mapped_bundle.running(changes)
    assert owner_of(f"/proc/{mapped_bundle.pid}/ns/time") == namespaces_of(mapped_bundle.pid)["user"]
    out = mapped_bundle.call("exec", mapped_bundle.id, "cat", "/proc/self/timens_offsets").ok().stdout
    assert offsets_in(out) == SHOWN


def test_offsets_with_a_user_namespace_that_is_joined(mapped_bundle, mapped_holder):
    joined = {kind: mapped_holder.path(kind) for kind in ("user", "network")}
    seen = mapped_bundle.says("cat /proc/self/timens_offsets", {
        "linux.namespaces": namespaces("pid", "mount", "time", **joined), **OFFSETS,
        "mounts": [mount("/proc", "proc", "proc")]}, without=["hostname"])
    assert offsets_in(seen) == SHOWN


def test_offsets_with_a_pid_namespace_that_is_joined(bundle, holder):
    seen = bundle.says("cat /proc/self/timens_offsets", {
        "linux.namespaces": namespaces("mount", "uts", "ipc", "time", pid=holder.path("pid")),
        **OFFSETS})
    assert offsets_in(seen) == SHOWN


@pytest.mark.parametrize("seconds", [-(2 ** 40), 2 ** 62])
def test_a_clock_that_the_kernel_does_not_take_fails_the_create(bundle, seconds):
    bundle.configure({**AHEAD, "linux.timeOffsets": {"boottime": {"secs": seconds}}})
    bundle.create().fails(m.said("create", bundle.id, m.CLOCK_OUT_OF_RANGE.format(seconds=seconds)))
