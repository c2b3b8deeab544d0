"""mounts add and remove: what is mounted in a container while it runs."""

import json
import os

import pytest

import messages as m
from harness import host
from harness.spec import USER_NAMESPACE, bind, mount, namespaces


def change(bundle, verb, *wanted, **options):
    file = bundle.file("mounts.json", json.dumps(wanted, indent=1))
    return bundle.call("mounts", verb, bundle.id, file, **options)


def add(bundle, *wanted):
    return change(bundle, "add", *wanted)


def remove(bundle, *destinations):
    return change(bundle, "remove", *({"destination": path} for path in destinations))


def inside(bundle, script):
    return bundle.call("exec", bundle.id, "/bin/sh", "-c", script).ok().stdout


def recorded(bundle):
    with open(os.path.join(bundle.state_root, bundle.id, "state.json")) as file:
        return [each["destination"] for each in json.load(file).get("liveMounts", [])]


def points(bundle):
    """What init sees mounted, in order."""
    with open(f"/proc/{bundle.pid}/mountinfo") as file:
        return [line.split()[4] for line in file]


@pytest.fixture
def volume(bundle):
    bundle.file(os.path.join(bundle.folder("volume"), "here"), "of the host")
    return bind(f"{bundle.path}/volume", "/mnt")


# ---- what is added ------------------------------------------------------------------------------

def test_a_directory_comes_and_goes(bundle, volume):
    bundle.running()
    before = points(bundle)
    add(bundle, volume).ok("")
    assert inside(bundle, "cat /mnt/here; echo back > /mnt/there") == "of the host"
    with open(f"{bundle.path}/volume/there") as file:
        assert file.read() == "back\n"
    assert recorded(bundle) == ["/mnt"]
    remove(bundle, "/mnt").ok("")
    assert inside(bundle, "ls /mnt") == ""
    assert recorded(bundle) == [] and points(bundle) == before


@pytest.mark.parametrize("wanted, script, says", [
    (mount("/mnt", "tmpfs", "live", "size=64k", "mode=700"),
     "stat -c %a /mnt; df -k /mnt | tail -1", "700\nlive                        64"),
    (mount("/srv/ro", "tmpfs", "live", "ro"), "grep -c ' /srv/ro tmpfs ro,' /proc/mounts", "1"),
    (mount("/srv/made/for/it", "tmpfs", "live"), "grep -c ' /srv/made/for/it ' /proc/mounts", "1"),
    (mount("/srv/proc", "proc", "proc"), "cat /srv/proc/1/comm", "sleep"),
    (mount("/srv/mqueue", "mqueue", "mqueue"), "stat -f -c %t /srv/mqueue", "19800202"),
    (mount("/srv/sys", "sysfs", "sysfs", "ro"), "ls /srv/sys/class/net", "lo"),
    (mount("/srv/pts", "devpts", "devpts", "newinstance", "ptmxmode=0666"), "ls /srv/pts", "ptmx"),
], ids=lambda value: value.get("type") if isinstance(value, dict) else None)
def test_a_file_system_is_the_containers(bundle, wanted, script, says):
    bundle.running({"root.readonly": False})
    add(bundle, wanted).ok("")
    assert inside(bundle, script).startswith(says)
    remove(bundle, wanted["destination"]).ok("")
    assert wanted["destination"] not in points(bundle)


def test_the_options_hold_from_the_first_moment_on(bundle, volume):
    bundle.running()
    add(bundle, {**volume, "options": ["rbind", "ro", "nosuid", "nodev", "noexec", "noatime"]}).ok("")
    flags = inside(bundle, "grep ' /mnt ' /proc/self/mountinfo | cut -d' ' -f6").strip()
    assert flags == "ro,nosuid,nodev,noexec,noatime"
    failed = bundle.call("exec", bundle.id, "/bin/sh", "-c", "echo no > /mnt/there")
    assert failed.status == 1 and "Read-only" in failed.stderr


def test_a_file_is_mounted_on_a_file(bundle):
    bundle.running({"root.readonly": False})
    add(bundle, bind(bundle.file("one", "of the host"), "/etc/one")).ok("")
    assert inside(bundle, "cat /etc/one") == "of the host"
    remove(bundle, "/etc/one").ok("")
    assert inside(bundle, "cat /etc/one") == ""  # it had to be made


