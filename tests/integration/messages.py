"""What brig says when something is wrong: every exact text the tests expect, in one place.

The grammar is docs/architecture.md's: outermost frame first, a present-tense action and its
object, lower case, no full stop; a configuration error begins with config.json:LINE:COLUMN and
the JSON path. Words that engines look for are kept as they are ("does not exist", "container not
running", "executable file not found in $PATH", Go's lower-case errno texts).
"""

import os
import re

from harness.position import steps  # noqa: F401 (tests take paths apart with it)


def said(command, container, text):
    return f"brig: {command} '{container}': {text}"


def config_error(bundle, command, *findings):
    """`findings`: (JSON path, text) pairs, all of which are reported, in order."""
    lines = [f"config.json:{bundle.position(path)}: {path}: {text}" for path, text in findings]
    return said(command, bundle.id, "\n".join(lines))


def pattern(command, container, expression):
    return re.compile(rf"brig: {command} '{re.escape(container)}': {expression}", re.DOTALL)


# ---- containers and their states ---------------------------------------------------------------
DOES_NOT_EXIST = "container does not exist"
ALREADY_EXISTS = "container with given ID already exists"
NOT_RUNNING = "container not running"
START_RUNNING = "cannot start an already running container"
START_STOPPED = "cannot start a container that has stopped"
ALREADY_PAUSED = "container not running: it is paused already"
NOT_PAUSED = "container not paused"
NO_CGROUP_TO_ASK = "the container has no cgroup that would tell its processes"
DELETE_RUNNING = "cannot delete container {id} that is not stopped: running"
UNKNOWN_SIGNAL = 'unknown signal "{signal}"'
PICKED_ID = re.compile(r"brig: container '(?P<id>[A-Za-z0-9_+.-]+)'")


def damaged_state(command, bundle):
    return pattern(command, bundle.id, r"state\.json: \d+:\d+: .+")


# ---- the command line ---------------------------------------------------------------------------
ID_EMPTY = "container id cannot be empty"
ID_CHARACTERS = ("invalid container id format: '{id}': use letters, digits and _ + - . and do not "
                 "start with a dot")
ID_TOO_LONG = "invalid container id format: {length} bytes long, at most 255 are allowed"
UNKNOWN_COMMAND = "brig: unknown command '{word}'"
UNKNOWN_OPTION = "brig: {command}: unknown option '{word}'"
NEEDS_VALUE = "brig: {command}: flag needs an argument: {word}"
WRONG_COUNT = "brig: {command}: requires {bound} argument(s): {operands}"
INVALID_LOG_FORMAT = "brig: invalid log-format: {word} (known: text, json)"
INTERVAL_NOT_POSITIVE = "duration interval must be greater than 0"
INTERVAL_NO_DURATION = ("invalid value for --interval: '{word}' is not a duration such as 5s, 500ms "
                        "or 1m30s")
ROOT_IS_SLASH = "brig: option --root argument should not be set to /"

# ---- reading the bundle -------------------------------------------------------------------------
NO_CONFIG = "open config.json: no such file or directory (ENOENT)"
NO_ROOTFS = "root.path: stat rootfs: no such file or directory (ENOENT)"
ROOTFS_IS_FILE = "root.path: 'rootfs' is not a directory"
ROOTFS_IS_LINK = "root.path: 'rootfs' is a symbolic link: name the directory itself"


def no_bundle(path):
    return f"bundle: open {path}: no such file or directory (ENOENT)"


def absolute(path):
    return f"expected an absolute path, got '{path}'"


def needs_namespace(kind, new=""):
    article = "an" if kind == "ipc" else "a"
    return f"needs {article} {new}{kind} namespace in linux.namespaces"


NO_ADDITIONAL_GROUPS = ("config.json:{where}: process.user: additionalGids: cannot set any additional "
                        "groups in a rootless container: its user namespace denies setgroups")
KEPT_GROUPS = ("config.json:{where}: process.user: additionalGids: cannot be set where the caller's "
               "groups are kept (annotation run.oci.keep_original_groups)")
SETGROUPS_DENIED = "set 1 additional groups: the user namespace denies setgroups"
NO_HELPER = ("linux.{map}Mappings: to map other ids than your own takes new{map}map, which is not "
             "installed (on Debian: apt install uidmap)")
UNMAPPED_USER = ("set the user to {uid}: it is not mapped in the container's user namespace: "
                 "setresuid {uid}: invalid argument (EINVAL)")


def filesystem_option(bundle, path, kind, option):
    name = option.split("=")[0]
    return said("create", bundle.id, f"{path}: mount {kind} on /mnt: option '{option}': {kind}: "
                                     f"Unknown parameter '{name}': invalid argument (EINVAL)")


def unknown_filesystem(bundle, path, kind):
    return said("create", bundle.id, f"{path}: mount {kind} on /mnt: fsopen {kind}: "
                                     "no such device (ENODEV)")


def missing_source(bundle, path, source):
    return said("create", bundle.id, f"{path}: bind {source}: open_tree {source}: "
                                     "no such file or directory (ENOENT)")


