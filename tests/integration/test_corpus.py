"""Configurations that real engines wrote, and the one `brig spec` writes."""

import json
import os

import pytest

from harness import cgroups, host, mounts

ENGINES = {"podman": "ok\n", "docker": "ok-docker\n", "containerd": "ok-ctr\n"}
PROMPT = b"/ # "

needs_corpus = pytest.mark.skipif(not os.path.isdir(host.CORPUS),
                                  reason=f"no corpus at {host.CORPUS}; set BRIG_CORPUS")


def corpus(name, bundle, **process):
    with open(os.path.join(host.CORPUS, name + ".json")) as file:
        spec = json.load(file)
    spec["linux"]["cgroupsPath"] = bundle.cgroup  # a test's own; the rest is as it was written
    spec["process"].update(process)
    return bundle.write_config(json.dumps(spec)) and spec


@needs_corpus
@pytest.mark.parametrize("engine", ENGINES)
def test_what_an_engine_wrote_runs(bundle, engine):
    corpus(engine, bundle)
    bundle.run().ok(ENGINES[engine])


@needs_corpus
@pytest.mark.parametrize("engine", ENGINES)
def test_what_an_engine_wrote_can_be_created_started_and_deleted(bundle, engine):
    spec = corpus(engine, bundle)
    created = bundle.create().ok()
    if "memory" in spec["linux"]["resources"] and cgroups.mount_point("memory"):
        limit = cgroups.read("memory", bundle.cgroup, "memory.limit_in_bytes")
        assert limit == str(spec["linux"]["resources"]["memory"]["limit"])
        assert cgroups.read("pids", bundle.cgroup, "pids.max") == "100"
        assert cgroups.read("cpu", bundle.cgroup, "cpu.cfs_quota_us") == "50000"
    bundle.start().ok()
    assert bundle.end() == 0
    assert created.stdout == ENGINES[engine]
    bundle.delete().ok()


@needs_corpus
@pytest.mark.parametrize("engine", ENGINES)
def test_the_process_has_what_the_engine_asked_for(bundle, engine):
    spec = corpus(engine, bundle, args=["/probe"])
    seen = json.loads(bundle.run().ok().stdout)
    assert len(seen["capabilities"]["effective"]) == len(spec["process"]["capabilities"]["effective"])
    assert seen["hostname"] == spec["hostname"]
    assert {each["destination"] for each in spec["mounts"]} <= set(mounts.top(seen["mountinfo"]))
    assert ("Seccomp:\t2\n" in seen["status"]) == ("seccomp" in spec["linux"])
    for limit in spec["process"].get("rlimits") or []:
        assert seen["rlimits"][limit["type"][7:]] == [limit["soft"], limit["hard"]]


@pytest.fixture
def default_spec(bundle):
    """The config.json of `brig spec` with a cgroup of the test's own."""
    bundle.call("spec", "--bundle", bundle.path).ok("")
    with open(f"{bundle.path}/config.json") as file:
        spec = json.load(file)
    spec["linux"]["cgroupsPath"] = bundle.cgroup
    return spec


@pytest.mark.both_cgroup_hosts
def test_the_default_configuration_runs(bundle, default_spec):
    default_spec["process"].update(terminal=False, args=["/bin/sh", "-c", "echo $(hostname) $$ $(id)"])
    bundle.write_config(json.dumps(default_spec))
    bundle.run().ok("brig 1 uid=0(root) gid=0(root)\n")


def test_the_default_configuration_gives_a_shell_on_a_terminal(bundle, default_spec, terminal):
    bundle.write_config(json.dumps(default_spec))
    person = terminal(bundle.runtime.argv("run", "--bundle", bundle.path, bundle.id))
    person.expect(PROMPT)
    person.send(b"echo $TERM; exit 4\n")
    person.expect(b"xterm\r\n")
    assert person.wait() == 4


def test_a_configuration_can_have_another_name(bundle, default_spec):
    default_spec["process"].update(terminal=False, args=["/bin/echo", "other"])
    path = bundle.file("other.json", json.dumps(default_spec))
    bundle.write_config("not the one")
    for spelled, where in ((path, "/"), ("other.json", bundle.path)):
        bundle.call("run", "--config", spelled, "--bundle", bundle.path, bundle.id,
                    cwd=where).ok("other\n")


def test_the_bundle_is_the_current_directory_by_default(bundle):
    bundle.configure({"process.args": ["/bin/echo", "here"]})
    bundle.call("run", bundle.id, cwd=bundle.path).ok("here\n")


def test_later_changes_of_the_configuration_change_nothing(bundle):
    bundle.configure({"process.args": ["/bin/sh", "-c", "exit 5"]})
    bundle.create().ok()
    bundle.write_config("gone")
    bundle.start().ok()
    assert bundle.end() == 5
    bundle.delete().ok()
