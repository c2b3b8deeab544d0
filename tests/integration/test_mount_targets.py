"""Where a mount lands: inside the rootfs, whatever the image put in the way.

The image is not trusted: a destination may be a link to anywhere. A mount either lands inside the
rootfs or the create fails; the host is untouched in both cases.
"""

import os

import pytest

import messages as m
from harness import mounts
from harness.spec import MOUNTS, bind, mount

KINDS = {
    "bind directory": lambda bundle, to: bind(bundle.folder("volume"), to),
    "bind file": lambda bundle, to: bind(bundle.file("one-file", "text"), to),
    "tmpfs": lambda bundle, to: mount(to, "tmpfs", "tmpfs"),
    "proc": lambda bundle, to: mount(to, "proc", "proc"),
    "sysfs": lambda bundle, to: mount(to, "sysfs", "sysfs"),
    "devpts": lambda bundle, to: mount(to, "devpts", "devpts", "newinstance"),
    "mqueue": lambda bundle, to: mount(to, "mqueue", "mqueue"),
    "cgroup": lambda bundle, to: mount(to, "cgroup", "cgroup", "ro"),
}


def link_chain(bundle, to):
    """More links than the kernel follows (40)."""
    for number in range(41):
        os.symlink(f"link{number + 1}", bundle.inside("srv", f"link{number}"))
    os.symlink(to, bundle.inside("srv/link41"))
    return "/srv/link0"


def link_at(name, target):
    def make(bundle, canary):
        os.symlink(target.format(canary=canary, rootfs=bundle.rootfs), bundle.inside(name))
        return "/" + name
    return make


TRAPS = {  # what the image did -> the destination
    "absolute link": link_at("out", "{canary}"),
    "link to a file": link_at("out", "{canary}/file"),
    "climbing link": link_at("out", "../../../../../../../..{canary}"),
    "link in the parent": lambda bundle, canary: link_at("out", canary)(bundle, canary) + "/deep/er",
    "link and a slash": lambda bundle, canary: link_at("out", canary)(bundle, canary) + "/",
    "dangling link": link_at("out", "{canary}/not-there"),
    "41 links": link_chain,
    "dots in the destination": lambda bundle, canary: "/../../../../../.." + canary,
    "through proc": lambda bundle, canary: "/proc/self/root" + canary,
    "through a process": lambda bundle, canary: "/proc/1/cwd" + canary,
}


def inventory(folder):
    found = {}
    for directory, names, files in os.walk(folder):
        for name in [".", *names, *files]:
            entry = os.lstat(os.path.join(directory, name))
            found[os.path.join(directory, name)] = (entry.st_ino, entry.st_mode, entry.st_uid,
                                                    entry.st_size, entry.st_mtime_ns)
    return found


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("trap", TRAPS)
def test_a_destination_never_leads_out_of_the_rootfs(bundle, trap, kind):
    canary = bundle.folder("canary")
    bundle.file("canary/file", "untouched")
    destination = TRAPS[trap](bundle, canary)
    before = inventory(canary)
    bundle.configure({"mounts+": [KINDS[kind](bundle, destination)], "root.readonly": False})
    outcome = bundle.run()
    assert outcome.status == 0 or outcome.stderr != "", str(outcome)
    assert inventory(canary) == before


def test_a_link_is_followed_inside_the_rootfs(bundle):
    canary = bundle.folder("canary")
    os.symlink(canary, bundle.inside("out"))
    os.makedirs(bundle.rootfs + canary)  # the same path again, inside
    source = bundle.file("one-file", "text")
    seen = bundle.posture({"mounts+": [bind(source, "/out/file")], "root.readonly": False},
                          probe=["--read", f"{canary}/file"])
    assert seen["read"][f"{canary}/file"] == "text"
    assert os.listdir(canary) == []


@pytest.mark.parametrize("name, kind", [("proc", "proc"), ("sys", "sysfs")])
def test_proc_and_sys_must_not_be_links(bundle, name, kind):
    """Labels and sysctls would go to a decoy (CVE-2019-19921)."""
    os.rmdir(bundle.inside(name))
    os.symlink("/srv", bundle.inside(name))
    bundle.configure()
    index = next(i for i, each in enumerate(MOUNTS) if each["type"] == kind)
    bundle.create().fails(m.link_as_target(bundle, index, "/" + name, kind))


@pytest.mark.parametrize("destination", ["/proc", "/proc/self", "/proc/sys", "/proc/./sys",
                                         "/proc/../proc/sys", "/proc/1/attr"])
@pytest.mark.parametrize("kind", ["tmpfs", "bind directory"])
def test_nothing_but_procfs_covers_proc(bundle, kind, destination):
    bundle.configure({"mounts+": [KINDS[kind](bundle, destination)]})
    bundle.create().fails(m.covers_proc(bundle, len(MOUNTS), destination))


@pytest.mark.parametrize("name", ["cpuinfo", "meminfo", "stat", "uptime", "loadavg", "swaps",
                                  "diskstats"])
def test_the_files_that_lxcfs_provides_may_cover_proc(bundle, name):
    source = bundle.file("fake", "fake\n")
    assert bundle.says(f"cat /proc/{name}", {"mounts+": [bind(source, f"/proc/{name}")]}) == "fake\n"


def test_a_relative_destination_is_below_the_root(bundle):
    made = mounts.top(bundle.posture({"mounts+": [mount("mnt", "tmpfs", "tmpfs")]})["mountinfo"])
    assert made["/mnt"].kind == "tmpfs"


@pytest.mark.parametrize("destination", ["/mnt/", "//mnt", "/mnt/.", "/srv/../mnt", "/./mnt"])
def test_a_destination_may_be_spelled_in_many_ways(bundle, destination):
    seen = bundle.posture({"mounts+": [mount(destination, "tmpfs", "tmpfs")]})
    assert mounts.top(seen["mountinfo"])["/mnt"].kind == "tmpfs"


def test_devices_and_links_are_not_made_through_a_link_of_the_image(bundle):
    """Without a mount on /dev the image's own is used (CVE-2026-41579, CVE-2026-47766)."""
    canary = bundle.folder("canary")
    bundle.file("canary/ptmx", "untouched")
    os.rmdir(bundle.inside("dev"))
    os.symlink(canary, bundle.inside("dev"))
    before = inventory(canary)
    bundle.configure({"mounts": [MOUNTS[0]], "root.readonly": False})
    outcome = bundle.run()
    assert outcome.status == 0 or outcome.stderr != "", str(outcome)
    assert inventory(canary) == before
