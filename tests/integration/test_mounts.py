"""Mounts by kind: binds, tmpfs, proc, sysfs, devpts, mqueue, cgroup."""

import os

import pytest

import messages as m
from harness import cgroups, host, mounts
from harness.spec import DEVPTS, MOUNTS, MQUEUE, PROC, SHM, bind, mount, namespaces

pytestmark = [pytest.mark.sanitize, pytest.mark.cgroup2]


def seen_mounts(seen):
    return mounts.top(seen["mountinfo"])


# ---- binds --------------------------------------------------------------------------------------

@pytest.mark.parametrize("spelled", [
    {"type": "bind", "options": ["bind"]}, {"type": "none", "options": ["rbind"]},
    {"type": "bind", "options": ["rbind", "ro"]}, {"options": ["bind"]},
    {"type": "tmpfs", "options": ["bind"]}], ids=str)
def test_a_directory_is_bound_however_it_is_spelled(bundle, spelled):
    source = bundle.folder("volume")
    bundle.file("volume/file", "text")
    spec = {"destination": "/mnt", "source": source, **spelled}
    assert bundle.says("cat /mnt/file", {"mounts+": [spec]}) == "text"


def test_a_file_is_bound_over_a_file(bundle):
    source = bundle.file("motd", "bound")
    assert bundle.says("cat /etc/passwd", {"mounts+": [bind(source, "/etc/passwd")]}) == "bound"


def test_a_file_is_not_bound_on_a_directory(bundle):
    bundle.configure({"mounts+": [bind(bundle.file("file"), "/srv")]})
    bundle.create().fails(m.file_on_a_directory(bundle, 7, "/srv"))


def test_a_missing_destination_is_made_as_a_directory_or_a_file(bundle):
    directory, file = bundle.folder("directory"), bundle.file("file", "text")
    seen = bundle.posture({"mounts+": [bind(directory, "/a/b/c"), bind(file, "/d/e/f")],
                           "root.readonly": False}, probe=["--stat", "/a/b/c", "--read", "/d/e/f"])
    assert seen["stat"]["/a/b/c"]["kind"] == "dir"
    assert seen["read"]["/d/e/f"] == "text"
    modes = [oct(os.stat(bundle.inside(path)).st_mode) for path in ("a", "a/b", "a/b/c", "d/e/f")]
    assert modes == ["0o40755", "0o40755", "0o40755", "0o100644"] or modes[3] == "0o100755"


def test_a_missing_destination_is_made_below_an_earlier_mount(bundle):
    source = bundle.folder("volume")
    seen = bundle.posture({"mounts+": [mount("/mnt", "tmpfs", "tmpfs"), bind(source, "/mnt/x/y")]})
    assert "/mnt/x/y" in seen_mounts(seen)


def test_a_missing_destination_is_made_although_the_root_is_read_only(bundle):
    seen = bundle.posture({"mounts+": [mount("/made", "tmpfs", "tmpfs")]}, probe=["--write", "/"])
    assert "/made" in seen_mounts(seen)
    assert seen["write"]["/"] == "EROFS"


def test_a_relative_source_is_below_the_bundle(bundle):
    bundle.folder("volume")
    bundle.file("volume/file", "text")
    changes = {"mounts+": [bind("volume", "/mnt")]}
    assert bundle.says("cat /mnt/file", changes, cwd="/") == "text"


def test_a_source_that_is_a_symlink_is_followed(bundle):
    bundle.folder("volume")
    bundle.file("volume/file", "text")
    os.symlink("volume", f"{bundle.path}/link")
    assert bundle.says("cat /mnt/file", {"mounts+": [bind(f"{bundle.path}/link", "/mnt")]}) == "text"


@pytest.mark.parametrize("name", ["with space", "tab\there", "new\nline", "bäck\\slash", "-dash"])
def test_any_name_can_be_bound(bundle, name):
    source = bundle.folder("volumes/" + name)
    bundle.file(f"volumes/{name}/file", "text")
    changes = {"mounts+": [bind(source, "/srv/" + name)], "root.readonly": False,
               "process.env": ["PATH=/bin", "NAME=" + name]}
    assert bundle.says('cat "/srv/$NAME/file"', changes) == "text"


@pytest.mark.parametrize("option, names", [("bind", []), ("rbind", ["below"])])
def test_rbind_brings_the_mounts_below_and_bind_does_not(bundle, option, names):
    source = bundle.folder("volume/sub")
    host.mount("tmpfs", source, "tmpfs")
    try:
        bundle.file("volume/sub/below")
        spec = mount("/mnt", "none", f"{bundle.path}/volume", option)
        seen = bundle.posture({"mounts+": [spec]}, probe=["--list", "/mnt/sub"])
    finally:
        host.unmount(source)
    assert seen["list"]["/mnt/sub"] == names


def test_mounts_are_made_in_order(bundle):
    bundle.file("first", "1"), bundle.file("second", "2")
    changes = {"mounts+": [bind(f"{bundle.path}/first", "/etc/group"),
                           bind(f"{bundle.path}/second", "/etc/group")]}
    assert bundle.says("cat /etc/group", changes) == "2"


