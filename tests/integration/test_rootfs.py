"""The root filesystem: changed by pivot_root or without, propagated, masked, read-only."""

import os

import pytest

from harness import host, mounts
from harness.spec import (MASKED, MOUNTS, READONLY, USER_NAMESPACE, bind, mount, namespaces,
                          shell)

PIVOTS = [pytest.param([], id="pivot"), pytest.param(["--no-pivot"], id="no-pivot")]
ROOT_CAPABLE = {"process.capabilities": {kind: ["CAP_SYS_ADMIN"] for kind in (
    "bounding", "effective", "permitted")}}


# ---- what the container sees --------------------------------------------------------------------

@pytest.mark.parametrize("flags", PIVOTS)
def test_the_container_sees_its_rootfs_and_nothing_of_the_host(bundle, flags):
    bundle.file("rootfs/marker", "inside")
    seen = bundle.posture(probe=["--list", "/", "--list", "/..", "--read", "/marker",
                                 "--stat", host.WORK], flags=flags)
    assert seen["read"]["/marker"] == "inside"
    assert sorted(seen["list"]["/"]) == sorted(os.listdir(bundle.rootfs))
    assert sorted(seen["list"]["/.."]) == sorted(seen["list"]["/"])
    assert seen["stat"][host.WORK] == {"error": "ENOENT"}


@pytest.mark.parametrize("flags", PIVOTS)
def test_only_the_mounts_asked_for_are_there(bundle, flags):
    seen = bundle.posture(flags=flags)
    points = {each.point for each in mounts.parse(seen["mountinfo"])}
    asked = {"/"} | {each["destination"] for each in MOUNTS} | set(MASKED) | set(READONLY)
    surplus = {point for point in points - asked if not point.startswith("/sys/fs/cgroup/")}
    assert surplus == set()
    assert {each["destination"] for each in MOUNTS} <= points


@pytest.mark.parametrize("flags", PIVOTS)
def test_nothing_is_mounted_on_the_host_while_a_container_lives(bundle, flags):
    before = host.mountinfo()
    bundle.configure({"process.args": ["/bin/sleep", "1000"]})
    bundle.create(*flags).ok()
    bundle.start().ok()
    assert host.mountinfo() == before


@pytest.mark.parametrize("flags", PIVOTS)
@pytest.mark.parametrize("readonly, result", [(True, "EROFS"), (False, "ok")])
def test_the_root_is_read_only_when_asked(bundle, flags, readonly, result):
    seen = bundle.posture({"root.readonly": readonly}, flags=flags,
                          probe=["--write", "/", "--write", "/etc/passwd", "--write", "/dev"])
    assert seen["write"] == {"/": result, "/etc/passwd": result, "/dev": "ok"}


def test_what_is_written_to_a_writable_root_is_in_the_bundle(bundle):
    bundle.says("echo text > /root/new", {"root.readonly": False})
    with open(bundle.inside("root/new")) as file:
        assert file.read() == "text\n"


@pytest.mark.parametrize("path", ["rootfs", "./rootfs", "rootfs/", "sub/../rootfs", "{absolute}"])
def test_the_root_path_is_relative_to_the_bundle_or_absolute(bundle, path):
    bundle.folder("sub")
    seen = bundle.posture({"root.path": path.format(absolute=bundle.rootfs)}, cwd="/")
    assert seen["hostname"] == "brig"


def test_a_rootfs_that_is_a_mount_point_works(bundle):
    other = bundle.folder("other")
    host.mount(bundle.rootfs, other, None, host.MS_BIND)
    try:
        assert bundle.posture({"root.path": "other"})["hostname"] == "brig"
    finally:
        host.unmount(other)


def test_a_rootfs_on_a_read_only_mount_works(bundle):
    other = bundle.folder("other")
    host.mount(bundle.rootfs, other, None, host.MS_BIND)
    host.mount(None, other, None, host.MS_BIND | host.MS_REMOUNT | host.MS_RDONLY)
    try:
        assert bundle.posture({"root.path": "other"})["hostname"] == "brig"
    finally:
        host.unmount(other)


