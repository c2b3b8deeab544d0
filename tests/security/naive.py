"""A container runtime that makes the mistakes of the last ten years, each where others made it.

It is never used for anything but to show that the tests of this folder see harm: for most of the
flaws no vulnerable runtime is at hand that runs on today's kernels. It knows just enough of the
specification for that, and must only ever run where its bundles are all there is to harm.
"""

import ctypes
import fcntl
import json
import os
import re
import socket
import subprocess
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_SLAVE = 1, 32, 4096, 16384, 1 << 19
NAMESPACES = {"mount": ("mnt", 0x20000), "uts": ("uts", 0x4000000), "ipc": ("ipc", 0x8000000),
              "network": ("net", 0x40000000), "pid": ("pid", 0x20000000)}
DEVICES = {"null": 3, "zero": 5, "full": 7, "random": 8, "urandom": 9}
CAPABILITIES = {"CAP_DAC_OVERRIDE": 1, "CAP_KILL": 5, "CAP_NET_BIND_SERVICE": 10,
                "CAP_SYS_PTRACE": 19, "CAP_MKNOD": 27, "CAP_AUDIT_WRITE": 29}
TIOCSPTLCK, TIOCGPTN = 0x40045431, 0x80045430  # tty_ioctl(4)
OPEN_TREE, MOVE_MOUNT = 428, 429
FILESYSTEMS = ("proc", "sysfs", "tmpfs", "devpts", "mqueue")
PRIVATE_OPTIONS = re.compile(r"^(mode|size|gid|newinstance|ptmxmode)\b")


def mount(source, target, kind=None, flags=0, data=None):
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind)]
    if libc.mount(*encoded, flags, None if data is None else data.encode()) != 0:
        raise OSError(ctypes.get_errno(), f"mount {kind or source} on {target}")


# ---- the file system: every path of the image is followed, by the host's root --------------------

def mount_all(spec, rootfs):
    for each in spec["mounts"]:
        target = os.path.realpath(rootfs + each["destination"])
        kind, options = each["type"], each["options"]
        bind = "bind" in options or "rbind" in options
        if bind and not os.path.isdir(each["source"]):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            open(target, "a").close()
        else:
            os.makedirs(target, exist_ok=True)
        if bind:
            mount(each["source"], target, None, MS_BIND | MS_REC)
            if "ro" in options:
                spec["later"].append(each["destination"])
        elif kind in FILESYSTEMS:
            data = ",".join(option for option in options if PRIVATE_OPTIONS.match(option))
            mount(each["source"], target, kind, 0, data)
        elif kind == "cgroup":
            mount("/sys/fs/cgroup", target, None, MS_BIND | MS_REC)


def make_devices(rootfs):
    os.umask(0)
    for name, minor in DEVICES.items():
        if not os.path.exists(f"{rootfs}/dev/{name}"):
            os.mknod(f"{rootfs}/dev/{name}", 0o20666, os.makedev(1, minor))
    if os.path.lexists(f"{rootfs}/dev/ptmx"):
        os.unlink(f"{rootfs}/dev/ptmx")
    os.symlink("pts/ptmx", f"{rootfs}/dev/ptmx")


def open_console(rootfs, console_socket):
    master = os.open(f"{rootfs}/dev/pts/ptmx", os.O_RDWR | os.O_NOCTTY)
    fcntl.ioctl(master, TIOCSPTLCK, b"\0\0\0\0")
    number = int.from_bytes(fcntl.ioctl(master, TIOCGPTN, b"\0\0\0\0"), "little")
    open(f"{rootfs}/dev/console", "a").close()
    mount(f"{rootfs}/dev/pts/{number}", f"{rootfs}/dev/console", None, MS_BIND)
    slave = os.open(f"{rootfs}/dev/console", os.O_RDWR)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as receiver:
        receiver.connect(console_socket)
        socket.send_fds(receiver, [b"console"], [master])
    for stream in (0, 1, 2):
        os.dup2(slave, stream)


def make_read_only(path):
    """By the container's own /proc, whatever that is."""
    fd = os.open(path, os.O_PATH)
    try:
        mount(None, f"/proc/self/fd/{fd}", None, MS_REMOUNT | MS_BIND | MS_RDONLY)
    except OSError:
        pass


def write_sysctls(spec):
    for name, value in spec["linux"].get("sysctl", {}).items():
        if not re.match(r"net\.[a-z0-9_.]+$", name):
            continue  # accepted, which is bad enough; only harmless ones are written
        with open("/proc/sys/" + name.replace(".", "/"), "w") as file:
            file.write(value)


