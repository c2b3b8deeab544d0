"""An image is what its author made it: every name in it may be a link to anywhere."""

import json
import os
import stat

import pytest
from harness import host
from harness.sockets import FdReceiver
from harness.spec import DEV, DEVPTS, MOUNTS, MQUEUE, PROC, SYSFS, bind, mount

WRITABLE = {"root.readonly": False}


def link_instead(bundle, name, target):
    path = bundle.inside(name)
    if os.path.isdir(path) and not os.path.islink(path):
        os.rmdir(path)
    os.symlink(target, path)


# ---- mount targets ------------------------------------------------------------------------------

KINDS = {"tmpfs": lambda bundle, to: mount(to, "tmpfs", "tmpfs"),
         "devpts": lambda bundle, to: {**DEVPTS, "destination": to},
         "mqueue": lambda bundle, to: {**MQUEUE, "destination": to},
         "sysfs": lambda bundle, to: {**SYSFS, "destination": to},
         "directory": lambda bundle, to: bind(bundle.folder("volume"), to),
         "file": lambda bundle, to: bind(bundle.file("one-file", "text"), to)}
TARGETS = {"link": "{canary}", "climbing": "../../../../../../../../..{canary}",
           "dangling": "{canary}/made", "magic": "/proc/self/root{canary}", "long-chain": "chain1"}
CHAIN = 41  # one more than the kernel follows
# Every kind through the plain link, those that are made in ways of their own through every link.
CASES = [(kind, target) for target in TARGETS for kind in KINDS
         if target == "link" or kind in ("tmpfs", "directory", "file")]


@pytest.mark.known_vulnerable("naive")
@pytest.mark.parametrize("kind, target", CASES)
def test_cve_2015_3629_mount_targets_are_made_inside_the_root(victim, kind, target):
    """Also CVE-2019-18837 (crun) and CVE-2023-28642. Everything that is missing is made, so a
    link that dangles must not either."""
    canary = victim.canary()
    link_instead(victim.bundle, "out", TARGETS[target].format(canary=canary.path))
    for number in range(1, CHAIN):
        link_instead(victim.bundle, f"chain{number}", f"chain{number + 1}")
    link_instead(victim.bundle, f"chain{CHAIN}", canary.path)
    outcome = victim.run("/bin/true", changes={
        **WRITABLE, "mounts+": [KINDS[kind](victim.bundle, "/out/deep/er")]})
    victim.unharmed(canary.is_untouched(), f"{outcome}\n{canary}")


@pytest.mark.known_vulnerable("naive")
@pytest.mark.parametrize("name, kind", [("proc", "proc"), ("sys", "sysfs")])
def test_cve_2019_19921_proc_and_sys_are_not_links(victim, name, kind):
    """Also CVE-2023-27561, CVE-2023-28642, CVE-2025-54867 (youki). What is masked and written by
    its path would be somewhere else. runc 1.1.5 has the fix."""
    link_instead(victim.bundle, name, "srv")
    outcome = victim.run("/bin/sh", "-c", f"test -L /{name} && echo a link", changes=WRITABLE)
    victim.unharmed("a link" not in outcome.stdout, outcome)


@pytest.mark.known_vulnerable("naive")
@pytest.mark.parametrize("destination", ["/proc", "/proc/self", "/proc/./sys", "/srv/../proc/sys"])
def test_cve_2019_16884_no_volume_covers_proc(victim, destination):
    """Also CVE-2015-3631: labels, ids and sysctls are written there, and would go to a decoy."""
    decoy = victim.bundle.folder("decoy/attr")
    outcome = victim.run("/bin/true", changes={
        "mounts+": [bind(os.path.dirname(decoy), destination)]})
    victim.unharmed(outcome.status != 0, outcome)


@pytest.mark.known_vulnerable("runc", "naive")
@pytest.mark.parametrize("link", ["proc/self/attr", "proc/sys/net", "proc/thread-self/attr"])
def test_cve_2025_52881_no_link_leads_a_mount_into_proc(victim, link):
    """Also CVE-2025-62596 (youki). The destination itself looks harmless."""
    link_instead(victim.bundle, "innocent", link)
    outcome = victim.run("/bin/true", changes={"mounts+": [mount("/innocent", "tmpfs", "tmpfs")]})
    victim.unharmed(outcome.status != 0, outcome)


