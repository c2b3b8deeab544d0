"""config.json as an expression: the default bundle of `brig spec`, and what a test changes."""

import copy

CAPABILITIES = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"]
MASKED = ["/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
          "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware",
          "/proc/scsi", "/sys/devices/virtual/powercap"]
READONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
NAMESPACES = ["pid", "network", "ipc", "uts", "mount"]


def mount(destination, kind, source, *options):
    return {"destination": destination, "type": kind, "source": source, "options": list(options)}


def bind(source, destination, *options):
    return mount(destination, "none", source, "rbind", *options)


PROC = mount("/proc", "proc", "proc")
DEV = mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k")
DEVPTS = mount("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666",
               "mode=0620", "gid=5")
SHM = mount("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k")
MQUEUE = mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev")
SYSFS = mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro")
CGROUP = mount("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", "ro")
MOUNTS = [PROC, DEV, DEVPTS, SHM, MQUEUE, SYSFS, CGROUP]

DEFAULT = {
    "ociVersion": "1.0.2",
    "process": {
        "terminal": False,
        "user": {"uid": 0, "gid": 0},
        "args": ["/bin/true"],
        "env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
        "cwd": "/",
        "capabilities": {"bounding": CAPABILITIES, "effective": CAPABILITIES,
                         "permitted": CAPABILITIES},
        "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1024}],
        "noNewPrivileges": True,
    },
    "root": {"path": "rootfs", "readonly": True},
    "hostname": "brig",
    "mounts": MOUNTS,
    "linux": {
        "resources": {"devices": [{"allow": False, "access": "rwm"}]},
        "namespaces": [{"type": kind} for kind in NAMESPACES],
        "maskedPaths": MASKED,
        "readonlyPaths": READONLY,
    },
}


def spec_with(changes=None, without=()):
    """The default with `changes` {"a.b.c": value}; "a.b+" appends to a list. `without`: keys."""
    spec = copy.deepcopy(DEFAULT)
    for path, value in (changes or {}).items():
        *above, last = path.rstrip("+").split(".")
        node = spec
        for key in above:
            node = node.setdefault(key, {})
        if path.endswith("+"):
            node[last] = node.get(last, []) + copy.deepcopy(value)
        else:
            node[last] = copy.deepcopy(value)
    for path in without:
        *above, last = path.split(".")
        node = spec
        for key in above:
            node = node[key]
        del node[last]
    return spec


def namespaces(*kinds, **joined):
    """The list for linux.namespaces: new ones by kind, joined ones as kind=path."""
    return ([{"type": kind} for kind in kinds]
            + [{"type": kind, "path": path} for kind, path in joined.items()])


def shell(script):
    return {"process.args": ["/bin/sh", "-c", script]}


USER_MAP = {"containerID": 0, "hostID": 100000, "size": 65536}
USER_NAMESPACE = {"linux.uidMappings": [USER_MAP], "linux.gidMappings": [USER_MAP]}