def test_what_is_bound_is_the_hosts_and_not_a_copy(bundle):
    source = bundle.folder("volume")
    bundle.says("echo text > /mnt/file", {"mounts+": [bind(source, "/mnt")]})
    with open(f"{source}/file") as file:
        assert file.read() == "text\n"


# ---- tmpfs --------------------------------------------------------------------------------------

def test_tmpfs_takes_size_mode_and_owner(bundle):
    seen = bundle.posture({"mounts+": [mount("/mnt", "tmpfs", "tmpfs", "size=64k", "mode=1750",
                                             "uid=12", "gid=34")]}, probe=["--stat", "/mnt"])
    entry = seen["stat"]["/mnt"]
    assert (entry["mode"], entry["uid"], entry["gid"]) == (0o1750, 12, 34)
    assert "size=64k" in seen_mounts(seen)["/mnt"].super_options


def test_tmpfs_without_a_mode_takes_that_of_the_directory_it_covers(bundle):
    os.chmod(bundle.inside("srv"), 0o2711)
    seen = bundle.posture({"mounts+": [mount("/srv", "tmpfs", "tmpfs")]}, probe=["--stat", "/srv"])
    assert seen["stat"]["/srv"]["mode"] == 0o2711


def test_tmpfs_without_a_mode_that_covers_nothing_is_open_to_everybody(bundle):
    """BuildKit's `RUN --mount=type=tmpfs`, where a user without privilege writes to it."""
    seen = bundle.posture({"root.readonly": False, "mounts+": [mount("/made", "tmpfs", "tmpfs")]},
                          probe=["--stat", "/made"])
    assert seen["stat"]["/made"]["mode"] == 0o1777


def test_tmpcopyup_fills_the_tmpfs_with_what_it_covers(bundle):
    os.makedirs(bundle.inside("srv/deep/er"))
    bundle.file("rootfs/srv/deep/er/script", "text", 0o750)
    os.chown(bundle.inside("srv/deep"), 12, 34)
    os.symlink("/etc/passwd", bundle.inside("srv/link"))
    os.mkfifo(bundle.inside("srv/fifo"))
    seen = bundle.posture(
        {"mounts+": [mount("/srv", "tmpfs", "tmpfs", "tmpcopyup", "size=1m")]},
        probe=["--list", "/srv", "--read", "/srv/deep/er/script", "--stat", "/srv/deep/er/script",
               "--stat", "/srv/deep", "--stat", "/srv/link", "--write", "/srv"])
    assert sorted(seen["list"]["/srv"])[:1] + sorted(seen["list"]["/srv"])[-1:] == ["deep", "link"]
    assert seen["read"]["/srv/deep/er/script"] == "text"
    assert seen["stat"]["/srv/deep/er/script"]["mode"] == 0o750
    assert (seen["stat"]["/srv/deep"]["uid"], seen["stat"]["/srv/deep"]["gid"]) == (12, 34)
    assert seen["stat"]["/srv/link"]["target"] == "/etc/passwd"
    assert seen["write"]["/srv"] == "ok"


def test_tmpcopyup_does_not_follow_links_out_of_the_directory(bundle):
    bundle.folder("canary")
    bundle.file("canary/secret", "secret")
    os.symlink(f"{bundle.path}/canary", bundle.inside("srv/out"))
    seen = bundle.posture({"mounts+": [mount("/srv", "tmpfs", "tmpfs", "tmpcopyup")]},
                          probe=["--stat", "/srv/out", "--list", "/srv/out"])
    assert seen["stat"]["/srv/out"]["kind"] == "link"
    assert seen["list"]["/srv/out"] is None


@pytest.mark.parametrize("options", [[], ["mode=755"], ["tmpcopyup"]])
def test_a_read_only_tmpfs_takes_what_is_mounted_below_it(bundle, options):
    changes = {"mounts+": [mount("/srv", "tmpfs", "tmpfs", "ro", *options),
                           bind(bundle.folder("volume"), "/srv/a/b")], "process.cwd": "/srv/cwd"}
    assert bundle.says("pwd; touch /srv/a/b/file && ls /srv/a/b; touch /srv/x 2>&1; true",
                       changes) == "/srv/cwd\nfile\ntouch: /srv/x: Read-only file system\n"


def test_a_read_only_dev_has_its_devices(bundle):
    """Podman's for the first container of a pod."""
    dev = mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "ro")
    seen = bundle.posture({"mounts": [PROC, dev, DEVPTS, SHM, MQUEUE]},
                          probe=["--list", "/dev", "--write", "/dev"])
    assert {"null", "ptmx", "stdin", "pts", "shm"} <= set(seen["list"]["/dev"])
    assert "ro" in seen_mounts(seen)["/dev"].options
    assert seen["write"]["/dev"] != "ok"


# ---- the kernel's own filesystems ---------------------------------------------------------------

def test_the_default_mounts_are_what_they_should_be(bundle):
    found = seen_mounts(bundle.posture())
    for asked in MOUNTS[:-1]:
        made = found[asked["destination"]]
        assert made.kind == asked["type"], asked
        flags = {"nosuid", "noexec", "nodev", "ro"} & set(asked["options"])
        assert flags <= made.options, asked


