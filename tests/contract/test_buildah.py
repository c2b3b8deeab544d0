"""Buildah and `podman build`: a helper that is a subreaper and drives the container itself."""

import os
import signal

import pytest

import golang
from engine import combined_output, read
from harness import processes
from harness.holder import namespaces_of
from harness.spec import shell

SLEEPER = {"process.args": ["/bin/sleep", "1000"]}
ALLOWED = ("created", "running", "stopped")


def create(bundle, *flags):
    return bundle.runtime.argv("create", "--bundle", bundle.path, "--pid-file",
                               bundle.path + "/pid", *flags, bundle.id)


def status(bundle):
    """Polled; stdout alone is read. Any other status than these ends the build."""
    found = golang.unmarshal(bundle.call("state", bundle.id).ok().stdout)["status"]
    assert found in ALLOWED
    return found


@pytest.mark.parametrize("flags", [[], ["--no-new-keyring"], ["--no-pivot"]], ids=str)
def test_life(bundle, subreaper, flags):
    """In the bundle as the working directory."""
    bundle.configure(shell("exit 12"))
    bundle.expect()
    helper = subreaper(create(bundle, *flags), bundle.path + "/pid", cwd=bundle.path)
    helper.created()
    assert status(bundle) == "created"
    bundle.start().ok("")
    assert status(bundle) in ("running", "stopped")
    assert helper.code() == 12
    processes.until(lambda: status(bundle) == "stopped", "the status after the end")
    bundle.delete().ok("")


def test_kill_without_a_signal(bundle, subreaper):
    """Its own interrupt, which is a SIGTERM; then SIGKILL by name."""
    bundle.configure(shell("trap 'exit 15' TERM; while :; do sleep 0.01; done"))
    bundle.expect()
    helper = subreaper(create(bundle), bundle.path + "/pid")
    helper.created()
    bundle.start().ok("")
    processes.until(lambda: catches(bundle.pid, signal.SIGTERM), "the trap")
    bundle.call("kill", bundle.id).ok("")
    assert helper.code() == 15


def catches(pid, number):
    caught = next(line for line in read(f"/proc/{pid}/status").splitlines()
                  if line.startswith("SigCgt"))
    return int(caught.split()[1], 16) >> (number - 1) & 1


def test_failed_create_lets_go_of_its_output(bundle):
    """Both pipes are read to their end, and shown."""
    bundle.configure({"process.args": ["/no/such"]})
    said = combined_output(create(bundle))
    assert said.status == 1 and "no such file or directory" in said.text


def test_failed_create_after_the_process_was_made_lets_go_of_its_output(bundle):
    bundle.configure({"linux.sysctl": {"net.ipv4.no_such_thing": "1"}})
    said = combined_output(create(bundle))
    assert said.status == 1 and "no_such_thing" in said.text


def test_network_is_configured_between_create_and_start(bundle):
    bundle.configure(SLEEPER)
    bundle.create().ok("")
    assert namespaces_of(bundle.pid)["network"] != namespaces_of(os.getpid())["network"]


def test_runtime_flag_log(bundle):
    """run.bats: --runtime-flag=log=FILE must make FILE."""
    bundle.configure()
    bundle.runtime.flags = [f"--log={bundle.path}/log"]
    bundle.create().ok("")
    assert os.path.exists(bundle.path + "/log")


def test_runtime_flag_debug(bundle):
    """run.bats: --runtime-flag=debug must say something."""
    bundle.configure({"process.args": ["/bin/true"]})
    bundle.runtime.flags = ["--debug"]
    created = bundle.create()
    assert created.status == 0 and f" create --bundle {bundle.path} " in created.stderr


def test_state_fails_after_the_end(bundle):
    """Which ends the loop like "stopped"."""
    assert bundle.call("state", bundle.id).status != 0


def test_systemd_cgroup_at_create_alone(make_setting):
    setting = make_setting(pure_v2=True)
    bundle = setting.bundle
    setting.configure(SLEEPER)
    bundle.create().ok("")
    bundle.runtime.flags = []
    assert status(bundle) == "created"
    bundle.start().ok("")
    bundle.call("kill", bundle.id, "SIGKILL").ok("")
    bundle.end()
    bundle.delete().ok("")
    assert setting.systemd.units == {}
