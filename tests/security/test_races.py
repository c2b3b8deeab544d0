"""A sibling container renames things on what both share, while the other one is being made."""

import os
import time

import pytest
from harness import host
from harness.sockets import FdReceiver
from harness.spec import DEVPTS, PROC, bind, mount
from victims import Swapper


def rounds(victim):
    """0, 1, 2, ...: creates until the time is over. Others than brig must be harmed by then."""
    seconds = 0.8 if victim.name == "brig" else 50 * host.PATIENCE
    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end or number < 30:  # also on a busy machine
        yield number
        number += 1


def shared_volume(bundle, target):
    """/vol/name is a directory, or a link to `target` of the host."""
    volume = bundle.folder("volume")
    os.mkdir(f"{volume}/name")
    os.symlink(target, f"{volume}/other")
    return bind(volume, "/vol"), Swapper(f"{volume}/name", f"{volume}/other")


@pytest.mark.known_vulnerable("naive")
def test_cve_2021_30465_a_mount_lands_in_the_container(victim):
    """On a path of the host it would have covered that, and be missing in the container. runc 1.1.5
    has the fix."""
    volume, swapper = shared_volume(victim.bundle, victim.canary().path)
    raced = mount("/vol/name", "tmpfs", "raced")
    started = 0
    with swapper:
        for _ in rounds(victim):
            outcome = victim.run("/bin/cat", "/proc/self/mountinfo", changes={
                "root.readonly": False, "mounts+": [volume, raced]})
            victim.unharmed(outcome.status != 0 or " raced " in outcome.stdout, outcome)
            started += outcome.status == 0
    assert started > 0, "nobody was attacked"


@pytest.mark.known_vulnerable("naive")
def test_cve_2024_45310_missing_directories_are_made_in_the_container(victim):
    """runc 1.1.5 has the flaw, too narrow to be hit within seconds."""
    canary = victim.canary()
    volume, swapper = shared_volume(victim.bundle, canary.path)
    with swapper:
        for number in rounds(victim):
            raced = mount(f"/vol/name/{number}/below", "tmpfs", "raced")
            outcome = victim.run("/bin/true", changes={
                "root.readonly": False, "mounts+": [volume, raced]})
            victim.unharmed(canary.is_untouched(), f"{outcome}\n{canary}")


@pytest.mark.known_vulnerable("naive")
def test_cve_2017_1002101_a_source_that_must_not_be_a_link_is_none(victim):
    """A runtime cannot tell whose a source is; engines that know ask for src-nofollow."""
    canary = victim.canary()
    _, swapper = shared_volume(victim.bundle, canary.path)
    source = mount("/mnt", "none", f"{victim.bundle.path}/volume/name", "rbind", "src-nofollow")
    with swapper:
        for _ in rounds(victim):
            outcome = victim.run("/bin/cat", "/mnt/secret", changes={"mounts+": [source]})
            victim.unharmed("of the host" not in outcome.stdout, outcome)


@pytest.mark.known_vulnerable("runc", "naive")
def test_cve_2025_52565_the_console_is_the_terminal(victim):
    """/dev/pts/0 by its name may be anything by the time it is mounted on /dev/console."""
    bundle = victim.bundle
    for name in ("dev/pts", "dev/other"):
        os.mkdir(bundle.inside(name))
    os.mknod(bundle.inside("dev/console"))
    for name in ("0", "1"):
        bundle.file(f"rootfs/dev/other/{name}", "of the attacker")
    started = 0
    with Swapper(bundle.inside("dev/pts"), bundle.inside("dev/other")):
        for number in rounds(victim):
            receiver = FdReceiver(os.path.join(bundle.path, f"{number}.sock"))
            result = bundle.file(f"rootfs/result{number}")
            bundle.configure({
                "process.args": ["/bin/sh", "-c",
                                 f"stat -c '%F %t' /dev/console > /result{number}"],
                "process.terminal": True, "root.readonly": False, "mounts": [PROC, DEVPTS]})
            try:
                outcome = bundle.run("--detach", "--pid-file", bundle.pid_file, "--console-socket",
                                     receiver.path, seconds=10 if victim.name == "runc" else None)
            except AssertionError:  # runc 1.1.5 sometimes hangs under it
                if victim.name != "runc":
                    raise
                bundle.delete("--force")
                continue
            finally:
                receiver.close()
            if outcome.status != 0:
                continue
            bundle.end()
            bundle.delete("--force")
            with open(result) as file:
                seen = file.read()
            victim.unharmed(seen == "character special file 88\n", f"{seen}\n{outcome}")
            started += 1
    assert started > 0, "nobody was attacked"


def second_proc(bundle, name):
    """Beside /proc of the image, one that is not procfs; the path of its only file."""
    path = bundle.inside("other", name)
    os.makedirs(os.path.dirname(path))
    decoy = bundle.file("decoy", "of the attacker")
    os.link(decoy, path)
    return decoy, Swapper(bundle.inside("proc"), bundle.inside("other"))


@pytest.mark.known_vulnerable("runc", "naive")
def test_cve_2025_52881_a_sysctl_is_written_to_procfs(victim):
    """Also CVE-2025-62596 (youki). The image itself is shared."""
    name = "sys/net/ipv4/ip_unprivileged_port_start"
    decoy, swapper = second_proc(victim.bundle, name)
    with swapper:
        for _ in rounds(victim):
            victim.run("/bin/true", changes={
                "root.readonly": False,
                "linux.sysctl": {"net.ipv4.ip_unprivileged_port_start": "80"}})
            with open(decoy) as file:
                victim.unharmed(file.read() == "of the attacker", "the decoy was written to")


@pytest.mark.known_vulnerable("runc", "naive")
def test_cve_2025_31133_a_mask_lies_on_the_file_of_procfs(victim):
    """Wherever procfs has been moved to meanwhile, and not on the attacker's file of that name."""
    started = 0
    _, swapper = second_proc(victim.bundle, "version")
    with swapper:
        for _ in rounds(victim):
            outcome = victim.run(
                "/bin/sh", "-c", "cat /proc/version /other/version; true",
                changes={"linux.maskedPaths": ["/proc/version"], "linux.readonlyPaths": []})
            victim.unharmed("Linux version" not in outcome.stdout, outcome)
            started += outcome.status == 0
    assert started > 0, "nobody was attacked"


@pytest.mark.known_vulnerable("naive")
def test_cve_2025_52881_a_read_only_path_is_that_of_procfs(victim):
    """The attacker's directory of that name may be what it likes."""
    program = ("i=0; while [ $i -lt 20 ]; do for proc in proc other; do "
               "echo 1 2>/dev/null >/$proc/sys/net/ipv4/conf/lo/forwarding && echo written; "
               "done; i=$((i + 1)); done; true")
    started = 0
    _, swapper = second_proc(victim.bundle, "sys/marker")
    with swapper:
        for _ in rounds(victim):
            outcome = victim.run("/bin/sh", "-c", program, changes={
                "linux.maskedPaths": [], "linux.readonlyPaths": ["/proc/sys"]})
            victim.unharmed("written" not in outcome.stdout, outcome)
            started += outcome.status == 0
    assert started > 0, "nobody was attacked"
