"""`brig info`: what this host offers, and what is missing for what."""

import json
import os
import re
import shutil

import pytest

from harness import cgroups, host

pytestmark = pytest.mark.sanitize

MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
SECTIONS = ["kernel", "namespaces", "cgroups", "systemd", "security", "user", "rootless"]


def become_nobody():
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)


def items(bundle, **options):
    """{(section, name): item}"""
    document = json.loads(bundle.call("info", "--format", "json", **options).ok().stdout)
    assert list(document) == SECTIONS
    return {(section, item["name"]): item for section, found in document.items() for item in found}


def test_the_kernel_and_its_namespaces(bundle):
    found = items(bundle)
    assert found["kernel", "release"] == {"name": "release", "value": os.uname().release}
    for call in ("openat2", "clone3", "mount API", "mount_setattr", "pidfd_open", "close_range"):
        assert found["kernel", call]["present"], call
    with open("/proc/sys/user/max_net_namespaces") as file:
        assert found["namespaces", "network"]["value"] == f"at most {file.read().strip()}"
    assert {name for section, name in found if section == "namespaces"} == {
        "cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"}


@pytest.mark.both_cgroup_hosts
def test_the_cgroups_and_their_controllers(bundle):
    found = items(bundle)
    version = found["cgroups", "version"]["value"]
    assert version in ("v1", "hybrid", "v2")
    for name, on_v1 in [("memory", "memory"), ("pids", "pids"), ("cpu", "cpu"), ("io", "blkio")]:
        item = found["cgroups", name]
        if version == "v2":
            assert item["present"] == (name in cgroups.v2_controllers())
        else:
            assert item["present"] == bool(cgroups.mount_point(on_v1))
            assert item.get("value") == cgroups.mount_point(on_v1)


@pytest.mark.parametrize("cgroup_view", ["read-only", "no-cgroups"], indirect=True)
def test_cgroups_that_cannot_be_used(bundle, cgroup_view):
    found = items(bundle)
    unusable = [item for (section, _), item in found.items()
                if section == "cgroups" and item.get("present") is False]
    assert unusable and unusable[0]["remedy"] and unusable[0]["neededFor"]


def test_what_is_missing_is_listed_with_what_it_is_for_and_what_to_do(bundle):
    text = bundle.call("info").ok().stdout
    listed = text.split("\nmissing\n")[1]
    missing = [(key, item) for key, item in items(bundle).items() if item.get("present") is False]
    assert missing, "a container has no systemd, at least"
    want = ""
    for (section, name), item in missing:
        want += f"  {section}: {name}, for {item['neededFor']}\n"
        want += f"      {item['remedy']}\n" if "remedy" in item else ""
    assert listed == want


def test_the_text_says_what_the_json_says(bundle):
    text = bundle.call("info").ok().stdout
    for (_, name), item in items(bundle).items():
        said = {True: "yes", False: "no", None: ""}[item.get("present")]
        value = ", ".join(word for word in (said, item.get("value", "")) if word)
        assert re.search(rf"^  {re.escape(name)}: +{re.escape(value)}$", text, re.MULTILINE), name


def test_an_ordinary_user_is_told_of_himself(bundle):
    found = items(bundle, before=become_nobody)
    assert found["user", "uid"]["value"] == "65534 (nobody)"
    assert not found["user", "CAP_SYS_ADMIN"]["present"]
    assert found["user", "CAP_SYS_ADMIN"]["remedy"]
    assert not found["rootless", "subuid"]["present"]
    assert found["systemd", "this user's"]["value"] == "XDG_RUNTIME_DIR is not set"


@pytest.mark.skipif(not os.path.exists("/etc/subuid"), reason="no /etc/subuid to cover")
def test_ranges_of_ids_and_the_programs_that_map_them(bundle):
    """In a mount namespace of its own with another /etc/subuid and /etc/subgid."""
    uids = bundle.file("subuid", "other:1:65536\nnobody:200000:65000\n65534:300000:536\n", 0o644)
    gids = bundle.file("subgid", "nobody:200000:10\n", 0o644)

    def before():
        host.unshare(host.CLONE_NEWNS)
        host.mount("none", "/", flags=MS_REC | MS_PRIVATE)
        for source, target in ((uids, "/etc/subuid"), (gids, "/etc/subgid")):
            host.mount(source, target, flags=MS_BIND)
        become_nobody()

    found = items(bundle, before=before)
    for name in ("newuidmap", "newgidmap"):
        where = shutil.which(name, path="/usr/bin:/bin:/usr/local/bin:/usr/sbin")
        assert found["rootless", name]["present"] == bool(where)
        assert found["rootless", name].get("value") == where
    assert found["rootless", "subuid"] == {"name": "subuid", "present": True,
                                           "value": "200000+65000, 300000+536",
                                           "neededFor": "images with files of several users, without root"}
    assert found["rootless", "subgid"]["value"] == "200000+10"
    assert found["rootless", "subgid"]["remedy"] == "usermod --add-subgids 100000-165535 nobody"


def test_info_makes_nothing(bundle):
    os.rmdir(bundle.state_root)
    bundle.call("info").ok()
    assert not os.path.exists(bundle.state_root)
    os.mkdir(bundle.state_root)


def test_a_format_that_is_unknown_is_refused(bundle):
    bundle.call("info", "--format", "yaml").fails(
        "brig: info: invalid format option: yaml (known: text, json)")