def test_mounts_below_the_rootfs_come_along(bundle):
    host.mount("tmpfs", bundle.inside("srv"), "tmpfs")
    try:
        bundle.file("rootfs/srv/file", "below")
        assert bundle.says("cat /srv/file") == "below"
    finally:
        host.unmount(bundle.inside("srv"))


# ---- propagation --------------------------------------------------------------------------------

@pytest.mark.parametrize("asked, kind", [
    (None, "slave"), ("slave", "slave"), ("rslave", "slave"), ("private", "private"),
    ("rprivate", "private"), ("unbindable", "unbindable"), ("runbindable", "unbindable"),
    ("shared", "shared"), ("rshared", "shared")])
def test_the_root_has_the_propagation_asked_for(bundle, asked, kind):
    seen = bundle.posture({"linux.rootfsPropagation": asked} if asked else {})
    assert kind in mounts.top(seen["mountinfo"])["/"].propagation


@pytest.mark.parametrize("asked, arrives", [("rslave", True), ("rprivate", False)])
def test_a_later_mount_of_the_host_arrives_in_a_slave_only(bundle, output_pipe, asked, arrives):
    bundle.configure({**shell("read x; ls /srv"), "linux.rootfsPropagation": asked})
    wait, go = os.pipe()
    bundle.create(stdin=wait, stdout=output_pipe.write_end).ok()
    bundle.start().ok()
    os.close(wait)
    host.mount("tmpfs", bundle.inside("srv"), "tmpfs")
    try:
        bundle.file("rootfs/srv/arrived")
        os.close(go)
        assert output_pipe.rest() == ("arrived\n" if arrives else "")
    finally:
        host.unmount(bundle.inside("srv"))


@pytest.mark.parametrize("asked", [None, "rslave", "shared", "rshared"])
def test_a_mount_of_the_container_never_reaches_the_host(bundle, asked):
    """"shared" is a new peer group for nested containers, "not shared with the host"."""
    before = host.mountinfo()
    bundle.configure({**shell("mount -t tmpfs tmpfs /srv"), **ROOT_CAPABLE,
                      **({"linux.rootfsPropagation": asked} if asked else {})})
    bundle.run().ok()
    assert host.mountinfo() == before


def peer_groups(mountinfo):
    return {tag for each in mounts.parse(mountinfo) for tag in each.tags if tag.startswith("shared:")}


@pytest.mark.parametrize("in_user_namespace", [False, True], ids=["root", "user-ns"])
def test_no_mount_is_in_a_peer_group_of_the_host(new_bundle, in_user_namespace):
    """What is mounted over such a mount in the container would be mounted on the host too."""
    bundle = new_bundle(owner=100000 if in_user_namespace else 0)
    changes = {**USER_NAMESPACE, "linux.namespaces+": namespaces("user")} if in_user_namespace else {}
    seen = bundle.posture({**changes, "mounts+": [bind(bundle.folder("volume"), "/mnt")]})
    ours = peer_groups("\n".join(host.mountinfo()))
    shared = [each for each in mounts.parse(seen["mountinfo"]) if ours & set(each.tags)]
    assert shared == []


def test_covering_every_mount_of_a_container_covers_nothing_of_the_host(bundle):
    before = host.mountinfo()
    bundle.configure({**shell("for point in $(cut -d' ' -f5 /proc/self/mountinfo); do "
                              "mount --bind /bin/busybox $point || mount -t tmpfs tmpfs $point; "
                              "done 2>&1 | cat >/dev/zero; true"),
                      **ROOT_CAPABLE, "mounts+": [bind(bundle.folder("volume"), "/mnt")]})
    bundle.run().ok()
    assert host.mountinfo() == before