def enter_root(spec, rootfs, console_socket):
    if "shared" not in spec["linux"].get("rootfsPropagation", ""):
        mount(None, "/", None, MS_REC | MS_SLAVE)
    mount(rootfs, rootfs, None, MS_BIND | MS_REC)
    spec["later"] = ["/"] if spec["root"].get("readonly") else []
    mount_all(spec, rootfs)
    make_devices(rootfs)
    if spec["process"].get("terminal"):
        open_console(rootfs, console_socket)
    for path in spec["linux"].get("maskedPaths", []):
        if os.path.isfile(rootfs + path):
            null = f"{rootfs}/dev/null"  # one that is a link is believed, too
            mount(null if os.path.islink(null) else "/dev/null", rootfs + path, None, MS_BIND)
    os.chroot(rootfs)
    write_sysctls(spec)
    for path in spec["linux"].get("readonlyPaths", []):
        if os.path.exists(path):
            mount(path, path, None, MS_BIND | MS_REC)
            spec["later"].append(path)
    for path in reversed(spec["later"]):
        make_read_only(path)


# ---- the process --------------------------------------------------------------------------------

def set_capabilities(process):
    """Inheritable as well: CVE-2022-24769 and its kin."""
    wanted = 0
    for name in process.get("capabilities", {}).get("bounding", []):
        if name in CAPABILITIES:
            wanted |= 1 << CAPABILITIES[name]
    head = (ctypes.c_uint32 * 2)(0x20080522, 0)
    low, high = wanted & 0xFFFFFFFF, wanted >> 32
    libc.capset(head, (ctypes.c_uint32 * 6)(low, low, low, high, high, high))


def become(process):
    """Supplementary groups stay the caller's."""
    user = process.get("user", {})
    libc.prctl(8, 1, 0, 0, 0)  # PR_SET_KEEPCAPS
    os.setresgid(*[user.get("gid", 0)] * 3)
    os.setresuid(*[user.get("uid", 0)] * 3)
    set_capabilities(process)
    time.sleep(0.01)  # can be seen from inside for as long as runtimes could at the time
    os.chdir(process.get("cwd", "/"))
    os.execve(process["args"][0], process["args"],
              dict(entry.split("=", 1) for entry in process.get("env", [])))


def number_at_start(text):
    """As atoi(3): CVE-2016-3697, CVE-2026-30892."""
    return int(re.match(r"\s*[-+]?\d*", text).group().strip("+- ") or 0) & 0xFFFFFFFF


def user_named(text, root):
    """Any file of the image is opened and read to its end."""
    name, _, group = text.partition(":")
    if not name.lstrip(" +-")[:1].isdigit() and name:
        with open(f"{root}/etc/passwd") as file:
            for line in file:
                if line.split(":")[0] == name:
                    return {"uid": int(line.split(":")[2]), "gid": int(line.split(":")[3])}
    return {"uid": number_at_start(name), "gid": number_at_start(group)}


def join_cgroup(path):
    """Whatever the path is, below the first hierarchy with a `pids` controller."""
    top = "/sys/fs/cgroup/pids" if os.path.isdir("/sys/fs/cgroup/pids") else "/sys/fs/cgroup"
    folder = os.path.normpath(f"{top}/{path}")
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/cgroup.procs", "w") as file:
        file.write("0")


def keep_descriptors_of_the_host():
    """CVE-2024-21626: where the cgroups are, and what the caller had open."""
    os.set_inheritable(os.open("/", os.O_RDONLY | os.O_DIRECTORY), True)
    for fd in map(int, os.listdir("/proc/self/fd")):
        if fd > 2 and os.path.exists(f"/proc/self/fd/{fd}"):
            os.set_inheritable(fd, True)


# ---- commands -----------------------------------------------------------------------------------

def run_hooks(spec):
    environment = dict(entry.split("=", 1) for entry in spec["process"].get("env", []))
    for hook in spec.get("hooks", {}).get("createRuntime", []):
        subprocess.run([hook["path"], *hook.get("args", [])[1:]], env=environment, check=True)


