"""AppArmor profiles, where the kernel has them."""

import subprocess

import pytest

import messages as m
from harness.spec import USER_NAMESPACE, namespaces

# Without `signal` not even root may end what runs under it, and without `ptrace` nobody who is
# confined may enter it.
PROFILES = """\
profile brig-test flags=(attach_disconnected,mediate_deleted) {
  file,
  capability,
  network,
  signal,
  ptrace (readby, tracedby),
  deny /tmp/forbidden w,
}
# What brig itself needs, for where it is confined.
profile brig-outer flags=(attach_disconnected,mediate_deleted) {
  file,
  capability,
  network,
  signal,
  mount,
  umount,
  remount,
  pivot_root,
  ptrace,
  unix,
  change_profile,
}
profile brig-other flags=(attach_disconnected,mediate_deleted) {
  file,
  capability,
  signal,
}
"""
LABEL = "cat /proc/self/attr/current"


@pytest.fixture(scope="module", autouse=True)
def profiles():
    load = lambda flag: subprocess.run(["apparmor_parser", flag], input=PROFILES, text=True,
                                       check=True)
    load("-r")
    yield
    load("-R")


def labelled(**more):
    return {"process.apparmorProfile": "brig-test", "root.readonly": False, **more}


@pytest.mark.parametrize("no_new_privileges", [True, False])
def test_the_program_runs_under_the_profile(bundle, no_new_privileges):
    out = bundle.says(f"{LABEL}; touch /tmp/forbidden 2>/dev/null || touch /tmp/allowed; ls /tmp",
                      labelled(**{"process.noNewPrivileges": no_new_privileges}))
    assert out.splitlines() == ["brig-test (enforce)", "allowed"]


def test_a_created_container_gets_it_at_its_start(bundle):
    bundle.running(labelled())
    with open(f"/proc/{bundle.pid}/attr/current") as file:
        assert file.read() == "brig-test (enforce)\n"


def test_so_does_one_whose_init_is_executed_anew(bundle):
    """A hook in the container: no trampoline."""
    hook = {"hooks": {"startContainer": [{"path": "/bin/true"}]}}
    assert bundle.says(LABEL, labelled(**hook)) == "brig-test (enforce)\n"


def test_under_a_filter_too(bundle):
    filter_ = {"linux.seccomp": {"defaultAction": "SCMP_ACT_ALLOW"}}
    assert bundle.says(LABEL, labelled(**filter_)) == "brig-test (enforce)\n"


def test_exec_has_the_containers_profile_or_its_own(bundle):
    bundle.running(labelled())
    assert bundle.call("exec", bundle.id, "sh", "-c", LABEL).ok().stdout == "brig-test (enforce)\n"
    other = bundle.call("exec", "--apparmor", "brig-other", bundle.id, "sh", "-c", LABEL)
    assert other.ok().stdout == "brig-other (enforce)\n"


@pytest.mark.parametrize("no_new_privileges", [True, False])
def test_in_a_user_namespace_too(mapped_bundle, no_new_privileges):
    """Whoever is root there only: the kernel asks for no privilege to take a profile."""
    mapped_bundle.running(labelled(**USER_NAMESPACE, **{
        "linux.namespaces": namespaces("user", "pid", "mount", "ipc", "uts", "network"),
        "process.noNewPrivileges": no_new_privileges}))
    with open(f"/proc/{mapped_bundle.pid}/attr/current") as file:
        assert file.read() == "brig-test (enforce)\n"
    inside = mapped_bundle.call("exec", mapped_bundle.id, "sh", "-c", LABEL)
    assert inside.ok().stdout == "brig-test (enforce)\n"


@pytest.fixture
def confined(bundle):
    """Its runtime runs under a profile of its own."""
    bundle.runtime.program = ["aa-exec", "-p", "brig-outer", "--", *bundle.runtime.program]
    return bundle


@pytest.mark.parametrize("no_new_privileges, label", [
    (True, "brig-outer//&brig-test (enforce)"), (False, "brig-test (enforce)")])
def test_who_may_not_leave_its_profile_adds_one(confined, no_new_privileges, label):
    """With no_new_privs the kernel lets nobody change to a profile that could allow more."""
    confined.running(labelled(**{"process.noNewPrivileges": no_new_privileges}))
    with open(f"/proc/{confined.pid}/attr/current") as file:
        assert file.read() == label + "\n"
    assert confined.call("exec", confined.id, "sh", "-c", LABEL).ok().stdout == label + "\n"
    denied = confined.call("exec", confined.id, "touch", "/tmp/forbidden")
    assert denied.exits(1).stderr.endswith("Permission denied\n")


def test_a_profile_that_is_not_loaded_is_an_error(bundle):
    bundle.configure(labelled(**{"process.apparmorProfile": "brig-nowhere"}))
    bundle.run().fails(m.said("run", bundle.id, m.UNKNOWN_PROFILE))


def test_a_volume_over_proc_cannot_take_the_label(bundle):
    """CVE-2019-16884: the image's own /proc/self/attr/exec swallowed the profile."""
    fake = bundle.folder("fake")
    subprocess.run(["mkdir", "-p", f"{fake}/self/attr", f"{fake}/thread-self/attr/apparmor"],
                   check=True)
    for name in ("self/attr/exec", "thread-self/attr/exec", "thread-self/attr/apparmor/exec"):
        open(f"{fake}/{name}", "w").close()
    bundle.configure(labelled(**{"process.args": ["/bin/sleep", "1000"], "mounts": [
        {"destination": "/proc2", "type": "bind", "source": fake, "options": ["rbind"]}]}))
    bundle.create().ok()
    bundle.start().ok()
    with open(f"/proc/{bundle.pid}/attr/current") as file:
        assert file.read() == "brig-test (enforce)\n"
