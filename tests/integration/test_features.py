"""What the features document claims is true: each thing that it lists is accepted by create."""

import json

import pytest

from harness.spec import bind, namespaces


@pytest.fixture
def features(bundle):
    return json.loads(bundle.runtime.bare("features").ok().stdout)


def accepted(bundle, changes):
    bundle.configure({"process.args": ["/bin/true"], **changes})
    bundle.create().ok()
    bundle.delete("--force").ok()


def seccomp(**more):
    return {"linux.seccomp": {"defaultAction": "SCMP_ACT_ALLOW", **more}}


def test_the_versions_are_accepted(bundle, features):
    accepted(bundle, {"ociVersion": features["ociVersionMin"]})
    accepted(bundle, {"ociVersion": features["ociVersionMax"]})
    as_numbers = [tuple(map(int, features[name].split(".")))
                  for name in ("ociVersionMin", "ociVersionMax")]
    assert as_numbers == sorted(as_numbers)


def test_the_hooks_are_run(bundle, features):
    bundle.file("rootfs/ran")
    hooks = {kind: [{"path": "/bin/sh", "args": ["sh", "-c", f"echo {kind} >>{bundle.rootfs}/ran"]}]
             for kind in features["hooks"] if kind != "startContainer"}
    hooks["startContainer"] = [{"path": "/bin/sh",
                                "args": ["sh", "-c", "echo startContainer >>/ran"]}]
    bundle.configure({"process.args": ["/bin/true"], "hooks": hooks, "root.readonly": False})
    bundle.run().ok()
    with open(f"{bundle.rootfs}/ran") as file:
        assert sorted(file.read().split()) == sorted(features["hooks"])


# `idmap` and `ridmap` need a mapping; `remount` needs what is there.
SPECIAL_OPTIONS = {"idmap", "ridmap", "remount"}


def test_the_mount_options_are_recognised(bundle, features):
    source = bundle.folder("volume")
    options = sorted(set(features["mountOptions"]) - SPECIAL_OPTIONS)
    assert len(options) > 50
    accepted(bundle, {"mounts+": [bind(source, f"/mnt/{option}", option) for option in options
                                  if option != "tmpcopyup"]})
    accepted(bundle, {"mounts+": [{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs",
                                   "options": ["tmpcopyup"]}]})


def test_no_mount_option_is_one_of_a_filesystem(features):
    assert set(features["mountOptions"]) & {"mode", "size", "uid", "gid", "data", "nr_inodes"} == set()


def test_the_namespaces_are_recognised(bundle, features):
    of_its_own = {"user"}
    wanted = [kind for kind in features["linux"]["namespaces"] if kind not in of_its_own]
    accepted(bundle, {"linux.namespaces": namespaces(*wanted)})
    ids = [{"containerID": 0, "hostID": 0, "size": 65536}]
    accepted(bundle, {"linux.namespaces": namespaces(*features["linux"]["namespaces"]),
                      "linux.uidMappings": ids, "linux.gidMappings": ids})


def test_the_capabilities_are_recognised(bundle, features):
    every = features["linux"]["capabilities"]
    bundle.configure({"process.args": ["/bin/true"], "process.capabilities": dict.fromkeys(
        ("bounding", "permitted", "effective", "inheritable", "ambient"), every)})
    log = f"{bundle.path}/log"
    bundle.call("--log", log, "--log-level", "warn", "run", "--bundle", bundle.path,
                bundle.id).exits(0)
    with open(log) as file:
        assert "unknown capability" not in file.read()


CALLS = ["sync", "syncfs", "acct", "vhangup", "quotactl", "swapon", "swapoff", "reboot",
         "sethostname", "setdomainname", "nfsservctl"]


def rules(of_each):
    """A profile with a rule for each, of a call of its own."""
    return seccomp(syscalls=[{"names": [call], **rule} for call, rule in zip(CALLS, of_each,
                                                                           strict=False)])


def test_the_seccomp_actions_are_recognised(bundle, features):
    actions = set(features["linux"]["seccomp"]["actions"]) - {"SCMP_ACT_ALLOW"}
    # An agent must listen: test_seccomp_agent.py.
    accepted(bundle, rules([{"action": action} for action in sorted(actions - {"SCMP_ACT_NOTIFY"})]))
    accepted(bundle, seccomp(defaultAction="SCMP_ACT_LOG", syscalls=[
        {"names": ["read"], "action": "SCMP_ACT_ALLOW"}]))


def test_the_seccomp_operators_are_recognised(bundle, features):
    accepted(bundle, rules([
        {"action": "SCMP_ACT_ERRNO",
         "args": [{"index": 0, "value": 1, "valueTwo": 1, "op": operator}]}
        for operator in features["linux"]["seccomp"]["operators"]]))


def test_the_seccomp_architectures_are_recognised(bundle, features):
    """Those of the other byte order libseccomp cannot filter here, which is said by name."""
    for arch in features["linux"]["seccomp"]["archs"]:
        bundle.configure(seccomp(architectures=["SCMP_ARCH_X86_64", arch]))
        created = bundle.create()
        if created.status == 0:
            bundle.delete("--force").ok()
        else:
            assert created.stderr.endswith(f"libseccomp cannot filter {arch} here\n")


def test_the_seccomp_flags_are_recognised(bundle, features):
    known = features["linux"]["seccomp"]
    assert set(known["supportedFlags"]) <= set(known["knownFlags"])
    for flag in known["knownFlags"]:
        accepted(bundle, seccomp(flags=[flag]))