def rlimit_refused(bundle, name, soft, hard, here):
    return said("create", bundle.id, f"set {name} to {soft}:{hard}: the hard limit here is {here} and "
                                     "raising it needs CAP_SYS_RESOURCE: prlimit: "
                                     "operation not permitted (EPERM)")


# ---- running the program ------------------------------------------------------------------------
NOT_IN_PATH = 'exec: "{program}": executable file not found in $PATH'
NO_SUCH_PROGRAM = 'exec: "{program}": stat {program}: no such file or directory'
NOT_EXECUTABLE = 'exec: "{program}": permission denied'
IS_A_DIRECTORY = ('exec: "{program}": permission denied: the path `{program}` is not a regular file: '
                  "Operation not permitted")
BELOW_A_FILE = 'exec: "{program}": not a directory'
LINK_LOOP = 'exec: "{program}": too many levels of symbolic links'
BAD_FORMAT = 'exec: "{program}": exec format error (ENOEXEC)'
NO_INTERPRETER = ('exec: "{program}": no such file or directory (ENOENT): it needs the interpreter '
                  "'{interpreter}', which is not there; put it into the root file system, for a "
                  "dynamic executable with its libraries")
NO_PROGRAM = BAD_FORMAT + (": it is neither a program nor a script that says #! and by whom; begin a "
                           "shell script with #!/bin/sh")
EMPTY_PROGRAM = BAD_FORMAT + ": it is an empty file; copy the program again"
OTHER_MACHINE = BAD_FORMAT + (": it is a program for {machine}, and this machine is amd64; take an "
                              "image of this platform, or install an emulator (qemu-user-binfmt)")

# ---- exec ---------------------------------------------------------------------------------------
EXEC_STOPPED = "cannot exec in a stopped container"
EXEC_PAUSED = "cannot exec in a paused container (use --ignore-paused to override)"
EXEC_NO_PROGRAM = "exec: no program to run"
EXEC_NO_USER = "--user: no user '{name}' in the container's /etc/passwd, and not a number"
EXEC_NO_GROUP = "--user: no group '{name}' in the container's /etc/group, and not a number"
EXEC_NO_CAPABILITY = "--cap: unknown capability '{name}'"
EXEC_NO_GROUP_ID = "--additional-gids: '{name}' is not a group id"
EXEC_RELATIVE_CWD = "--cwd: expected an absolute path, got 'relative'"
EXEC_NO_CWD = ('chdir to cwd ("/nowhere") set in config.json failed: chdir /nowhere: no such file or '
               "directory (ENOENT)")
EXEC_BAD_CGROUP = "--cgroup: 'a:b:c': the container has no such cgroup"
EXEC_NO_CONTROLLER = "--cgroup: 'nosuch:/inner': the container has no such cgroup"
EXEC_NO_FILE = "--process: open /nowhere: no such file or directory (ENOENT)"
EXEC_NO_CGROUP = r"join the container's cgroup: open /sys/fs/cgroup/.*{path}.*: no such file or directory \(ENOENT\)"
EXEC_CGROUP_ESCAPE = "--cgroup: '{path}' leads out of the container's cgroup"

# ---- labels -------------------------------------------------------------------------------------
NO_MODULE = "{member}: {module} is not enabled on this host; leave the label out"
UNKNOWN_PROFILE = "set the label 'exec brig-nowhere': no such file or directory (ENOENT)"

# ---- seccomp ------------------------------------------------------------------------------------
SET_USER = "set the user to 1000: setresuid 1000: operation not permitted (EPERM)"
SET_GROUP = "set the group to 1000: setresgid 1000: operation not permitted (EPERM)"
SET_GROUPS = "set 0 additional groups: setgroups: operation not permitted (EPERM)"
SET_CAPABILITIES = "set the capabilities: capset: operation not permitted (EPERM)"
EXEC_FORBIDDEN = 'exec: "/bin/true": operation not permitted (EPERM)'
RULES_CONTRADICT = ("linux.seccomp: compile the seccomp profile: syscalls: two rules for sync have "
                    "the same conditions and different actions")
NO_AGENT = ("linux.seccomp.listenerPath: connect to {path}: no such file or directory (ENOENT)")

# ---- mounts -------------------------------------------------------------------------------------


def link_as_target(bundle, index, destination, kind):
    name = destination.lstrip("/")
    return said("create", bundle.id, f"mounts[{index}]: mount {kind} on {destination}: openat2 {name}: "
                                     "too many levels of symbolic links (ELOOP)")


def covers_proc(bundle, index, destination):
    path = os.path.normpath(destination)
    return config_error(bundle, "create", (f"mounts[{index}].destination", (
        "only procfs can be mounted on /proc" if path == "/proc" else
        f"{path} is inside procfs and must not be covered")))


def file_on_a_directory(bundle, index, target):
    return said("create", bundle.id, f"mounts[{index}]: bind mount on {target}: put a file on a "
                                     "directory: not a directory (ENOTDIR)")


def not_the_device(bundle, index, path, numbers):
    return said("create", bundle.id, f"linux.devices[{index}]: make device {path}: {path} exists and "
                                     f"is not the device {numbers}")


