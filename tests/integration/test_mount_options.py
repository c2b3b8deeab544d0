"""Every mount option of the specification, and those runc and crun add."""

import os

import pytest

import messages as m
from harness import host, mounts
from harness.spec import USER_NAMESPACE, bind, mount, namespaces

FLAGS = ["ro", "nosuid", "nodev", "noexec", "noatime", "nodiratime", "relatime", "nosymfollow"]
# Accepted, and nothing to see: defaults, opposites of flags that are off, and what no kernel shows.
SILENT = ["defaults", "rw", "suid", "dev", "exec", "atime", "diratime", "norelatime", "strictatime",
          "nostrictatime", "async", "symfollow", "nolazytime", "noiversion", "loud", "silent",
          "mand", "nomand", "iversion"]
SUPER = {"sync": "sync", "dirsync": "dirsync", "lazytime": "lazytime"}
RECURSIVE = {  # option -> (flag, whether it must be there)
    "rro": ("ro", True), "rrw": ("ro", False), "rnosuid": ("nosuid", True),
    "rsuid": ("nosuid", False), "rnodev": ("nodev", True), "rdev": ("nodev", False),
    "rnoexec": ("noexec", True), "rexec": ("noexec", False), "rnoatime": ("noatime", True),
    "ratime": ("noatime", False), "rnodiratime": ("nodiratime", True),
    "rdiratime": ("nodiratime", False), "rrelatime": ("relatime", True),
    "rnorelatime": ("relatime", True),  # the kernel's default: there is nothing less
    "rstrictatime": ("relatime", False),
    "rnostrictatime": ("relatime", True), "rnosymfollow": ("nosymfollow", True),
    "rsymfollow": ("nosymfollow", False)}
CRUN_RECURSIVE = ["rsync", "rasync", "rdirsync", "rmand", "rnomand"]
PROPAGATION = {"private": "private", "rprivate": "private", "slave": "slave", "rslave": "slave",
               "shared": "shared", "rshared": "shared", "unbindable": "unbindable",
               "runbindable": "unbindable"}


def mounted(bundle, *specs, **options):
    return mounts.top(bundle.posture({"mounts+": list(specs)}, **options)["mountinfo"])


@pytest.mark.parametrize("flag", FLAGS)
def test_a_flag_is_set_on_a_new_filesystem(bundle, flag):
    assert flag in mounted(bundle, mount("/mnt", "tmpfs", "tmpfs", flag))["/mnt"].options


@pytest.mark.parametrize("flag", FLAGS)
def test_a_flag_is_set_on_a_bind_mount(bundle, flag):
    source = bundle.folder("volume")
    made = mounted(bundle, mount("/mnt", "none", source, "bind", flag))["/mnt"]
    assert flag in made.options
    assert "ro" not in made.super_options  # the source stays as it is


@pytest.mark.parametrize("option", SILENT)
@pytest.mark.parametrize("kind", ["tmpfs", "bind"])
def test_an_option_without_a_trace_is_accepted(bundle, kind, option):
    spec = (mount("/mnt", "tmpfs", "tmpfs", option) if kind == "tmpfs"
            else mount("/mnt", "none", bundle.folder("volume"), "bind", option))
    assert "/mnt" in mounted(bundle, spec)


@pytest.mark.parametrize("option", SUPER)
def test_an_option_of_the_superblock_is_set(bundle, option):
    made = mounted(bundle, mount("/mnt", "tmpfs", "tmpfs", option))["/mnt"]
    assert SUPER[option] in made.super_options | made.options


@pytest.mark.parametrize("options, there", [
    (["ro", "rw"], False), (["rw", "ro"], True), (["ro", "defaults"], True)], ids=str)
def test_of_two_opposites_the_later_one_counts(bundle, options, there):
    made = mounted(bundle, mount("/mnt", "tmpfs", "tmpfs", *options))["/mnt"]
    assert ("ro" in made.options) == there


def test_a_bind_mount_without_atime_options_keeps_those_of_its_source(bundle):
    source = bundle.folder("volume")
    host.mount("tmpfs", source, "tmpfs", host.MS_NOSUID | 1024)  # MS_NOATIME
    try:
        made = mounted(bundle, bind(source, "/mnt", "ro"))["/mnt"]
    finally:
        host.unmount(source)
    assert {"ro", "noatime", "nosuid"} <= made.options


# ---- recursive ----------------------------------------------------------------------------------

@pytest.fixture
def volume(bundle):
    """A directory with a mount below it, in the state the option under test must change."""
    path = bundle.folder("volume/below")
    yield f"{bundle.path}/volume"
    if os.path.ismount(path):
        host.unmount(path)


def mount_below(volume, option):
    flag, wanted = RECURSIVE[option]
    flags = {"ro": 1, "nosuid": 2, "nodev": 4, "noexec": 8, "nosymfollow": 256, "noatime": 1024,
             "nodiratime": 2048, "relatime": 1 << 21}
    host.mount("tmpfs", f"{volume}/below", "tmpfs",
               (1 << 24 if flag == "relatime" else 0) if wanted else flags[flag])  # MS_STRICTATIME


