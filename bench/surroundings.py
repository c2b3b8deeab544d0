"""Where the benchmarks run, and what: root directory, contenders, bundles."""

import json
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
CHECKOUT = HERE.parent
OUT = CHECKOUT / "build" / "bench"
INSIDE = "/run/bench"  # where OUT is seen from the surroundings
CGROUP = "/brig-bench"
APPLETS = "sh true ls cat grep hostname sleep test touch".split()
CORPUS = ("podman", "docker", "containerd")
# Section of linux.resources, and the cgroup2 controller without which no runtime can apply it.
CONTROLLERS = {"memory": "memory", "cpu": "cpu", "pids": "pids", "blockIO": "io",
               "hugepageLimits": "hugetlb", "rdma": "rdma"}

# Runs as the container's program; says what is wrong with the isolation.
EVIDENCE = """\
[ $$ = 1 ] || echo "the pid is $$"
[ "$(hostname)" = bench ] || echo "the hostname is $(hostname)"
touch /probe 2>/dev/null && echo "the root is writable"
touch /proc/sys/kernel/domainname 2>/dev/null && echo "/proc/sys is writable"
[ -z "$(cat /proc/keys /proc/kcore /proc/timer_list 2>/dev/null)" ] || echo "/proc is not masked"
[ -z "$(ls -A /sys/firmware 2>/dev/null)" ] || echo "/sys/firmware is not masked"
grep -q '^0::/$' /proc/self/cgroup || echo "the cgroup namespace is the host's"
[ "$(ls /sys/class/net)" = lo ] || echo "the network is the host's"
[ -c /dev/null ] && [ -c /dev/full ] && [ -L /dev/ptmx ] || echo "/dev is incomplete"
[ -f /sys/fs/cgroup/cgroup.events ] || echo "/sys/fs/cgroup is not the container's own"
"""


class Stop(Exception):
    """Ends the program with a message."""


class Surroundings:
    """The peers' root directory or, without it, the host's own root."""

    def __init__(self, host):
        self.mode = "enter-host" if host else "enter"
        self.peers = "/"
        if not host:
            built = subprocess.run([HERE / "peers", "build"], stdout=subprocess.PIPE, text=True)
            if built.returncode == 0:
                self.peers = built.stdout.strip()
            else:
                note("no root directory with newer peers: comparing with the host's runc alone")
                self.mode = "enter-host"

    def run(self, *command, **options):
        return subprocess.run([HERE / "peers", self.mode, OUT, *map(str, command)],
                              text=True, stdin=subprocess.DEVNULL, **options)

    def find(self, name):
        for directory in ("usr/bin", "usr/sbin"):
            if (pathlib.Path(self.peers) / directory / name).exists():
                return f"/{directory}/{name}"
        return None


def note(text):
    print(f"bench: {text}", file=sys.stderr)


# ---- contenders -----------------------------------------------------------------------------


def import_binary(name, path):
    """A copy under OUT, which the surroundings can see."""
    copy = OUT / "bin" / name
    if pathlib.Path(path).resolve() != copy:
        shutil.copy2(path, copy)
    return f"{INSIDE}/bin/{name}"


def find_contenders(surroundings, added=(), without=()):
    """Paths by name; `added` are NAME=PATH, `without` are names."""
    found = {"floor": f"{INSIDE}/bin/floor"}
    given = dict(pair.split("=", 1) for pair in added)
    brig = CHECKOUT / "build" / "brig"
    if "brig" not in given:
        if brig.exists():
            given["brig"] = brig
        else:
            note("build/brig does not exist: measuring the others")
    for name in ("crun", "runc"):
        if name == "crun" and surroundings.mode == "enter-host":
            continue  # Debian 12's does not start a container without CAP_SYS_RESOURCE
        path = surroundings.find(name)
        if path:
            found[name] = path
    for name, path in given.items():
        if not pathlib.Path(path).exists():
            raise Stop(f"{name}: {path} does not exist")
        found[name] = import_binary(name, path)
    return {name: path for name, path in found.items() if name not in without}


# ---- bundles --------------------------------------------------------------------------------


def make_rootfs():
    rootfs = OUT / "rootfs"
    busybox = shutil.which("busybox")
    if not busybox:
        raise Stop("busybox is not installed (Debian: busybox-static)")
    for directory in "bin dev etc proc root run sys tmp".split():
        (rootfs / directory).mkdir(parents=True, exist_ok=True)
    shutil.copy2(busybox, rootfs / "bin" / "busybox")
    for applet in APPLETS:
        link = rootfs / "bin" / applet
        if not link.is_symlink():
            link.symlink_to("busybox")
    (rootfs / "evidence").write_text(EVIDENCE)


def default_spec(surroundings, contenders):
    bundle = OUT / "spec"
    generators = [path for name, path in contenders.items() if name != "floor"]
    generators += filter(None, (surroundings.find(name) for name in ("crun", "runc")))
    for generator in sorted(generators, key=lambda path: not path.endswith("/brig")):
        shutil.rmtree(bundle, ignore_errors=True)
        bundle.mkdir()
        surroundings.run(generator, "spec", "--bundle", f"{INSIDE}/spec")
        if (bundle / "config.json").exists():
            return json.loads((bundle / "config.json").read_text())
    raise Stop("no runtime has written a default specification")


def drop_unavailable(spec, controllers):
    """Limits that cgroup2 has no controller for here are refused by every runtime."""
    resources = spec["linux"].get("resources", {})
    dropped = [section for section, controller in CONTROLLERS.items()
               if section in resources and controller not in controllers]
    for section in dropped:
        del resources[section]
    return dropped


def write_bundle(name, spec, args):
    spec["process"]["args"] = args
    spec["process"]["terminal"] = False
    spec["root"]["path"] = f"{INSIDE}/rootfs"
    spec["linux"]["cgroupsPath"] = f"{CGROUP}/{name}"
    bundle = OUT / "bundles" / name
    bundle.mkdir(parents=True, exist_ok=True)
    (bundle / "config.json").write_text(json.dumps(spec, indent=2))


def make_bundles(surroundings, contenders, corpus, wanted):
    """Writes the default bundle and those wanted of the corpus; returns the names of all."""
    make_rootfs()
    spec = default_spec(surroundings, contenders)
    spec["hostname"] = "bench"
    write_bundle("default", spec, ["/bin/true"])
    for name in contenders:  # they run side by side: each in a cgroup of its own
        write_bundle(f"sleep-{name}", spec, ["/bin/sleep", "3600"])
    write_bundle("evidence", spec, ["/bin/sh", "/evidence"])
    listed = surroundings.run("cat", "/sys/fs/cgroup/cgroup.controllers", stdout=subprocess.PIPE)
    names = ["default"]
    for name in CORPUS:
        config = corpus / f"{name}.json"
        if name not in wanted:
            continue
        if not config.exists():
            note(f"{name}: no {config}")
            continue
        spec = json.loads(config.read_text())
        dropped = drop_unavailable(spec, listed.stdout.split())
        if dropped:
            note(f"{name}: without {', '.join(dropped)}: no such controller in cgroup2 here")
        write_bundle(name, spec, ["/bin/true"])
        names.append(name)
    return names


def run_command(name, path, bundle):
    if name == "floor":
        program = ["/bin/sh", "/evidence"] if bundle == "evidence" else ["/bin/true"]
        return [path, f"{INSIDE}/rootfs", f"/sys/fs/cgroup{CGROUP}/floor", *program]
    return [path, "--root", f"/run/state/{name}", "run", "--bundle", f"{INSIDE}/bundles/{bundle}",
            f"{name}-{bundle}"]