# ---- the process --------------------------------------------------------------------------------

def missing_sysctl(bundle, name):
    path = name.replace(".", "/")
    return said("create", bundle.id, f"linux.sysctl: set sysctl {name} to '1': openat2 sys/{path}: "
                                     "no such file or directory (ENOENT)")


def bad_cwd(bundle, directory, why):
    return said("create", bundle.id, f'chdir to cwd ("{directory}") set in config.json failed: '
                                     f"chdir {directory}: {why}")


# ---- terminals and descriptors ------------------------------------------------------------------

NEEDS_CONSOLE_SOCKET = "cannot allocate tty if brig will detach without setting console socket"
NEEDS_TERMINAL = "cannot use console socket if brig will not detach or allocate tty"


def no_console_socket(bundle, path):
    return said("create", bundle.id, f"console socket: connect to {path}: "
                                     "no such file or directory (ENOENT)")


def no_pidfd_socket(bundle, path):
    return said("create", bundle.id, f"pidfd socket: connect to {path}: "
                                     "no such file or directory (ENOENT)")


def bad_pid_file(bundle, path):
    return said("create", bundle.id, f"pid file: open {os.path.dirname(path)}/: "
                                     "no such file or directory (ENOENT)")


def no_notify_host(path):
    return f"NOTIFY_SOCKET: send to {path}: sendmsg: no such file or directory (ENOENT)"


# ---- cgroups ------------------------------------------------------------------------------------
NO_CGROUP = "linux.cgroupsPath: the container has no cgroup of its own: {why}"


def limit_of_a_domain(field, file, folder):
    return (f"{field}: {file}: the {file.split('.')[0]} controller does not work in threaded "
            f"cgroups, and {folder} is in a threaded subtree")


# ---- hooks --------------------------------------------------------------------------------------

def hook_failed(bundle, command, kind, path, how, output):
    said_by_hook = f": {output}" if output else ""
    return said(command, bundle.id, f"hooks.{kind}[0]: run {path}: {how}{said_by_hook}")


def hook_timed_out(bundle, kind, path, seconds):
    return said("create", bundle.id, f"hooks.{kind}[0]: run {path}: timed out after {seconds} s")


def hook_missing(bundle, kind, path):
    return said("create", bundle.id, f"hooks.{kind}[0]: run {path}: exec {path}: "
                                     "no such file or directory (ENOENT)")

# ---- systemd -------------------------------------------------------------------------------------
NO_SYSTEMD = ("the systemd cgroup manager: no systemd answers: connect to /run/systemd/private: no "
              "such file or directory (ENOENT); connect to /run/dbus/system_bus_socket: no such "
              "file or directory (ENOENT)")
NO_UNIT_PATH = ('expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups, got '
                '"{path}" instead')
NO_GVARIANT = "'{text}': '{text}' is no value"
UNIT_REFUSED = "start {unit} with systemd: {text}"
UNIT_JOB = ("start {unit} with systemd: the job ended with '{result}': journalctl -u {unit} may "
            "say why")
UNIT_LATE = ("wait for systemd to start {unit}: /run/systemd/private: connection timed out "
             "(ETIMEDOUT)")

CLOCK_OUT_OF_RANGE = ("enter a new time namespace: boottime + {seconds} s 0 ns: linux.timeOffsets: "
                      "write: numerical result out of range (ERANGE)")

# ---- check --------------------------------------------------------------------------------------
HOOK_MISSING = "access {path}: no such file or directory (ENOENT)"
HOOK_DENIED = "access {path}: permission denied (EACCES)"
HOOK_REMEDY = "install it on the host, or take the hook out"
SOURCE_REMEDY = "make it, or take the mount out"
FILESYSTEM_REMEDY = ("load its module, or take the mount out; a directory of the host is mounted with "
                     "the option 'bind'")
PROGRAM_REMEDY = "name a program of the root file system, and set PATH in process.env"
DOUBT = "; what is mounted there, or a hook, may bring it"

# ---- devices of the host's network --------------------------------------------------------------
NO_SUCH_DEVICE = "linux.netDevices.missing: no such device on the host"
DEVICE_NAME_TAKEN = ("linux.netDevices.host0: the container's network namespace has a device "
                     "'{name}' already")
DEVICE_IS_FIXED = r"linux\.netDevices\.lo: move it: RTM_NEWLINK: .*: invalid argument \(EINVAL\)"

NO_SUCH_NODE = "linux.memoryPolicy: set_mempolicy: invalid argument (EINVAL)"

NO_RESCTRL = "linux.intelRdt: no resctrl file system is mounted at /sys/fs/resctrl"
NO_RESCTRL_GROUP = "the container has no group of resctrl"

NO_SUCH_DEADLINE = "process.scheduler: sched_setattr: invalid argument (EINVAL)"
NO_CLAMPS = "process.scheduler: sched_setattr: operation not supported (EOPNOTSUPP)"
NO_RT_BUDGET = "process.scheduler: sched_setattr: operation not permitted (EPERM)"
