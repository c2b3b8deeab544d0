"""What the machine is like: some defects of the suite appear only on some."""

import os

SYS_RESOURCE = 24  # <linux/capability.h>


def mounted_controllers():
    """Of cgroup v1."""
    with open("/proc/self/mountinfo") as file:
        lines = [line.split(" - ") for line in file]
    return {controller for _, right in lines if right.split()[0] == "cgroup"
            for controller in right.split()[2].split(",")}


def exists(path):
    return os.path.exists(path)


def kernel():
    return tuple(int(number) for number in os.uname().release.split("-")[0].split(".")[:2])


def has_capability(number):
    """In the bounding set, above which nobody can have any."""
    with open("/proc/self/status") as file:
        [line] = [line for line in file if line.startswith("CapBnd:")]
    return bool(int(line.split()[1], 16) >> number & 1)


def facts():
    """{NAME: whether it is so}; the names that `when` in the list of known defects may have."""
    v1 = mounted_controllers()
    return {
        "no AppArmor": not exists("/sys/kernel/security/apparmor/profiles"),
        "no CAP_SYS_RESOURCE": not has_capability(SYS_RESOURCE),
        "no SELinux": not exists("/sys/fs/selinux/enforce"),
        "no blkio.leaf_weight": "blkio" in v1 and not exists("/sys/fs/cgroup/blkio/blkio.leaf_weight"),
        "no net_cls": "memory" in v1 and "net_cls" not in v1,
        "no hugetlb of v1": "memory" in v1 and "hugetlb" not in v1,
        "devices of v1": "devices" in v1,
        "no limit of kernel memory": "memory" in v1 and kernel() >= (5, 16),
    }