# ---- /dev ---------------------------------------------------------------------------------------

@pytest.mark.known_vulnerable("runc", "naive")
def test_cve_2026_41579_devices_are_not_made_through_a_link(victim):
    """CVE-2026-47766 is the same in crun. Without a mount on /dev the image's own is used."""
    canary = victim.canary()
    victim.bundle.file("canary/ptmx", "of the host")
    canary = type(canary)(canary.path)
    link_instead(victim.bundle, "dev", canary.path)
    outcome = victim.run("/bin/true", changes={**WRITABLE, "mounts": [PROC]})
    victim.unharmed(canary.is_untouched(), f"{outcome}\n{canary}")


@pytest.mark.known_vulnerable("naive")
@pytest.mark.parametrize("readonly", [True, False], ids=["read-only", "writable"])
def test_cve_2026_88264_the_console_is_not_made_through_a_link(victim, readonly):
    """crun up to 1.29.1 made a file of root's on the host; runc 1.1.5 did not."""
    canary = victim.canary()
    link_instead(victim.bundle, "dev/console", canary.path + "/made")
    os.mkdir(victim.bundle.inside("dev/pts"))
    receiver = FdReceiver(os.path.join(victim.bundle.path, "fd.sock"))
    victim.bundle.configure({"process.terminal": True, "root.readonly": readonly,
                             "mounts": [PROC, DEVPTS]})
    outcome = victim.bundle.run("--detach", "--console-socket", receiver.path)
    receiver.close()
    victim.unharmed(canary.is_untouched(), f"{outcome}\n{canary}")


@pytest.mark.known_vulnerable("runc", "naive")
def test_cve_2025_31133_a_mask_is_never_the_images_null(victim):
    """Also CVE-2025-62161 (youki): the mask would be a writable bind of any file of procfs."""
    dev = victim.bundle.folder("dev")
    os.symlink("/proc/sys/kernel/ostype", f"{dev}/null")
    outcome = victim.run("/bin/cat", "/proc/version", changes={
        "mounts": [PROC, bind(dev, "/dev")], "linux.maskedPaths": ["/proc/version"]})
    victim.unharmed(outcome.stdout == "", outcome)


@pytest.mark.known_vulnerable("runc")
def test_cve_2026_88265_standard_streams_do_not_become_a_file_of_the_images_choice(victim):
    """crun up to 1.29.1 opened the container's /dev/null again and gave it to the user."""
    canary = victim.canary()
    victim.bundle.file("rootfs/dev/null")
    source = canary.path + "/secret"
    pipe = os.pipe()
    outcome = victim.run("/bin/echo", "written", stdin=pipe[0], changes={
        **WRITABLE, "mounts": [PROC, bind(source, "/dev/null")],
        "process.user": {"uid": 4242, "gid": 4242}})
    for end in pipe:
        os.close(end)
    victim.unharmed(canary.is_untouched(), f"{outcome}\n{canary}")


@pytest.mark.known_vulnerable("naive")
def test_cve_2026_115521_read_only_is_not_applied_through_the_images_proc(victim):
    """GHSA-3q8j-pf29-vwv8 in youki: what is asked to be read-only must be, although the image
    has files where /proc/self/fd would be."""
    bundle = victim.bundle
    os.makedirs(bundle.inside("proc/self/fd"))
    os.makedirs(bundle.inside("proc/thread-self/fd"))
    for number in range(64):
        os.symlink("/tmp", bundle.inside("proc/self/fd", str(number)))
        os.symlink("/tmp", bundle.inside("proc/thread-self/fd", str(number)))
    volume = bind(bundle.folder("volume"), "/mnt", "ro")
    outcome = victim.run(
        "/bin/sh", "-c", "for place in / /mnt /srv; do touch $place/file && echo written; done",
        changes={"mounts": [volume], "linux.readonlyPaths": ["/srv"], "linux.maskedPaths": []})
    victim.unharmed("written" not in outcome.stdout, outcome)


# ---- masks --------------------------------------------------------------------------------------