def test_a_relative_source_is_below_the_bundle(bundle, volume):
    bundle.running()
    add(bundle, {**volume, "source": "volume"}).ok("")
    assert inside(bundle, "cat /mnt/here") == "of the host"


def test_ids_are_mapped(bundle, volume):
    bundle.running()
    maps = [{"containerID": 0, "hostID": 4000, "size": 1}]
    add(bundle, {**volume, "uidMappings": maps, "gidMappings": maps,
                 "options": ["rbind", "idmap"]}).ok("")
    assert inside(bundle, "stat -c %u:%g /mnt/here") == "4000:4000\n"


def test_a_container_in_a_user_namespace_owns_what_is_new(mapped_bundle):
    bundle = mapped_bundle
    bundle.running({"root.readonly": False, **USER_NAMESPACE,
                    "linux.namespaces+": namespaces("user")})
    add(bundle, mount("/mnt/new", "tmpfs", "live"), bind(bundle.folder("volume"), "/mnt/old")).ok("")
    assert inside(bundle, "stat -c %u /mnt /mnt/new; touch /mnt/new/file").split() == ["0", "0"]
    assert os.stat(bundle.inside("mnt/new")).st_uid == os.stat(bundle.rootfs).st_uid
    remove(bundle, "/mnt/new", "/mnt/old").ok("")


@pytest.mark.both_cgroup_hosts
def test_the_containers_cgroups_can_be_mounted(bundle):
    bundle.running({"root.readonly": False})
    before = points(bundle)
    add(bundle, mount("/srv/cgroup", "cgroup", "cgroup", "ro")).ok("")
    assert inside(bundle, "find /srv/cgroup -name cgroup.procs | head -1") != ""
    remove(bundle, "/srv/cgroup").ok("")
    assert points(bundle) == before


# ---- when ---------------------------------------------------------------------------------------

def test_before_the_start(bundle, volume):
    bundle.configure({"process.args": ["/bin/cat", "/mnt/here"]})
    created = bundle.create().ok()
    add(bundle, volume).ok("")
    bundle.start().ok()
    assert bundle.end() == 0 and created.stdout == "of the host"


def test_while_it_is_paused(bundle, volume):
    bundle.running()
    bundle.call("pause", bundle.id).ok()
    add(bundle, volume).ok("")
    remove(bundle, "/mnt").ok("")
    bundle.call("resume", bundle.id).ok()


def test_a_container_that_has_ended_has_no_mounts(bundle, volume):
    bundle.running({"process.args": ["/bin/true"]})
    bundle.end()
    add(bundle, volume).fails(m.said("mounts add", bundle.id, "container not running"))
    remove(bundle, "/mnt").fails(m.said("mounts remove", bundle.id, "container not running"))


def test_without_a_pid_namespace_nobody_sees_brig_either(bundle, volume):
    bundle.running({"linux.namespaces": namespaces("network", "ipc", "uts", "mount")})
    add(bundle, volume).ok("")
    remove(bundle, "/mnt").ok("")


# ---- all or nothing -----------------------------------------------------------------------------

def test_one_that_fails_takes_the_others_back(bundle, volume):
    bundle.running({"root.readonly": False})
    before = points(bundle)
    add(bundle, volume, mount("/mnt/below", "tmpfs", "live"),
        mount("/etc/passwd/none", "tmpfs", "live")).fails(m.said(
            "mounts add", bundle.id, f"{bundle.path}/mounts.json:16:2: mounts[2]: mount tmpfs on "
            "/etc/passwd/none: openat2 etc/passwd/none: not a directory (ENOTDIR)"))
    assert points(bundle) == before and recorded(bundle) == []


def test_a_record_that_cannot_be_written_takes_all_back(bundle, volume):
    bundle.running()
    before = points(bundle)
    state = os.path.join(bundle.state_root, bundle.id)
    host.mount(state, state, flags=host.MS_BIND)
    host.mount(None, state, flags=host.MS_BIND | host.MS_REMOUNT | host.MS_RDONLY)
    try:
        failed = add(bundle, volume)
    finally:
        host.unmount(state)
    assert failed.status == 1 and "record the mounts: " in failed.stderr
    assert points(bundle) == before


