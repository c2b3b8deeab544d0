"""Namespaces: created, joined by path or inherited, in any combination."""

import itertools
import os
import stat

import pytest

from harness import host
from harness.holder import KINDS, namespaces_of
from harness.spec import USER_NAMESPACE, bind, mount, namespaces, shell

pytestmark = [pytest.mark.sanitize, pytest.mark.cgroup2]

MODES = ["new", "joined", "inherited"]
BARE = {"mounts": [], "linux.maskedPaths": [], "linux.readonlyPaths": [], "root.readonly": False}


def independent(first, second, third):
    """No linear combination over the integers modulo 3 of these three vectors vanishes."""
    return all(any((a * x + b * y + c * z) % 3 for x, y, z in zip(first, second, third))
               for a, b, c in itertools.product(range(3), repeat=3) if (a, b, c) != (0, 0, 0))


def covering_combinations():
    """81 of the 6,561 combinations: any three kinds meet in all of their 27 ways, thrice.

    An orthogonal array of strength 3: a column per kind, such that any three are independent.
    """
    vectors = list(itertools.product(range(3), repeat=4))[1:]
    columns = []
    for vector in vectors:
        if all(independent(vector, a, b) for a, b in itertools.combinations(columns, 2)):
            if len(columns) != 1 or independent_pair(vector, columns[0]):
                columns.append(vector)
    assert len(columns) >= len(KINDS)
    for point in itertools.product(range(3), repeat=4):
        yield {kind: MODES[sum(a * b for a, b in zip(point, column)) % 3]
               for kind, column in zip(KINDS, columns)}


def independent_pair(vector, other):
    return vector not in (other, tuple(2 * x % 3 for x in other))


COMBINATIONS = [*covering_combinations(), *({kind: mode for kind in KINDS} for mode in MODES)]


def describe(combination):
    return " ".join(f"{kind}={mode}" for kind, mode in combination.items() if mode != "new") or "all"


@pytest.mark.parametrize("combination", COMBINATIONS, ids=describe)
def test_each_namespace_is_new_joined_or_inherited_as_asked(mapped_bundle, combination, holder,
                                                            mapped_holder):
    bundle = mapped_bundle
    source = mapped_holder if combination["user"] == "joined" else holder
    configure_combination(bundle, combination, source)
    bundle.create().ok()
    mine, theirs = namespaces_of(os.getpid()), namespaces_of(source.pid)
    for kind, identity in namespaces_of(bundle.pid).items():
        wanted = {"joined": [theirs[kind]], "inherited": [mine[kind]]}.get(combination[kind])
        if wanted is None:
            assert identity not in (mine[kind], theirs[kind]), kind
        else:
            assert [identity] == wanted, kind
    bundle.start().ok()
    assert bundle.end() == 0


def configure_combination(bundle, combination, source):
    new = [kind for kind in KINDS if combination[kind] == "new"]
    joined = {kind: source.path(kind) for kind in KINDS if combination[kind] == "joined"}
    changes = {**BARE, "linux.namespaces": namespaces(*new, **joined)}
    if combination["user"] == "new":
        changes.update(USER_NAMESPACE)
    if combination["user"] != "inherited" and combination["mount"] != "new":
        make_devices(bundle)  # mknod is refused there, and so is mounting
    bundle.configure(changes, without=[] if combination["uts"] == "new" else ["hostname"])


def make_devices(bundle):
    for name, minor in {"null": 3, "zero": 5, "full": 7, "random": 8, "urandom": 9}.items():
        make_node(bundle.inside("dev", name), os.makedev(1, minor))
    make_node(bundle.inside("dev", "tty"), os.makedev(5, 0))


def make_node(path, device):
    os.mknod(path, 0o666 | stat.S_IFCHR, device)
    os.chmod(path, 0o666)


# ---- one kind at a time -------------------------------------------------------------------------

def test_the_default_bundle_shares_only_the_user_cgroup_and_time_namespaces(bundle):
    seen = bundle.posture()
    mine = namespaces_of(os.getpid())
    shared = {kind for kind, name in KINDS.items() if seen["namespaces"][name] == mine[kind]}
    assert shared == {"user", "cgroup", "time"}


def test_the_process_is_the_first_of_its_pid_namespace_and_leads_a_session(bundle):
    seen = bundle.posture()
    assert [seen[name] for name in ("pid", "ppid", "sid", "pgid")] == [1, 0, 1, 1]


def test_a_joined_pid_namespace_is_shared_with_its_first_process(bundle, holder):
    bundle.configure({"linux.namespaces": namespaces("network", "ipc", "uts", "mount",
                                                     pid=holder.path("pid")),
                      **shell("echo $$; cat /proc/1/cmdline | tr '\\0' ' '")})
    own, first = bundle.run().ok().stdout.split("\n")
    assert int(own) > 1
    assert first == "sleep 100000 "


def test_hostname_and_domainname_are_set_inside_only(bundle):
    before = os.uname()
    seen = bundle.posture({"hostname": "inside", "domainname": "example.org"})
    assert (seen["hostname"], seen["domainname"]) == ("inside", "example.org")
    assert os.uname() == before


def test_a_hostname_of_64_bytes_is_kept_whole(bundle):
    assert bundle.posture({"hostname": "h" * 64})["hostname"] == "h" * 64


def test_the_loopback_device_of_a_new_network_namespace_is_up(bundle):
    assert "LOOPBACK,UP" in bundle.says("ip link show lo")


