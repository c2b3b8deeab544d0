"""nerdctl: containerd's shim (test_containerd.py) with the network in hooks of its own."""

import os

import pytest

import golang
from engine import read
from harness.fake_systemd import SLICE
from harness.spec import shell

SLEEPER = {"process.args": ["/bin/sleep", "1000"]}
ANNOTATIONS = {"nerdctl/state-dir": "/var/lib/nerdctl/1", "nerdctl/networks": '["bridge"]'}


@pytest.fixture
def hooked(bundle):
    """hooked(create, post): a configuration with both hooks, as shell scripts."""
    def configure(create="true", post="true", changes=None):
        hooks = {}
        for kind, script in (("createRuntime", create), ("poststop", post)):
            hooks[kind] = [{"path": "/bin/busybox", "env": ["PATH=/usr/bin:/bin", "OWN=1"],
                            "args": ["sh", "-c", script, "nerdctl", "internal", "oci-hook", kind]}]
        bundle.configure({**SLEEPER, "hooks": hooks, "annotations": ANNOTATIONS, **(changes or {})})
        return bundle
    return configure


def test_hook_gets_the_state(hooked, bundle):
    """What it configures the network by: id, pid, bundle and annotations, on stdin."""
    hooked(create=f"cat >{bundle.path}/stdin; echo $OWN >{bundle.path}/own")
    bundle.create().ok("")
    state = golang.unmarshal(read(bundle.path + "/stdin"))
    assert (state["id"], state["pid"], state["bundle"]) == (bundle.id, bundle.pid, bundle.path)
    assert state["annotations"] == ANNOTATIONS and read(bundle.path + "/own") == "1\n"


def test_hook_that_fails_fails_create(hooked, bundle):
    """With its own words in the error."""
    hooked(create="echo address in use >&2; exit 1")
    outcome = bundle.create().exits(1)
    assert "address in use" in outcome.stderr


def test_poststop_after_a_failed_create(hooked, bundle):
    """Issue 3355: what createRuntime had allocated is freed."""
    hooked(post=f"echo ran >>{bundle.path}/post",
           changes={"process.args": ["/no/such"]})
    bundle.create().exits(1)
    assert read(bundle.path + "/post") == "ran\n"


def test_poststop_at_delete(hooked, bundle):
    hooked(post=f"cat >>{bundle.path}/post", changes=shell("exit 0"))
    bundle.create().ok("")
    bundle.start().ok("")
    bundle.end()
    assert not os.path.exists(bundle.path + "/post")
    bundle.delete().ok("")
    state = golang.unmarshal(read(bundle.path + "/post"))
    assert (state["status"], state["annotations"]) == ("stopped", ANNOTATIONS)


def test_poststop_at_delete_by_force(hooked, bundle):
    hooked(post=f"echo ran >>{bundle.path}/post")
    bundle.create().ok("")
    bundle.delete("--force").ok("")
    assert read(bundle.path + "/post") == "ran\n"


def test_version(bundle):
    """`nerdctl info`: three fields in the first line."""
    first = bundle.runtime.bare("--version").ok().stdout.splitlines()[0]
    assert len(first.split()) == 3 and first.split()[1] == "version"


def test_features(bundle):
    """For recursive read-only mounts; kept by the binary's path and time."""
    assert "rro" in golang.unmarshal(bundle.runtime.bare("features").ok().stdout)["mountOptions"]


def test_systemd_cgroup(make_setting):
    setting = make_setting(pure_v2=True)
    bundle = setting.bundle
    setting.configure({**SLEEPER, "linux.cgroupsPath": f"{SLICE}:nerdctl:{bundle.id}"})
    bundle.create().ok("")
    assert setting.systemd.unit.name == f"nerdctl-{bundle.id}.scope"