def test_several_at_one_place_go_last_first(bundle, volume):
    bundle.running()
    add(bundle, volume).ok("")
    add(bundle, mount("/mnt", "tmpfs", "live")).ok("")
    assert inside(bundle, "ls /mnt") == ""
    remove(bundle, "/mnt").ok("")
    assert inside(bundle, "ls /mnt") == "here\n"
    remove(bundle, "/mnt").ok("")
    assert recorded(bundle) == []


def test_a_mount_in_use_goes_all_the_same(bundle, volume):
    bundle.running()
    add(bundle, volume).ok("")
    pid_file = f"{bundle.path}/user.pid"
    bundle.call("exec", "--detach", "--cwd", "/mnt", "--pid-file", pid_file, bundle.id,
                "/bin/sleep", "1000").ok()
    remove(bundle, "/mnt").ok("")
    assert "/mnt" not in points(bundle)
    with open(pid_file) as file, open(f"/proc/{file.read()}/cwd/here") as kept:
        assert kept.read() == "of the host"


# ---- what is refused ----------------------------------------------------------------------------

REFUSED = {
    "a root": (mount("/", "tmpfs", "live"),
               "mounts[0].destination: the root of a running container stays what it is"),
    "a way around a mask": (
        mount("/proc", "proc", "proc"),
        "mounts[0].destination: /proc would cover /proc/acpi, which is among linux.maskedPaths"),
    "a way to write": (
        mount("/proc/sys", "tmpfs", "live"),
        "mounts[0].destination: /proc/sys would cover /proc/sys, which is among linux.readonlyPaths"),
    "a change of what is there": (
        {"destination": "/dev", "options": ["remount", "ro"]},
        "mounts[0].options: remount: nothing that is mounted already is changed"),
    "a false file of procfs": (
        mount("/proc/self", "tmpfs", "live"),
        "mounts[0].destination: /proc/self is inside procfs and must not be covered"),
    "no source": ({"destination": "/mnt", "type": "bind"},
                  "mounts[0].source: missing; a bind mount needs it"),
    "no type": ({"destination": "/mnt"}, "mounts[0].type: missing; only a bind mount has none"),
    "no destination": ({"type": "tmpfs"}, "mounts[0].destination: missing"),
}


@pytest.mark.parametrize("wanted, what", REFUSED.values(), ids=REFUSED)
def test_what_is_refused_is_named(bundle, wanted, what):
    bundle.running()
    before = points(bundle)
    failed = add(bundle, wanted)
    assert failed.status == 1
    start = f"brig: mounts add '{bundle.id}': {bundle.path}/mounts.json:"
    assert failed.stderr.startswith(start) and failed.stderr.endswith(f" {what}\n"), failed.stderr
    assert points(bundle) == before


@pytest.mark.parametrize("joined", [{}, {"mount": f"/proc/{os.getpid()}/ns/mnt"}],
                         ids=["inherited", "joined"])
def test_the_mounts_of_others_are_not_changed(bundle, volume, joined):
    bundle.running({"linux.namespaces": namespaces("pid", "uts", **joined), "mounts": [],
                    "linux.maskedPaths": [], "linux.readonlyPaths": [], "root.readonly": False})
    add(bundle, volume).fails(m.said(
        "mounts add", bundle.id, "the container has no mount namespace of its own: its mounts are "
        "others' as well"))


def test_only_what_was_added_is_removed(bundle, volume):
    bundle.running({"mounts+": [volume]})
    failed = remove(bundle, "/mnt")
    assert failed.status == 1 and failed.stderr.endswith(
        "mounts[0].destination: nothing on /mnt was mounted by 'mounts add'\n")


def test_a_document_that_is_no_list(bundle):
    bundle.running()
    bundle.call("mounts", "add", bundle.id, bundle.file("one.json", "{}")).fails(m.said(
        "mounts add", bundle.id,
        f"{bundle.path}/one.json:1:1: mounts: expected an array, got an object"))


def test_it_is_add_or_remove(bundle):
    failed = bundle.call("mounts", "replace", bundle.id, "x")
    assert failed.status == 1 and "expected add or remove, got 'replace'" in failed.stderr


def test_from_standard_input(bundle, volume):
    bundle.running()
    with open(bundle.file("mounts.json", json.dumps([volume]))) as document:
        bundle.call("mounts", "add", bundle.id, "-", stdin=document).ok("")
    assert inside(bundle, "cat /mnt/here") == "of the host"