@pytest.mark.known_vulnerable("naive")
def test_cve_2015_3630_masks_hold_for_exec_and_when_named_twice(victim):
    """A masked directory is empty, a masked file too."""
    secrets = {"/srv/file": "cat /srv/file", "/srv/folder": "ls /srv/folder"}
    victim.bundle.file("rootfs/srv/file", "of the host")
    victim.bundle.folder("rootfs/srv/folder")
    victim.bundle.file("rootfs/srv/folder/name")
    victim.running("/bin/sleep", "1000", changes={
        "linux.maskedPaths": ["/missing", *secrets, *secrets, "/srv/../srv/file"]})
    for command in secrets.values():
        outcome = victim.exec("/bin/sh", "-c", command)
        victim.unharmed(outcome.status == 0 and outcome.stdout == "", outcome)


@pytest.mark.known_vulnerable("naive")
def test_cve_2019_19921_a_mask_lies_on_procfs_itself(victim):
    """Where /proc is a link there would be two of them, one masked and one not."""
    link_instead(victim.bundle, "proc", "srv")
    outcome = victim.run("/bin/sh", "-c", "rm /proc; cat /srv/version", changes={
        **WRITABLE, "mounts": [each for each in MOUNTS if each != DEV and each != DEVPTS][:1],
        "linux.maskedPaths": ["/proc/kcore"]})
    victim.unharmed("Linux" not in outcome.stdout, outcome)


@pytest.mark.known_vulnerable("runc")
def test_go_2023_2412_what_the_processor_uses_is_masked_by_default(victim):
    """It tells what others compute ("Platypus"), to every root."""
    victim.bundle.call("spec", "--bundle", victim.bundle.path).ok()
    with open(f"{victim.bundle.path}/config.json") as file:
        masked = json.load(file)["linux"]["maskedPaths"]
    victim.unharmed("/sys/devices/virtual/powercap" in masked, masked)


@pytest.mark.known_vulnerable("naive")
@pytest.mark.parametrize("folder", filter(os.path.isdir, [
    "/sys/devices/virtual/powercap", "/sys/devices/virtual/mem"]))
def test_go_2023_2412_a_masked_directory_of_sysfs_is_empty(victim, folder):
    outcome = victim.run("/bin/ls", folder, changes={"linux.maskedPaths": [folder]})
    victim.unharmed(outcome.status == 0 and outcome.stdout == "", outcome)


@pytest.fixture
def null_of_the_host(made):
    """A copy of it, at its path: an attack that succeeds must not reach the machine's."""
    path = os.path.join(host.WORK, "null")
    os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    os.chmod(path, 0o666)
    host.mount(path, "/dev/null", None, host.MS_BIND)
    yield path
    host.unmount("/dev/null")
    os.unlink(path)


@pytest.mark.known_vulnerable("naive")
def test_a_mask_does_not_hand_over_the_null_device_of_the_host(null_of_the_host, victim):
    """It belongs to root, the container's as well: one chmod, and no process of the host that is
    not root could open it any more."""
    before = os.stat(null_of_the_host)
    outcome = victim.run("/bin/sh", "-c", "chmod 600 /proc/version; chown 1000 /proc/version",
                         changes={"linux.maskedPaths": ["/proc/version"]})
    after = os.stat(null_of_the_host)
    victim.unharmed((before.st_mode, before.st_uid) == (after.st_mode, after.st_uid), outcome)


def test_a_mask_of_a_file_can_be_written_to(bundle):
    """What writes to a masked file, as tools do to /proc/timer_list, is not disturbed by it."""
    assert bundle.says("echo x >/proc/version && cat /proc/version && echo read", {
        "linux.maskedPaths": ["/proc/version"]}) == "read\n"


# ---- the host's mounts --------------------------------------------------------------------------

@pytest.mark.known_vulnerable("naive")
def test_runc_2404_no_mount_reaches_the_host(victim):
    """Also in crun 1.15 and 1.27. What lies above the root file system is shared on most hosts."""
    before = host.mountinfo()
    victim.running("/bin/sleep", "1000", changes={
        "linux.rootfsPropagation": "rshared", "mounts": [PROC], "linux.readonlyPaths": []})
    during = [line for line in host.mountinfo() if line not in before]
    victim.unharmed(during == [], during)