def test_a_network_namespace_can_be_joined_through_a_bind_mount(bundle, holder):
    pin = bundle.file("netns")
    host.mount(holder.path("network"), pin, None, host.MS_BIND)
    try:
        seen = bundle.posture({"linux.namespaces": namespaces("pid", "ipc", "uts", "mount",
                                                              network=pin)})
    finally:
        host.unmount(pin)
    assert seen["namespaces"]["net"] == namespaces_of(holder.pid)["network"]


@pytest.mark.both_cgroup_hosts
def test_a_cgroup_namespace_begins_at_the_containers_cgroup(bundle):
    seen = bundle.posture({"linux.namespaces+": namespaces("cgroup")})
    assert {line.split(":", 2)[2] for line in seen["cgroup"].splitlines() if bundle.id in line
            or line.endswith(":/")} == {"/"}
    assert bundle.id not in seen["cgroup"]


# ---- user namespaces ----------------------------------------------------------------------------

def in_user_namespace(changes=None):
    return {**USER_NAMESPACE, "linux.namespaces+": namespaces("user"), **(changes or {})}


def test_a_user_namespace_maps_ids_and_owns_the_others(mapped_bundle):
    seen = mapped_bundle.posture(in_user_namespace({"process.user": {
        "uid": 0, "gid": 0, "additionalGids": [5, 29]}}), probe=["--stat", "/etc/passwd"])
    assert seen["uid_map"].split() == ["0", "100000", "65536"]
    assert seen["gid_map"].split() == ["0", "100000", "65536"]
    assert (seen["uids"], seen["gids"], seen["groups"]) == ([0] * 3, [0] * 3, [5, 29])
    assert (seen["stat"]["/etc/passwd"]["uid"], seen["hostname"]) == (0, "brig")


def test_files_keep_their_owners_in_a_user_namespace(mapped_bundle):
    volume = mapped_bundle.folder("volume")
    paths = [mapped_bundle.rootfs, mapped_bundle.file("rootfs/mine"), volume]
    before = [(os.stat(path).st_uid, os.stat(path).st_gid) for path in paths]
    mapped_bundle.posture({**USER_NAMESPACE, "linux.namespaces+": namespaces("user"),
                           "mounts+": [bind(volume, "/mnt")]})
    assert [(os.stat(path).st_uid, os.stat(path).st_gid) for path in paths] == before


def test_several_ranges_are_mapped_as_listed(mapped_bundle):
    ranges = [{"containerID": 0, "hostID": 100000, "size": 1000},
              {"containerID": 1000, "hostID": 300000, "size": 1},
              {"containerID": 2000, "hostID": 101000, "size": 500}]
    seen = mapped_bundle.posture(in_user_namespace({
        "linux.uidMappings": ranges, "linux.gidMappings": ranges,
        "process.user": {"uid": 1000, "gid": 2000}}))
    wanted = "0 100000 1000 1000 300000 1 2000 101000 500".split()
    assert (seen["uid_map"].split(), seen["gid_map"].split()) == (wanted, wanted)
    assert (seen["uids"], seen["gids"]) == ([1000] * 3, [2000] * 3)


def test_root_of_a_user_namespace_is_not_root_of_the_host(mapped_bundle):
    mapped_bundle.running(in_user_namespace({"process.args": ["/bin/sleep", "1000"]}))
    with open(f"/proc/{mapped_bundle.pid}/status") as file:
        uids = next(line.split()[1:] for line in file if line.startswith("Uid:"))
    assert uids == ["100000"] * 4


def test_the_default_mounts_work_in_a_user_namespace(mapped_bundle):
    seen = mapped_bundle.posture(in_user_namespace(), probe=[
        "--stat", "/dev/null", "--stat", "/dev/pts/ptmx", "--stat", "/dev/shm"])
    assert (seen["stat"]["/dev/null"]["kind"], seen["stat"]["/dev/null"]["minor"]) == ("char", 3)
    assert seen["stat"]["/dev/pts/ptmx"]["kind"] == "char"
    assert seen["stat"]["/dev/shm"]["mode"] == 0o1777


def test_a_user_namespace_is_joined_with_the_namespaces_it_owns(mapped_bundle, mapped_holder):
    joined = {kind: mapped_holder.path(kind) for kind in ("user", "network", "ipc")}
    seen = mapped_bundle.posture({"linux.namespaces": namespaces("pid", "uts", "mount", **joined),
                                  "mounts": [mount("/proc", "proc", "proc")]})
    theirs = namespaces_of(mapped_holder.pid)
    assert [seen["namespaces"][KINDS[kind]] for kind in joined] == [theirs[kind] for kind in joined]
    assert seen["uids"] == [0, 0, 0]
    assert len(seen["capabilities"]["effective"]) == 3


def test_procfs_and_sysfs_show_namespaces_that_are_joined_with_their_owner(mapped_bundle,
                                                                         mapped_holder):
    """As in a pod of an ordinary user; bound from the host they would show the host's."""
    joined = {kind: mapped_holder.path(kind) for kind in ("user", "pid", "network")}
    said = mapped_bundle.says("tr '\\0' ' ' </proc/1/cmdline; ls /sys/class/net",
                              {"linux.namespaces": namespaces("ipc", "uts", "mount", **joined)})
    assert said == "sleep 100000 lo\n"