@pytest.mark.parametrize("option", RECURSIVE)
def test_a_recursive_option_reaches_the_mounts_below(bundle, volume, option):
    mount_below(volume, option)
    made = mounted(bundle, bind(volume, "/mnt", option))
    flag, wanted = RECURSIVE[option]
    assert [flag in made[point].options for point in ("/mnt", "/mnt/below")] == [wanted, wanted]


def test_a_plain_option_does_not_reach_the_mounts_below(bundle, volume):
    host.mount("tmpfs", f"{volume}/below", "tmpfs")
    made = mounted(bundle, bind(volume, "/mnt", "ro"))
    assert ("ro" in made["/mnt"].options, "ro" in made["/mnt/below"].options) == (True, False)


@pytest.mark.parametrize("option", CRUN_RECURSIVE)
def test_crun_s_further_recursive_options_are_accepted(bundle, volume, option):
    assert "/mnt" in mounted(bundle, bind(volume, "/mnt", option))


# ---- propagation --------------------------------------------------------------------------------

@pytest.mark.parametrize("option", PROPAGATION)
def test_a_bind_mount_has_the_propagation_asked_for(bundle, volume, option):
    host.mount("tmpfs", f"{volume}/below", "tmpfs")
    made = mounted(bundle, bind(volume, "/mnt", option))
    assert PROPAGATION[option] in made["/mnt"].propagation
    if option.startswith("r"):
        assert PROPAGATION[option] in made["/mnt/below"].propagation


def test_a_mount_of_the_container_reaches_the_host_through_a_shared_volume(bundle):
    source = bundle.folder("volume/below")
    capable = {kind: ["CAP_SYS_ADMIN"] for kind in ("bounding", "effective", "permitted")}
    bundle.says("mount -t tmpfs tmpfs /mnt/below", {
        "mounts+": [bind(f"{bundle.path}/volume", "/mnt", "rshared")],
        "process.capabilities": capable, "linux.rootfsPropagation": "rshared"})
    assert os.path.ismount(source)
    host.unmount(source)


# ---- ids ----------------------------------------------------------------------------------------

MAPS = {"uidMappings": [{"containerID": 0, "hostID": 5000, "size": 100}],
        "gidMappings": [{"containerID": 0, "hostID": 6000, "size": 100}]}
AS_TEXT = "idmap=uids=0-5000-100;gids=0-6000-100"


@pytest.mark.parametrize("spelled", [
    {"options": ["bind", "idmap"], **MAPS}, {"options": ["rbind", "ridmap"], **MAPS},
    {"options": ["bind"], **MAPS}, {"options": ["bind", AS_TEXT]}], ids=str)
def test_an_id_mapped_mount_shows_other_owners(bundle, spelled):
    source = bundle.folder("volume")
    path = bundle.file("volume/file", "text")
    os.chown(path, 5, 7)
    seen = bundle.posture({"mounts+": [{"destination": "/mnt", "source": source, **spelled}]},
                          probe=["--stat", "/mnt/file"])
    entry = seen["stat"]["/mnt/file"]
    assert (entry["uid"], entry["gid"]) == (5005, 6007)


@pytest.mark.parametrize("option, mapped", [("idmap", False), ("ridmap", True)])
def test_ridmap_reaches_the_mounts_below_and_idmap_does_not(bundle, volume, option, mapped):
    host.mount("tmpfs", f"{volume}/below", "tmpfs")
    bundle.file("volume/below/file")
    spec = {"destination": "/mnt", "source": volume, "options": ["rbind", option], **MAPS}
    seen = bundle.posture({"mounts+": [spec]}, probe=["--stat", "/mnt/below/file"])
    assert (seen["stat"]["/mnt/below/file"]["uid"] == 5000) == mapped


def shown_owner(bundle, changes, spec):
    source = bundle.folder("volume")
    path = bundle.file("volume/file", "text")
    os.chown(path, 5, 7)
    mount_of_volume = {"destination": "/mnt", "source": source, **spec}
    seen = bundle.posture({**changes, "mounts+": [mount_of_volume]}, probe=["--stat", "/mnt/file"])
    entry = seen["stat"]["/mnt/file"]
    return entry["uid"], entry["gid"]


def test_without_maps_of_its_own_a_mount_has_those_of_the_container(mapped_bundle):
    changes = {**USER_NAMESPACE, "linux.namespaces+": namespaces("user")}
    assert shown_owner(mapped_bundle, changes, {"options": ["bind"]}) == (65534, 65534)
    os.remove(f"{mapped_bundle.path}/volume/file")
    assert shown_owner(mapped_bundle, changes, {"options": ["bind", "idmap"]}) == (5, 7)


