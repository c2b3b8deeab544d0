"""What is wrong with a bundle is said exactly: file, line, column, JSON path, and why.

Each row is one fault in an otherwise good config.json. `create` must refuse it, say just that,
and leave nothing.
"""

import json
import os
import resource

import pytest

import messages as m
from harness import host
from harness.spec import USER_NAMESPACE, bind, mount, namespaces, spec_with

pytestmark = pytest.mark.sanitize

TYPES = [  # the value, the path, what it should be
    ("process.args", "sh", "process.args", "expected an array, got a string"),
    ("process.args", ["sh", 1], "process.args[1]", "expected a string, got an integer"),
    ("process.env", [None], "process.env[0]", "expected a string, got null"),
    ("process.terminal", "yes", "process.terminal", "expected a boolean, got a string"),
    ("process.user.uid", "0", "process.user.uid", "expected an integer, got a string"),
    ("process.user.uid", -1, "process.user.uid",
     "expected an integer from 0 to 4294967295, got -1"),
    ("process.user.uid", 2**32, "process.user.uid",
     "expected an integer from 0 to 4294967295, got 4294967296"),
    ("process.user.gid", 1.5, "process.user.gid",
     "expected an integer from 0 to 4294967295, got 1.5"),
    ("process.cwd", 7, "process.cwd", "expected a string, got an integer"),
    ("process.cwd", "/a\0b", "process.cwd", "contains a NUL byte"),
    ("process", [], "process", "expected an object, got an array"),
    ("root.path", True, "root.path", "expected a string, got a boolean"),
    ("root.readonly", 0, "root.readonly", "expected a boolean, got an integer"),
    ("hostname", ["x"], "hostname", "expected a string, got an array"),
    ("mounts", {}, "mounts", "expected an array, got an object"),
    ("mounts", [1], "mounts[0]", "expected an object, got an integer"),
    ("hooks", [], "hooks", "expected an object, got an array"),
    ("annotations", {"a": 1}, "annotations.a", "expected a string, got an integer"),
    ("annotations", {"a/b": 1}, 'annotations["a/b"]', "expected a string, got an integer"),
    ("linux", "x", "linux", "expected an object, got a string"),
    ("linux.namespaces", ["pid"], "linux.namespaces[0]", "expected an object, got a string"),
    ("linux.resources.memory", {"limit": "64m"}, "linux.resources.memory.limit",
     "expected an integer, got a string"),
    ("ociVersion", 1, "ociVersion", "expected a string, got an integer"),
]


@pytest.mark.parametrize("key, value, path, text", TYPES, ids=lambda v: str(v)[:40])
def test_a_value_of_the_wrong_type_is_refused(bundle, key, value, path, text):
    bundle.write_config(json.dumps(spec_with({key: value}), indent=2))
    bundle.create().fails(m.config_error(bundle, "create", (path, text)))


def rlimit(kind, soft, hard):
    return {"type": "RLIMIT_" + kind, "soft": soft, "hard": hard}


def with_namespaces(*kinds, **joined):
    return {"linux.namespaces": namespaces("pid", "mount", "uts", *kinds, **joined)}


