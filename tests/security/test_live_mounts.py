"""Mounts that are added and removed while the container's processes rename what lies on the way."""

import json

import pytest
from harness import mounts as mountinfo
from harness.spec import bind, mount
from test_own_binary import strike, watcher
from test_races import rounds, shared_volume

WRITABLE = {"root.readonly": False}


def change(victim, verb, *wanted):
    file = victim.bundle.file("mounts.json", json.dumps(wanted))
    return victim.bundle.call("mounts", verb, victim.bundle.id, file)


def inside(victim, script):
    return victim.exec("/bin/sh", "-c", script).stdout


def seen_by(victim):
    with open(f"/proc/{victim.bundle.pid}/mountinfo") as file:
        return mountinfo.parse(file.read())


def host_mounts():
    with open("/proc/self/mountinfo") as file:
        return file.read()


def until_done(victim, verb, wanted):
    """However often it is led astray before."""
    while change(victim, verb, wanted).status != 0:
        pass


@pytest.mark.known_vulnerable("naive")
def test_cve_2024_45310_nothing_is_made_outside_while_a_sibling_renames(victim):
    """As with the mounts of a create: the path leads to the canary half of the time."""
    canary, before = victim.canary(), host_mounts()
    volume, swapper = shared_volume(victim.bundle, canary.path)
    victim.running("/bin/sleep", "1000", changes={**WRITABLE, "mounts+": [volume]})
    added = 0
    with swapper:
        for number in rounds(victim):
            outcome = change(victim, "add", mount(f"/vol/name/{number}/below", "tmpfs", "live"))
            victim.unharmed(canary.is_untouched(), f"{outcome}\n{canary}")
            added += outcome.status == 0
    assert added > 0, "nobody was attacked"
    victim.unharmed(host_mounts() == before, "mounted on the host")


@pytest.mark.known_vulnerable("naive")
def test_cve_2019_16884_no_link_leads_a_live_mount_onto_proc(victim):
    """brig itself would later believe what is there."""
    volume, swapper = shared_volume(victim.bundle, "/proc")
    victim.running("/bin/sleep", "1000", changes={**WRITABLE, "mounts+": [volume]})
    added = 0
    with swapper:
        for _ in rounds(victim):
            outcome = change(victim, "add", mount("/vol/name", "tmpfs", "live", "mode=755"))
            on_proc = [each.kind for each in seen_by(victim) if each.point == "/proc"]
            victim.unharmed(on_proc == ["proc"], outcome)
            added += outcome.status == 0
    assert added > 0, "nobody was attacked"


@pytest.mark.known_vulnerable("naive")
def test_no_link_leads_a_removal_to_a_mask(victim):
    """What the administrator takes away is what was added, not what the path has become."""
    victim.running("/bin/sleep", "1000", changes={
        **WRITABLE, "linux.maskedPaths": ["/proc/version"], "linux.readonlyPaths": []})
    assert inside(victim, "mkdir -p /a/b; echo >/a/b/version; cat /proc/version") == ""
    file = victim.bundle.file("added", "added")
    assert change(victim, "add", bind(file, "/a/b/version")).status == 0
    assert inside(victim, "cat /a/b/version; mv /a/b /a/c; ln -s /proc /a/b") == "added"
    outcome = change(victim, "remove", {"destination": "/a/b/version"})
    victim.unharmed("Linux version" not in inside(victim, "cat /proc/version"), outcome)
    # Nor does it lead to a mount that the container was made with.
    assert "does not lead to what" in outcome.stderr
    assert inside(victim, "rm /a/b; mv /a/c /a/b; cat /a/b/version") == "added"
    assert change(victim, "remove", {"destination": "/a/b/version"}).status == 0


@pytest.mark.known_vulnerable("naive")
def test_what_is_removed_is_what_was_added_while_a_sibling_renames(victim):
    """Each round takes away what was added or nothing, and never the mask."""
    volume, swapper = shared_volume(victim.bundle, "/proc")
    victim.bundle.file("volume/name/version")
    added = bind(victim.bundle.file("added", "added"), "/vol/name/version")
    victim.running("/bin/sleep", "1000", changes={
        **WRITABLE, "mounts+": [volume], "linux.maskedPaths": ["/proc/version"],
        "linux.readonlyPaths": []})
    removed = 0
    with swapper:
        for _ in rounds(victim):
            until_done(victim, "add", added)
            until_done(victim, "remove", {"destination": added["destination"]})
            removed += 1
            left = [each.point for each in seen_by(victim) if each.point.endswith("/version")]
            victim.unharmed(left == ["/proc/version"], left)
    assert removed > 0, "nobody was attacked"


@pytest.mark.known_vulnerable("naive")
def test_cve_2016_9962_who_mounts_in_a_container_shows_nothing(victim):
    """procfs is made by a process inside of the pid namespace, which all can see there."""
    log = watcher(victim, "peek", changes=WRITABLE)
    for number in range(10):
        change(victim, "add", mount(f"/srv/{number}", "proc", "proc"),
               mount(f"/srv/{number}/net", "tmpfs", "live"))
        change(victim, "add", mount(f"/tmp/{number}", "tmpfs", "live"))
    strike(victim)
    victim.unharmed(log.stdout == "watching\n", log)
