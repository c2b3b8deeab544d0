"""What brig says when something is wrong: every exact text the tests expect, in one place.

The grammar is docs/architecture.md's: outermost frame first, a present-tense action and its
object, lower case, no full stop; a configuration error begins with config.json:LINE:COLUMN and
the JSON path. Words that engines look for are kept as they are ("does not exist", "container not
running", "executable file not found in $PATH", Go's lower-case errno texts).
"""

import re


def said(command, container, text):
    return f"brig: {command} '{container}': {text}"


def config_error(bundle, command, value, path, text):
    """`value`: the JSON text whose first byte the position names, as it stands in config.json."""
    position = bundle.position(value)
    return said(command, bundle.id, f"config.json:{position}: {path}: {text}")


# ---- containers and their states ---------------------------------------------------------------
DOES_NOT_EXIST = "container does not exist"
ALREADY_EXISTS = "container with given ID already exists"
NOT_RUNNING = "container not running"
START_RUNNING = "container is running, not created"
START_STOPPED = "container is stopped, not created"
DELETE_RUNNING = "container is running: stop it first, or use --force"
UNKNOWN_SIGNAL = "unknown signal '{signal}'"
PICKED_ID = re.compile(r"brig: container '(?P<id>[A-Za-z0-9_+.-]+)'")


def damaged_state(command, bundle):
    return re.compile(rf"brig: {command} '{bundle.id}': read the state: .+")


# ---- the command line ---------------------------------------------------------------------------
ID_EMPTY = "brig: container id is empty"
ID_CHARACTERS = "brig: container id '{id}': only letters, digits and '_+-.' are allowed"
ID_RELATIVE = "brig: container id '{id}' names a directory"
ID_TOO_LONG = "brig: container id has {length} characters, more than 1024"
UNKNOWN_COMMAND = "brig: unknown command '{word}'"
UNKNOWN_OPTION = "brig: {command}: unknown option '{word}'"
OPTION_NEEDS_VALUE = "brig: {command}: option '{word}' requires an argument"
WRONG_COUNT = 'brig: "{command}" requires exactly {count} argument(s)'
INVALID_LOG_FORMAT = "brig: invalid log-format: {word}"
ROOT_IS_SLASH = "brig: option --root should not be set to /"

# ---- reading the bundle -------------------------------------------------------------------------
NO_CONFIG = "open config.json: no such file or directory (ENOENT)"
NO_ROOTFS = "root.path: rootfs: no such file or directory (ENOENT)"
ROOTFS_IS_FILE = "root.path: rootfs: not a directory (ENOTDIR)"
ROOTFS_IS_LINK = "root.path: rootfs is a symbolic link"

# ---- running the program ------------------------------------------------------------------------
NOT_IN_PATH = 'exec: "{program}": executable file not found in $PATH'
NO_SUCH_PROGRAM = 'exec: "{program}": stat {program}: no such file or directory'
NOT_EXECUTABLE = 'exec: "{program}": permission denied'
IS_A_DIRECTORY = 'exec: "{program}": is a directory'
BAD_FORMAT = 'exec: "{program}": exec format error'
NO_INTERPRETER = 'exec: "{program}": no such file or directory'