ONE_ID = [{"containerID": 0, "hostID": 0, "size": 1}]
VALUES = [  # changes, JSON path, text
    ({"process.args": []}, "process.args", "must have at least one entry"),
    ({"process.cwd": "tmp"}, "process.cwd", m.absolute("tmp")),
    ({"process.env": ["PATH"]}, "process.env[0]", "expected NAME=VALUE, got 'PATH'"),
    ({"process.rlimits": [rlimit("FOO", 1, 1)]}, "process.rlimits[0].type",
     "unknown rlimit 'RLIMIT_FOO'"),
    ({"process.rlimits": 2 * [rlimit("NOFILE", 9, 9)]}, "process.rlimits[1].type",
     "duplicate rlimit 'RLIMIT_NOFILE'"),
    ({"process.rlimits": [rlimit("NOFILE", 9, 8)]}, "process.rlimits[0].soft",
     "9 exceeds the hard limit of 8"),
    ({"process.oomScoreAdj": 1001}, "process.oomScoreAdj",
     "expected an integer from -1000 to 1000, got 1001"),
    (with_namespaces("bogus"), "linux.namespaces[3].type", "unknown namespace 'bogus'"),
    (with_namespaces("net"), "linux.namespaces[3].type", "unknown namespace 'net'"),
    (with_namespaces("pid"), "linux.namespaces[3].type", "duplicate namespace 'pid'"),
    (with_namespaces(network="ns/net"), "linux.namespaces[3].path", m.absolute("ns/net")),
    ({"linux.namespaces": namespaces("pid", "mount")}, "hostname", m.needs_namespace("uts")),
    ({"linux.namespaces": namespaces("pid", "uts"), "linux.maskedPaths": [],
      "linux.readonlyPaths": [], "root.readonly": False}, "mounts", m.needs_namespace("mount")),
    ({"linux.namespaces+": namespaces("user"), "linux.gidMappings": ONE_ID}, "linux.uidMappings",
     "missing; a new user namespace needs it"),
    ({"linux.uidMappings": ONE_ID}, "linux.uidMappings", m.needs_namespace("user")),
    ({"linux.rootfsPropagation": "sideways"}, "linux.rootfsPropagation",
     "unknown propagation 'sideways'"),
    ({"linux.maskedPaths": ["proc/kcore"]}, "linux.maskedPaths[0]", m.absolute("proc/kcore")),
    ({"linux.readonlyPaths": [""]}, "linux.readonlyPaths[0]", m.absolute("")),
    ({"linux.devices": [{"path": "/dev/x", "type": "q", "major": 1, "minor": 3}]},
     "linux.devices[0].type", "unknown device type 'q'"),
    ({"linux.devices": [{"path": "dev/x", "type": "c", "major": 1, "minor": 3}]},
     "linux.devices[0].path", m.absolute("dev/x")),
    ({"linux.sysctl": {"vm.swappiness": "1"}}, 'linux.sysctl["vm.swappiness"]',
     "belongs to no namespace: it would change the host"),
    ({"linux.sysctl": {"net.ipv4.ip_forward": "1"}, **with_namespaces()},
     'linux.sysctl["net.ipv4.ip_forward"]', m.needs_namespace("network")),
    ({"linux.personality": {"domain": "BSD"}}, "linux.personality.domain",
     "unknown personality domain 'BSD'"),
    ({"linux.seccomp": {"defaultAction": "SCMP_ACT_MAYBE"}}, "linux.seccomp.defaultAction",
     "unknown action 'SCMP_ACT_MAYBE'"),
    ({"linux.seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_Z80"]}},
     "linux.seccomp.architectures[0]", "unknown architecture 'SCMP_ARCH_Z80'"),
    ({"linux.seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
        {"names": ["getpid"], "action": "SCMP_ACT_ALLOW", "errnoRet": 1}]}},
     "linux.seccomp.syscalls[0].errnoRet", "'SCMP_ACT_ALLOW' takes no errno"),
    ({"linux.cgroupsPath": "/../../escape"}, "linux.cgroupsPath", "must not contain '..'"),
    ({"hooks": {"createRuntime": [{"path": "bin/hook"}]}}, "hooks.createRuntime[0].path",
     m.absolute("bin/hook")),
    ({"hooks": {"poststop": [{"path": "/bin/hook", "timeout": 0}]}}, "hooks.poststop[0].timeout",
     "must be greater than 0, got 0"),
    ({"ociVersion": "2.0.0"}, "ociVersion", "version 2.0.0 is not supported, only 1.x is"),
    ({"ociVersion": "one"}, "ociVersion", "expected a version such as 1.3.0, got 'one'"),
]


@pytest.mark.parametrize("changes, path, text", VALUES,
                         ids=[f"{path}: {text}"[:60] for _, path, text in VALUES])
def test_a_value_the_specification_forbids_is_refused(bundle, changes, path, text):
    bundle.configure(changes)
    bundle.create().fails(m.config_error(bundle, "create", (path, text)))


