"""Device nodes and the links beside them."""

import os
import stat

import pytest

import messages as m
from harness.spec import MOUNTS, USER_NAMESPACE, bind, mount, namespaces, shell

pytestmark = pytest.mark.cgroup2

NODES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9),
         "tty": (5, 0)}
LINKS = {"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1",
         "stderr": "/proc/self/fd/2", "ptmx": "pts/ptmx"}


def stats(paths):
    return [word for path in paths for word in ("--stat", path)]


def look(bundle, paths, changes=None):
    return bundle.posture(changes, probe=stats(paths))["stat"]


def test_the_default_devices_are_there(bundle):
    seen = look(bundle, [f"/dev/{name}" for name in NODES])
    for name, numbers in NODES.items():
        entry = seen[f"/dev/{name}"]
        assert (entry["kind"], entry["mode"], entry["uid"], entry["gid"]) == ("char", 0o666, 0, 0)
        assert (entry["major"], entry["minor"]) == numbers


def test_the_default_links_are_there(bundle):
    seen = look(bundle, [f"/dev/{name}" for name in LINKS])
    assert {name: seen[f"/dev/{name}"]["target"] for name in LINKS} == LINKS


def test_dev_holds_nothing_else(bundle):
    seen = bundle.posture(probe=["--list", "/dev"])
    assert set(seen["list"]["/dev"]) - {"core"} == set(NODES) | set(LINKS) | {"pts", "shm", "mqueue"}


def test_devices_work(bundle):
    out = bundle.says("echo x >/dev/null; head -c3 /dev/zero | hexdump -v -e '1/1 \"%d\"'; "
                      "echo x 2>/dev/null >/dev/full || echo ' full'; head -c4 /dev/urandom | wc -c")
    assert out.split() == ["000", "full", "4"]


ASKED = [
    {"path": "/dev/fuse", "type": "c", "major": 10, "minor": 229, "fileMode": 0o640, "uid": 12,
     "gid": 34},
    {"path": "/dev/deep/er/loop", "type": "b", "major": 7, "minor": 0, "fileMode": 0o600},
    {"path": "/dev/pipe", "type": "p", "fileMode": 0o622},
    {"path": "/srv/unbuffered", "type": "u", "major": 1, "minor": 3},
]
KINDS = {"c": "char", "u": "char", "b": "block", "p": "fifo"}


def test_the_devices_asked_for_are_made_with_mode_and_owner(bundle):
    seen = look(bundle, [each["path"] for each in ASKED],
                {"linux.devices": ASKED, "root.readonly": False})
    for asked in ASKED:
        entry = seen[asked["path"]]
        assert entry["kind"] == KINDS[asked["type"]]
        assert entry["mode"] == asked.get("fileMode", 0o666)
        assert (entry["uid"], entry["gid"]) == (asked.get("uid", 0), asked.get("gid", 0))
        assert (entry["major"], entry["minor"]) == (asked.get("major", 0), asked.get("minor", 0))


def test_a_default_device_can_be_given_another_mode(bundle):
    seen = look(bundle, ["/dev/null"], {"linux.devices": [
        {"path": "/dev/null", "type": "c", "major": 1, "minor": 3, "fileMode": 0o600, "uid": 7}]})
    assert (seen["/dev/null"]["mode"], seen["/dev/null"]["uid"]) == (0o600, 7)


def test_a_file_that_is_not_that_device_is_refused(bundle):
    bundle.file("rootfs/srv/thing", "a file")
    bundle.configure({"linux.devices": [
        {"path": "/srv/thing", "type": "c", "major": 1, "minor": 3}], "root.readonly": False})
    bundle.create().fails(m.not_the_device(bundle, 0, "/srv/thing", "1:3"))
    with open(bundle.inside("srv/thing")) as file:
        assert file.read() == "a file"


def test_a_device_that_is_there_already_is_kept(bundle):
    os.mknod(bundle.inside("srv/null"), 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    seen = look(bundle, ["/srv/null"], {"linux.devices": [
        {"path": "/srv/null", "type": "c", "major": 1, "minor": 3, "fileMode": 0o666}],
        "root.readonly": False})
    assert (seen["/srv/null"]["kind"], seen["/srv/null"]["minor"]) == ("char", 3)


def test_without_a_mount_on_dev_the_devices_are_in_the_image(bundle):
    seen = look(bundle, ["/dev/null", "/dev/fd"], {"mounts": [MOUNTS[0]], "root.readonly": False})
    assert (seen["/dev/null"]["kind"], seen["/dev/fd"]["target"]) == ("char", "/proc/self/fd")


def test_a_bind_mount_on_dev_keeps_its_own_devices(bundle):
    seen = bundle.posture({"mounts": [MOUNTS[0], bind("/dev", "/dev"), *MOUNTS[2:]]},
                          probe=["--stat", "/dev/null", "--list", "/dev"])
    assert sorted(set(os.listdir("/dev")) - set(seen["list"]["/dev"])) == []
    assert seen["stat"]["/dev/null"]["kind"] == "char"


def test_devices_of_a_user_namespace_are_the_hosts(mapped_bundle):
    changes = {**USER_NAMESPACE, "linux.namespaces+": namespaces("user")}
    seen = look(mapped_bundle, [f"/dev/{name}" for name in NODES], changes)
    for name, numbers in NODES.items():
        entry = seen[f"/dev/{name}"]
        assert (entry["kind"], entry["major"], entry["minor"]) == ("char", *numbers)


def test_the_umask_of_the_caller_changes_no_mode(bundle):
    bundle.configure({"process.args": ["/probe", *stats(["/dev/null", "/dev/shm"])]})
    outcome = bundle.run(before=lambda: os.umask(0o777))
    assert '"mode":438' in outcome.ok().stdout  # 0666


@pytest.mark.parametrize("number, allowed", [("c 1 3", True), ("c 1 5", True), ("c 1 1", False),
                                             ("b 7 0", False)])
def test_the_default_rules_allow_the_default_devices_only(bundle, number, allowed):
    """On the v1 hierarchy; the program of cgroup v2 comes with the rest of cgroups."""
    kind, major, minor = number.split()
    every = {name: ["CAP_MKNOD", "CAP_DAC_OVERRIDE"] for name in ("bounding", "effective", "permitted")}
    script = f"mknod /tmp/node {kind} {major} {minor} && dd if=/tmp/node of=/dev/null bs=1 count=1"
    bundle.configure({**shell(script), "process.capabilities": every,
                      "mounts+": [mount("/tmp", "tmpfs", "tmpfs")]})
    assert (bundle.run().status == 0) == allowed
