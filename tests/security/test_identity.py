"""Who a process is: capabilities, ids, groups."""

import json
import os
import resource
import shutil
import struct

import pytest
from harness import person
from harness.spec import bind, namespaces

DEFAULT = [5, 10, 29]  # the capabilities of harness/spec.py


def sets_of(outcome):
    return json.loads(outcome.stdout)["capabilities"]


@pytest.mark.known_vulnerable("naive")
@pytest.mark.parametrize("entry", ["run", "exec"])
def test_cve_2022_29162_nothing_is_inheritable_unless_asked_for(victim, entry):
    """Also CVE-2022-24769, -27649, -27650, -27651, -27652 and CVE-2025-27612 (youki): a file with
    inheritable capabilities would give them to whoever executes it. runc 1.1.5 has the fix."""
    if entry == "run":
        outcome = victim.run("/probe")
    else:
        victim.running("/bin/sleep", "1000")
        outcome = victim.exec("/probe")
    victim.unharmed(sets_of(outcome) == {
        "bounding": DEFAULT, "effective": DEFAULT, "permitted": DEFAULT, "inheritable": [],
        "ambient": []}, outcome)


@pytest.mark.known_vulnerable("naive")
@pytest.mark.parametrize("user", [0, 1000])
def test_cve_2022_27650_an_added_capability_is_not_inheritable_either(victim, user):
    victim.running("/bin/sleep", "1000", changes={"process.user": {"uid": user, "gid": user}})
    outcome = victim.exec("/probe", flags=["--cap", "CAP_SYS_PTRACE"])
    seen = sets_of(outcome)
    victim.unharmed(seen["inheritable"] == seen["ambient"] == []
                    and 19 in seen["bounding"], outcome)


def file_with_capabilities(bundle, inheritable):
    """The probe, with `inheritable` in the attribute that <linux/capability.h> describes: a set of
    the second version, to be effective at once."""
    path = bundle.inside("filecap")
    shutil.copy(bundle.inside("probe"), path)
    version_2, effective = 0x02000000, 1
    os.setxattr(path, "security.capability",
                struct.pack("<5I", version_2 | effective, 0, inheritable, 0, 0))


@pytest.mark.known_vulnerable("naive")
@pytest.mark.parametrize("entry", ["run", "exec"])
def test_cve_2022_24769_a_file_with_inheritable_capabilities_gives_none(victim, entry):
    """What the sets of the tests above would lead to."""
    file_with_capabilities(victim.bundle, sum(1 << number for number in DEFAULT))
    changes = {"process.user": {"uid": 1000, "gid": 1000}}
    if entry == "run":
        outcome = victim.run("/filecap", changes=changes)
    else:
        victim.running("/bin/sleep", "1000", changes=changes)
        outcome = victim.exec("/filecap")
    seen = sets_of(outcome)
    victim.unharmed(seen["effective"] == seen["permitted"] == [], outcome)


@pytest.mark.known_vulnerable("naive")
@pytest.mark.parametrize("entry", ["run", "exec"])
def test_cve_2016_8867_a_user_has_no_capabilities_of_root(victim, entry):
    """But in the bounding set, which gives none."""
    changes = {"process.user": {"uid": 1000, "gid": 1000}}
    outcome = victim.run("/probe", changes=changes)
    if entry == "exec":
        victim.running("/bin/sleep", "1000", changes=changes)
        outcome = victim.exec("/probe")
    victim.unharmed(sets_of(outcome) == {"bounding": DEFAULT, "effective": [], "permitted": [],
                                         "inheritable": [], "ambient": []}, outcome)


# What --user means: a number is that number, everything else a name, and no name no user.
USERS = {"0": 0, "1": 1, "1:2": 1, "1000": 1000, "4294967294": 4294967294, "01": 1,
         "-1": None, "4294967295": None, "4294967296": None, " 1": None, "1 ": None, "0x1": None,
         "1x": None, "+1": None, "1:-1": None, "1:2x": None, "nobody": None, "1:": 1}