MISSING = ["ociVersion", "root", "root.path", "mounts[0].destination", "linux.namespaces[0].type",
           "process.rlimits[0].hard"]


@pytest.mark.parametrize("path", MISSING)
def test_what_is_required_is_missed(bundle, path):
    spec = spec_with({"linux.cgroupsPath": bundle.cgroup})
    *above, last = m.steps(path)
    node = spec
    for step in above:
        node = node[step]
    del node[last]
    bundle.write_config(json.dumps(spec, indent=2))
    bundle.create().fails(m.config_error(bundle, "create", (path, "missing")))


def test_every_fault_is_reported_at_once(bundle):
    bundle.configure({"process.args": [], "process.cwd": "tmp", "process.user.uid": "0",
                      "linux.rootfsPropagation": "sideways"})
    said = bundle.create().exits(1).stderr
    for path in ("process.args", "process.cwd", "process.user.uid", "linux.rootfsPropagation"):
        assert f"config.json:{bundle.position(path)}: {path}: " in said


# ---- the file itself ----------------------------------------------------------------------------

WHOLE = json.dumps(spec_with(), indent=2)
TEXTS = [  # text, what is said after config.json
    ("", "1:1: empty file"),
    ("  \n ", "1:1: empty file"),
    (WHOLE[:len(WHOLE) // 2], None),
    ("[]", "1:1: expected an object, got an array"),
    ('"text"', "1:1: expected an object, got a string"),
    (WHOLE + "x", f"{WHOLE.count(chr(10)) + 1}:2: text after the end of the value"),
    ('{\n  "ociVersion": "1.0.0",\n}', "3:1: expected a member name in double quotes"),
    ('{\n  // why\n}', "2:3: expected a member name in double quotes"),
    ('{"a": "\xff"}', "1:8: invalid UTF-8"),
    ('{"a": 01}', "1:8: expected ',' or '}'"),
    ("[" * 200_000, "1:129: nested deeper than 128 levels"),
    ('{"a": 1e999999}', None),
]


@pytest.mark.parametrize("text, said", TEXTS, ids=[repr(text)[:30] for text, _ in TEXTS])
def test_a_file_that_is_not_a_configuration_is_refused(bundle, text, said):
    with open(f"{bundle.path}/config.json", "wb") as file:
        file.write(text.encode("latin-1"))
    outcome = bundle.create()
    if said is None:
        outcome.fails(m.pattern("create", bundle.id, r"config\.json:\d+:\d+: .+"))
    else:
        outcome.fails(m.said("create", bundle.id, f"config.json:{said}"))


def test_a_truncated_file_ends_where_it_says(bundle):
    bundle.write_config('{\n  "ociVersion": "1.0.0",\n  "process": {')
    bundle.create().fails(m.said("create", bundle.id, "config.json:3:15: unexpected end of file"))


def test_a_missing_configuration_is_named(bundle):
    bundle.create().fails(m.said("create", bundle.id, m.NO_CONFIG))


def test_a_missing_bundle_is_named(bundle):
    outcome = bundle.call("create", "--bundle", f"{bundle.path}/nowhere", bundle.id)
    outcome.fails(m.said("create", bundle.id, m.no_bundle(f"{bundle.path}/nowhere")))


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo], ids=["directory", "fifo"])
def test_a_configuration_that_is_no_file_is_refused_at_once(bundle, make):
    make(f"{bundle.path}/config.json")
    assert bundle.create().exits(1).stderr != ""


def test_unknown_fields_are_ignored_at_every_level(bundle):
    spec = spec_with({"x-top": {"a": [1]}, "process.x": 1, "root.x": None, "linux.x": {},
                      "linux.resources.x": 1, "process.user.x": "y",
                      "linux.cgroupsPath": bundle.cgroup})
    spec["mounts"][0]["x"] = 1
    bundle.write_config(json.dumps(spec))
    bundle.run().ok("")


# ---- the root filesystem ------------------------------------------------------------------------

def move_away(bundle):
    elsewhere = f"{bundle.path}/elsewhere"
    os.rename(bundle.rootfs, elsewhere)
    return elsewhere