def test_crun_s_relative_maps_are_ids_of_the_container(mapped_bundle):
    changes = {**USER_NAMESPACE, "linux.namespaces+": namespaces("user")}
    text = "idmap=uids=@5-1000-1;gids=@7-1001-1"
    assert shown_owner(mapped_bundle, changes, {"options": ["bind", text]}) == (1000, 1001)


def test_a_joined_user_namespace_maps_ids_too(mapped_bundle, mapped_holder):
    changes = {"linux.namespaces": namespaces("mount", "pid", "network", "ipc", "uts",
                                              user=mapped_holder.path("user"))}
    assert shown_owner(mapped_bundle, changes, {"options": ["bind", "idmap"]}) == (5, 7)


@pytest.mark.parametrize("text, complaint", [
    ("idmap=uids=0-5000-100", "uids=... and gids=... are both needed"),
    ("idmap=uids=0-5000;gids=0-1-1", "'0-5000' is not a range such as 0-1000-1"),
    ("idmap=uids=0-1-0;gids=0-1-1", "'0-1-0' is not a range such as 0-1000-1"),
    ("idmap=uids=@0-1-1;gids=0-1-1", "'@0-1-1' is not in one range of the container's map"),
    ("idmap=users=0-1-1", "'users=0-1-1' is neither uids=... nor gids=...")])
def test_a_map_that_is_none_is_an_error(bundle, text, complaint):
    bundle.configure({"mounts+": [mount("/mnt", "none", "/srv", "bind", text)]})
    where = bundle.position("mounts[7].options")
    bundle.create().fails(m.said("create", bundle.id, f"config.json:{where}: mounts[7].options: "
                                                      f"idmap: {complaint}"))


def test_a_file_system_that_cannot_map_ids_is_named(bundle):
    spec = {"destination": "/mnt", "source": "/proc/sys", "options": ["bind", "idmap"], **MAPS}
    bundle.configure({"mounts+": [spec]})
    bundle.create().fails(m.said(
        "create", bundle.id, "mounts[7]: bind /proc/sys: the file system cannot map ids, or does "
        "already: mount_setattr MOUNT_ATTR_IDMAP: invalid argument (EINVAL)"))


# ---- remount, links -----------------------------------------------------------------------------

def test_remount_changes_the_mount_that_is_there(bundle):
    made = mounted(bundle, mount("/dev/shm", "tmpfs", "shm", "remount", "ro", "nosuid"))
    assert {"ro", "nosuid"} <= made["/dev/shm"].options


@pytest.mark.parametrize("option", ["copy-symlink", "src-nofollow"])
def test_a_symlink_can_be_copied_instead_of_followed(bundle, option):
    os.symlink("/etc/passwd", f"{bundle.path}/link")
    spec = mount("/srv/link", "none", f"{bundle.path}/link", "bind", option)
    seen = bundle.posture({"mounts+": [spec], "root.readonly": False},
                          probe=["--stat", "/srv/link"])
    entry = seen["stat"]["/srv/link"]
    assert (entry["kind"], entry["target"]) == ("link", "/etc/passwd")


@pytest.mark.parametrize("target", ["/etc/passwd", "/not/there", "{path}/one-file"])
def test_a_link_can_be_covered_instead_of_followed(bundle, target):
    source = bundle.file("one-file", "text")
    os.symlink(target.format(path=bundle.path), bundle.inside("srv/link"))
    seen = bundle.posture({"mounts+": [mount("/srv/link", "none", source, "bind",
                                             "dest-nofollow")], "root.readonly": False},
                          probe=["--stat", "/srv/link", "--read", "/srv/link", "--read",
                                 "/etc/passwd"])
    assert seen["stat"]["/srv/link"]["kind"] == "file" and seen["read"]["/srv/link"] == "text"
    assert seen["read"]["/etc/passwd"].startswith("root:")
    assert os.path.islink(bundle.inside("srv/link"))


def test_a_link_can_cover_a_link(bundle):
    os.symlink("/of/the/host", f"{bundle.path}/link")
    os.symlink("/of/the/image", bundle.inside("srv/link"))
    spec = mount("/srv/link", "none", f"{bundle.path}/link", "bind", "src-nofollow",
                 "dest-nofollow")
    seen = bundle.posture({"mounts+": [spec]}, probe=["--stat", "/srv/link"])
    assert seen["stat"]["/srv/link"]["target"] == "/of/the/host"


def test_what_is_no_link_is_mounted_on_as_ever(bundle):
    source = bundle.file("one-file", "text")
    for path in ("/srv/new", "/etc/passwd"):
        seen = bundle.posture({"mounts+": [mount(path, "none", source, "bind", "dest-nofollow")],
                               "root.readonly": False}, probe=["--read", path])
        assert seen["read"][path] == "text"


@pytest.mark.parametrize("destination, kind", [("/dev/shm", "tmpfs"), ("/mnt", "tmpfs")])
def test_a_mount_without_options_works(bundle, destination, kind):
    spec = {"destination": destination, "type": kind, "source": kind}
    assert mounted(bundle, spec)[destination].kind == kind