# ---- masked paths -------------------------------------------------------------------------------

def test_a_masked_file_reads_empty_and_a_masked_directory_is_empty(bundle):
    bundle.folder("rootfs/srv/secret")
    bundle.file("rootfs/srv/secret/key", "x")
    seen = bundle.posture({"linux.maskedPaths": ["/srv/secret", "/etc/group"],
                           "root.readonly": False},
                          probe=["--list", "/srv/secret", "--read", "/etc/group",
                                 "--write", "/srv/secret", "--read", "/etc/passwd"])
    assert seen["list"]["/srv/secret"] == []
    assert seen["read"]["/etc/group"] == ""
    assert seen["write"]["/srv/secret"] == "EROFS"
    assert seen["read"]["/etc/passwd"] != ""


@pytest.mark.parametrize("path", filter(os.path.exists, MASKED))
def test_a_path_masked_by_default_gives_nothing(bundle, path):
    option = "--list" if os.path.isdir(path) else "--read"
    seen = bundle.posture(probe=[option, path])
    assert seen[option[2:]][path] in ([], "")


def test_masking_what_is_missing_or_masked_already_is_no_error(bundle):
    seen = bundle.posture({"linux.maskedPaths": ["/no/such", "/proc/keys", "/proc/keys",
                                                 "/sys/firmware", "/sys/firmware"]},
                          probe=["--read", "/proc/keys", "--stat", "/no"])
    assert seen["read"]["/proc/keys"] == ""
    assert seen["stat"]["/no"] == {"error": "ENOENT"}


def test_a_mask_is_a_verified_null_device_and_not_the_images(bundle):
    """The image's /dev/null may be a link to any file, which the mask would then expose."""
    dev = bundle.folder("dev")
    os.symlink("/proc/sys/kernel/ostype", f"{dev}/null")
    bundle.configure({**shell("cat /proc/version"), "mounts": [mount("/proc", "proc", "proc"),
                                                                bind(dev, "/dev")],
                      "linux.maskedPaths": ["/proc/version"]})
    outcome = bundle.run()
    assert outcome.stdout == "", str(outcome)


# ---- read-only paths ----------------------------------------------------------------------------

def test_a_read_only_path_can_be_read_and_not_written(bundle):
    seen = bundle.posture({"linux.readonlyPaths": ["/srv", "/etc/passwd", "/no/such"],
                           "root.readonly": False},
                          probe=["--write", "/srv", "--write", "/etc/passwd", "--write", "/etc/group",
                                 "--read", "/etc/passwd"])
    assert seen["write"] == {"/srv": "EROFS", "/etc/passwd": "EROFS", "/etc/group": "ok"}
    assert seen["read"]["/etc/passwd"].startswith("root:")


@pytest.mark.parametrize("file", filter(os.path.exists, [
    "/proc/sys/kernel/hostname", "/proc/irq/default_smp_affinity", "/proc/sysrq-trigger"]))
def test_a_path_read_only_by_default_is(bundle, file):
    assert bundle.posture(probe=["--write", file])["write"][file] == "EROFS"


def test_a_read_only_path_keeps_the_flags_of_its_mount(bundle):
    seen = bundle.posture({"mounts+": [mount("/srv", "tmpfs", "tmpfs", "nosuid", "nodev", "noexec")],
                           "linux.readonlyPaths": ["/srv"]})
    assert {"ro", "nosuid", "nodev", "noexec"} <= mounts.top(seen["mountinfo"])["/srv"].options


def test_mounts_below_a_read_only_path_are_read_only_too(bundle):
    seen = bundle.posture({"mounts+": [mount("/srv", "tmpfs", "tmpfs"),
                                       mount("/srv/below", "tmpfs", "tmpfs")],
                           "linux.readonlyPaths": ["/srv"]}, probe=["--write", "/srv"])
    assert seen["write"]["/srv"] == "EROFS"