def test_a_missing_rootfs_is_named(bundle):
    bundle.configure()
    move_away(bundle)
    bundle.create().fails(m.said("create", bundle.id, m.NO_ROOTFS))


def test_a_rootfs_that_is_a_file_is_refused(bundle):
    bundle.configure()
    move_away(bundle)
    bundle.file("rootfs")
    bundle.create().fails(m.said("create", bundle.id, m.ROOTFS_IS_FILE))


def test_a_rootfs_that_is_a_symlink_is_refused(bundle):
    bundle.configure()
    os.symlink(move_away(bundle), bundle.rootfs)
    bundle.create().fails(m.said("create", bundle.id, m.ROOTFS_IS_LINK))


# ---- what only the host can tell ----------------------------------------------------------------

JOINS = [
    ("network", "/etc/passwd", "/etc/passwd is not a namespace"),
    ("network", "/proc/self/ns/uts", "/proc/self/ns/uts is not a network namespace"),
    ("pid", "/proc/self/ns/net", "/proc/self/ns/net is not a pid namespace"),
    ("ipc", "/nowhere", "open /nowhere: no such file or directory (ENOENT)"),
    ("uts", "/tmp", "/tmp is not a namespace"),
]


@pytest.mark.parametrize("kind, path, text", JOINS, ids=[f"{kind} {path}" for kind, path, _ in JOINS])
def test_joining_what_is_not_that_namespace_is_refused(bundle, kind, path, text):
    others = [name for name in ("pid", "network", "ipc", "uts", "mount") if name != kind]
    bundle.configure({"linux.namespaces": namespaces(*others, **{kind: path})})
    place = "" if "no such file" in text else f"config.json:{bundle.position('linux.namespaces')}: "
    bundle.create().fails(m.said("create", bundle.id, f"{place}linux.namespaces: {kind}: {text}"))


@pytest.mark.parametrize("bad, text", [
    (bind("/tmp", "/mnt", "rx"), "unknown option 'rx' for a bind mount"),
    (bind("/tmp", "/mnt", "ro", "size=1m"), "unknown option 'size' for a bind mount")],
    ids=["rx", "size"])
def test_an_unknown_option_of_a_bind_mount_is_named(bundle, bad, text):
    bundle.configure({"mounts+": [bad]})
    bundle.create().fails(m.config_error(bundle, "create", ("mounts[7].options", text)))


@pytest.mark.parametrize("kind", ["tmpfs", "proc", "sysfs", "devpts", "mqueue"])
def test_an_option_the_filesystem_does_not_know_is_named(bundle, kind):
    bundle.configure({"mounts+": [mount("/mnt", kind, kind, "bogus=1")]})
    bundle.create().fails(m.filesystem_option(bundle, "mounts[7]", kind, "bogus=1"))


def test_an_unknown_filesystem_is_named(bundle):
    bundle.configure({"mounts+": [mount("/mnt", "nosuchfs", "none")]})
    bundle.create().fails(m.unknown_filesystem(bundle, "mounts[7]", "nosuchfs"))


def test_a_bind_source_that_is_missing_is_named(bundle):
    bundle.configure({"mounts+": [bind("/nowhere/at/all", "/mnt")]})
    bundle.create().fails(m.missing_source(bundle, "mounts[7]", "/nowhere/at/all"))


@pytest.mark.skipif(host.has_capability(24), reason="root can raise hard limits here")
def test_a_hard_limit_that_cannot_be_raised_is_named(bundle):
    bundle.configure({"process.rlimits": [rlimit("NPROC", 2**40, 2**40)]})
    here = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    bundle.create().fails(m.rlimit_refused(bundle, "RLIMIT_NPROC", 2**40, 2**40, here))


def test_ids_outside_the_mapping_are_refused(mapped_bundle):
    mapped_bundle.configure({**USER_NAMESPACE, "linux.namespaces+": namespaces("user"),
                             "process.user": {"uid": 70000, "gid": 0}})
    mapped_bundle.create().fails(m.said("create", mapped_bundle.id, m.UNMAPPED_USER.format(uid=70000)))