@pytest.mark.known_vulnerable("naive")
def test_cve_2026_30892_no_user_becomes_another_one(victim):
    """Also CVE-2016-3697 and CVE-2024-40635: "1x" was 1, and 4294967296 was root."""
    victim.running("/bin/sleep", "1000")
    for text, uid in USERS.items():
        outcome = victim.exec("/bin/id", "-u", flags=["--user", text])
        became = int(outcome.stdout) if outcome.status == 0 else None
        victim.unharmed(became == uid, f"--user {text!r} became {became}: {outcome}")


@pytest.mark.known_vulnerable("naive")
def test_cve_2016_3697_a_name_of_digits_is_a_number(victim):
    victim.bundle.file("rootfs/etc/passwd", "1000:x:0:0::/:/bin/sh\nroot:x:0:0::/:/bin/sh\n")
    victim.running("/bin/sleep", "1000", changes={"process.user": {"uid": 7, "gid": 7}})
    outcome = victim.exec("/bin/id", "-u", flags=["--user", "1000"])
    broken = victim.exec("/bin/id", "-u", flags=["--user", "0000x"])
    victim.unharmed(outcome.stdout == "1000\n" and broken.stdout == "", f"{outcome}\n{broken}")


@pytest.mark.known_vulnerable("naive")
def test_cve_2026_47262_a_huge_user_file_fills_no_memory(victim):
    victim.running("/bin/sleep", "1000")
    os.truncate(victim.bundle.inside("etc/passwd"), 1 << 30)
    outcome = victim.exec("/bin/true", flags=["--user", "last"], before=lambda: resource.setrlimit(
        resource.RLIMIT_AS, (128 << 20, 128 << 20)))
    victim.unharmed(outcome.status != 0 and "memory" not in outcome.stderr.lower(), outcome)


@pytest.mark.known_vulnerable("naive")
def test_cve_2026_47262_only_a_regular_file_is_opened_for_users(victim):
    """To open a device or a fifo is to do something with it, and perhaps to wait for ever."""
    os.unlink(victim.bundle.inside("etc/passwd"))
    os.mkfifo(victim.bundle.inside("etc/passwd"))
    log = victim.running("/bin/sh", "-c", "echo root:x:0:0::/:/ > /etc/passwd; echo opened")
    outcome = victim.exec("/bin/true", flags=["--user", "root"])
    victim.unharmed(outcome.status != 0 and log.stdout == "", f"{outcome}\n{log}")


@pytest.mark.known_vulnerable("naive")
@pytest.mark.parametrize("user", [0, 1000])
def test_cve_2022_36109_no_group_of_the_callers_is_kept(victim, user):
    """Also CVE-2022-25173 and CVE-2022-2995, in engines."""
    outcome = victim.run("/probe", changes={"process.user": {"uid": user, "gid": user}},
                         before=lambda: os.setgroups([0, 6, 4242]))
    victim.unharmed(json.loads(outcome.stdout)["groups"] == [], outcome)


def test_cve_2014_8989_a_group_that_denies_access_is_not_dropped(victim):
    """Since Linux 3.19 it is the kernel that refuses the map of whoever could drop the group, so no
    runtime at hand falls for it; what brig could still do wrong is to help the user out of it."""
    bundle = victim.bundle
    secret = bundle.file("secret", "for everybody but one group")
    person.give(bundle.path)
    os.chown(secret, 0, 29)
    os.chmod(secret, 0o604)
    own = [{"containerID": 0, "hostID": number, "size": 1} for number in (person.UID, person.GID)]
    changes = {"linux.uidMappings": own[:1], "linux.gidMappings": own[1:],
               "linux.namespaces": namespaces("user", "pid", "mount"),
               "linux.cgroupsPath": "", "mounts": [bind(secret, "/secret")]}
    outcome = victim.run("/bin/cat", "/secret", changes=changes,
                         without=["linux.resources", "hostname"],
                         before=lambda: person.become(groups=[29]))
    victim.unharmed("everybody" not in outcome.stdout, outcome)
    assert "cat: can.t open" in outcome.stderr.replace("'", "."), str(outcome)