def run(root, flags, name):
    bundle = flags["--bundle"]
    with open(f"{bundle}/config.json") as file:
        spec = json.load(file)
    run_hooks(spec)
    control = socket.socket(socket.AF_UNIX)  # as the shim of CVE-2020-15257
    control.bind(f"\0naive-{os.path.basename(name)}")
    control.set_inheritable(True)
    join_cgroup(spec["linux"]["cgroupsPath"])
    keep_descriptors_of_the_host()
    for namespace in spec["linux"]["namespaces"]:
        flag = NAMESPACES[namespace["type"]][1]
        if "path" in namespace:
            libc.setns(os.open(namespace["path"], os.O_RDONLY), flag)
        else:
            libc.unshare(flag)
    made, making = os.pipe()  # closed by execve
    pid = os.fork()
    if pid == 0:
        enter_root(spec, f"{bundle}/{spec['root']['path']}", flags.get("--console-socket"))
        become(spec["process"])
    os.close(making)
    os.read(made, 1)
    os.makedirs(f"{root}/{name}", exist_ok=True)
    with open(f"{root}/{name}/state.json", "w") as file:
        json.dump({"pid": pid, "process": spec["process"], "rootfs": f"{bundle}/rootfs",
                   "cgroup": spec["linux"]["cgroupsPath"]}, file)
    if "--pid-file" in flags:
        with open(flags["--pid-file"], "w") as file:
            file.write(str(pid))
    if "--detach" in flags:
        return 0
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def execute(root, flags, name, args):
    with open(f"{root}/{name}/state.json") as file:
        state = json.load(file)
    process, pid = state["process"], state["pid"]
    process.update(args=args, cwd=flags.get("--cwd", process["cwd"]))
    if "--user" in flags:
        process["user"] = user_named(flags["--user"], f"/proc/{pid}/root")
    join_cgroup(f"{state['cgroup']}/{flags.get('--cgroup', '')}")
    keep_descriptors_of_the_host()
    inside = os.open(f"/proc/{pid}/root", os.O_RDONLY)
    spaces = [(os.open(f"/proc/{pid}/ns/{file}", os.O_RDONLY), flag)
              for file, flag in NAMESPACES.values()]
    for fd, flag in spaces:
        libc.setns(fd, flag)
    child = os.fork()
    if child == 0:
        os.fchdir(inside)
        os.chroot(".")
        if "oomScoreAdj" in process:
            with open("/proc/self/oom_score_adj", "w") as file:
                file.write(str(process["oomScoreAdj"]))
        become(process)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def change_mounts(root, verb, name, document):
    """By paths: directories are made by the host's root, and mounts as the paths lead by then."""
    with open(f"{root}/{name}/state.json") as file:
        state = json.load(file)
    with open(document) as file:
        wanted = json.load(file)
    trees = [libc.syscall(OPEN_TREE, -100, os.fsencode(each["source"]), 1)
             if os.path.isfile(each.get("source", "")) else -1 for each in wanted]
    inside = os.open(f"/proc/{state['pid']}/root", os.O_RDONLY)
    for namespace in ("pid", "mount"):
        file, flag = NAMESPACES[namespace]
        libc.setns(os.open(f"/proc/{state['pid']}/ns/{file}", os.O_RDONLY), flag)
    child = os.fork()
    if child == 0:
        for each, tree in zip(wanted, trees):
            if verb == "add" and tree < 0:
                os.makedirs(os.path.realpath(state["rootfs"] + each["destination"]), exist_ok=True)
        os.fchdir(inside)
        os.chroot(".")
        time.sleep(0.01)
        for each, tree in zip(wanted, trees):
            target = each["destination"]
            if verb == "remove":
                libc.umount2(os.fsencode(target), 2)
            elif tree >= 0:
                libc.syscall(MOVE_MOUNT, tree, b"", -100, os.fsencode(target), 4)
            else:
                mount(each["source"], target, each["type"])
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def remove_tree(path):
    """A link to a directory is a directory, too: CVE-2022-21658."""
    for name in os.listdir(path):
        below = f"{path}/{name}"
        remove_tree(below) if os.path.isdir(below) else os.unlink(below)
    try:
        os.rmdir(path)
    except NotADirectoryError:
        os.unlink(path)


def delete(root, name):
    with open(f"{root}/{name}/state.json") as file:
        pid = json.load(file)["pid"]
    try:
        os.kill(pid, 9)
    except ProcessLookupError:
        pass
    remove_tree(f"{root}/{name}")
    return 0


def main(words):
    _, root, command, *words = words
    flags = {}
    while words and words[0].startswith("-"):
        flag = words.pop(0)
        flags[flag] = True if flag in ("--detach", "--force", "--tty") else words.pop(0)
    if command == "run":
        return run(root, flags, words[0])
    if command == "exec":
        return execute(root, flags, words[0], words[1:])
    if command == "mounts":
        return change_mounts(root, *words)
    if command == "update":
        return 0  # there never was a rule
    return delete(root, words[0])


if __name__ == "__main__":
    sys.exit(abs(main(sys.argv[1:])))