def test_proc_shows_the_containers_processes_only(bundle):
    assert bundle.says("ls /proc | grep -c '^[0-9]'").split() != []
    assert set(bundle.says("cd /proc; echo [0-9]*").split()) <= {"1", "2", "3"}


@pytest.mark.parametrize("option, gone", [("subset=pid", "/proc/meminfo"), ("hidepid=2", None)])
def test_proc_takes_its_options(bundle, option, gone):
    changes = {"mounts": [mount("/proc", "proc", "proc", option), *MOUNTS[1:]]}
    seen = bundle.posture(changes, probe=["--stat", gone or "/proc"])
    if gone:
        assert seen["stat"][gone] == {"error": "ENOENT"}
    else:
        assert any("hidepid" in each for each in seen_mounts(seen)["/proc"].super_options)


def test_devpts_is_an_instance_of_its_own(bundle):
    seen = bundle.posture(probe=["--list", "/dev/pts", "--stat", "/dev/ptmx", "--stat",
                                 "/dev/pts/ptmx"])
    assert seen["list"]["/dev/pts"] == ["ptmx"]
    assert seen["stat"]["/dev/ptmx"]["target"] == "pts/ptmx"
    assert seen["stat"]["/dev/pts/ptmx"]["mode"] == 0o666


def test_a_container_can_open_terminals_of_its_own(bundle):
    assert bundle.posture(probe=["--write", "/dev/ptmx"])["write"]["/dev/ptmx"] == "ok"


def test_sysfs_shows_the_containers_network(bundle):
    assert bundle.says("ls /sys/class/net").split() == ["lo"]


def test_mqueue_belongs_to_the_ipc_namespace(bundle):
    seen = bundle.posture(probe=["--list", "/dev/mqueue"])
    assert seen["list"]["/dev/mqueue"] == []


# ---- cgroup views -------------------------------------------------------------------------------

HYBRID = pytest.mark.skipif(not cgroups.mount_point("memory"), reason="no v1 hierarchies here")


@HYBRID
@pytest.mark.parametrize("own_namespace", [False, True], ids=["shared-ns", "own-ns"])
def test_the_v1_view_has_the_containers_cgroup_of_every_controller(bundle, own_namespace):
    extra = namespaces("cgroup") if own_namespace else []
    controllers = sorted(name.removeprefix("name=") for point, names in cgroups.hierarchies().items()
                         for name in names if name)
    script = "cd /sys/fs/cgroup; " + "; ".join(
        f"echo {name} $(cat {name}/cgroup.procs | head -n1)" for name in controllers)
    out = bundle.says(script, {"linux.namespaces+": extra})
    assert out.splitlines() == [f"{name} 1" for name in controllers]


@HYBRID
def test_the_v1_view_is_read_only_and_shows_no_other_cgroup(bundle):
    seen = bundle.posture(probe=["--write", "/sys/fs/cgroup/memory/cgroup.procs",
                                 "--list", "/sys/fs/cgroup/memory"])
    assert seen["write"]["/sys/fs/cgroup/memory/cgroup.procs"] == "EROFS"
    assert host.SESSION not in seen["list"]["/sys/fs/cgroup/memory"]
    view = mounts.top(seen["mountinfo"])["/sys/fs/cgroup/memory"]
    assert (view.kind, view.root) == ("cgroup", bundle.cgroup)


@pytest.mark.parametrize("cgroup_view", ["pure-v2"], indirect=True)
@pytest.mark.parametrize("own_namespace", [False, True], ids=["shared-ns", "own-ns"])
def test_the_v2_view_begins_at_the_containers_cgroup(bundle, own_namespace):
    extra = namespaces("cgroup") if own_namespace else []
    seen = bundle.posture({"linux.namespaces+": extra}, probe=[
        "--read", "/sys/fs/cgroup/cgroup.procs", "--write", "/sys/fs/cgroup/cgroup.procs"])
    view = mounts.top(seen["mountinfo"])["/sys/fs/cgroup"]
    assert view.kind == "cgroup2"
    assert view.root == ("/" if own_namespace else bundle.cgroup)
    assert seen["read"]["/sys/fs/cgroup/cgroup.procs"] == "1\n"
    assert seen["write"]["/sys/fs/cgroup/cgroup.procs"] == "EROFS"


@pytest.mark.parametrize("cgroup_view", ["pure-v2"], indirect=True)
def test_a_writable_v2_view_of_an_own_namespace_takes_sub_cgroups(bundle):
    changes = {"linux.namespaces+": namespaces("cgroup"),
               "mounts": [*MOUNTS[:-1], mount("/sys/fs/cgroup", "cgroup", "cgroup", "rw")]}
    out = bundle.says("mkdir /sys/fs/cgroup/sub && echo $$ > /sys/fs/cgroup/sub/cgroup.procs && "
                      "cat /proc/self/cgroup | tail -n1", changes)
    assert out == "0::/sub\n"
