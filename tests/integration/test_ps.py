"""ps: every process of the container by the host's numbers."""

import json
import os

import pytest

import messages as m
from harness import cgroups, processes
from harness.spec import shell

FAMILY = shell("sleep 1000 & sleep 1000 & echo ready; wait")


@pytest.fixture
def family(bundle, output_pipe):
    """A shell and two children; `pids`: all three."""
    bundle.configure(FAMILY)
    bundle.create(stdout=output_pipe.write_end).ok()
    bundle.start().ok()
    assert output_pipe.line() == "ready"
    bundle.pids = sorted({pid for folder in bundle.cgroup_directories()
                          for pid in cgroups.members(folder)})
    assert len(bundle.pids) == 3 and bundle.pid in bundle.pids
    return bundle


def listed(bundle):
    return json.loads(bundle.call("ps", "--format", "json", bundle.id).ok().stdout)


@pytest.mark.both_cgroup_hosts
def test_json_is_the_list_of_process_ids(family):
    assert listed(family) == family.pids
    assert family.call("ps", "-f=json", family.id).ok().stdout == (
        str(family.pids).replace(" ", "") + "\n")


@pytest.mark.both_cgroup_hosts
def test_processes_of_sub_cgroups_are_listed(family):
    child = family.pids[-1]
    for folder in family.cgroup_directories():
        if os.path.exists(f"{folder}/cpuset.cpus"):
            continue  # a new one is empty and takes nobody
        os.makedirs(f"{folder}/below/it")
        with open(f"{folder}/below/it/cgroup.procs", "w") as file:
            file.write(str(child))
    assert listed(family) == family.pids


def test_the_table_is_what_ps_prints(family):
    lines = family.call("ps", family.id).ok().stdout.splitlines()
    assert lines[0].split() == ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"]
    assert sorted(int(line.split()[1]) for line in lines[1:]) == family.pids
    assert sum("sleep 1000" in line for line in lines) == 3  # the shell's own words, too


@pytest.mark.parametrize("options, column", [(["-o", "pid,args", "-e"], 0), (["aux"], 1),
                                             (["-eo", "args,pid"], -1), (["-ef", "--forest"], 1)])
def test_what_follows_the_id_goes_to_ps(family, options, column):
    lines = family.call("ps", family.id, *options).ok().stdout.splitlines()
    assert "PID" in lines[0]
    assert sorted(int(line.split()[column]) for line in lines[1:]) == family.pids


def test_options_of_ours_come_before_the_id(family):
    outcome = family.call("ps", family.id, "--format", "pid,comm", "-e")
    assert outcome.ok().stdout.split()[:2] == ["PID", "COMMAND"]


def test_without_a_pid_column_there_is_no_table(family):
    family.call("ps", family.id, "-eo", "args").fails(
        m.said("ps", family.id, "ps printed no PID column, by which its rows are chosen"))


def test_what_ps_complains_of_is_passed_on(family):
    outcome = family.call("ps", family.id, "--no-such-option").exits(1)
    assert "run ps: exit status 1" in outcome.stderr, str(outcome)


def test_a_host_without_ps_is_told(family):
    family.call("ps", family.id, env={"PATH": "/nowhere"}).fails(
        m.said("ps", family.id, "run ps: ps: executable file not found in $PATH: the table needs "
                                "ps(1), --format json does not"))
    assert listed(family) == family.pids


def test_ps_needs_no_environment(family):
    outcome = family.call("ps", family.id, env={"PATH": ""})
    assert str(family.pid) in outcome.ok().stdout


def test_a_stopped_container_has_no_processes(bundle):
    bundle.running({"process.args": ["/bin/true"]})
    bundle.end()
    assert listed(bundle) == []
    assert len(bundle.call("ps", bundle.id).ok().stdout.splitlines()) == 1


def test_a_created_container_has_one_process(bundle):
    bundle.configure()
    bundle.create().ok()
    assert listed(bundle) == [bundle.pid]


def test_a_paused_container_can_be_listed(family):
    family.call("pause", family.id).ok("")
    assert listed(family) == family.pids


def test_without_cgroups_nobody_knows(bundle):
    bundle.configure({"process.args": ["/bin/sleep", "1000"], "linux.cgroupsPath": ""})
    bundle.expect()
    bundle.call("--cgroup-manager", "disabled", "run", "-d", "--bundle", bundle.path, "--pid-file",
                bundle.pid_file, bundle.id).ok()
    bundle.call("ps", bundle.id).fails(m.said("ps", bundle.id, m.NO_CGROUP_TO_ASK))
    bundle.kill("--all", "TERM").fails(m.said("kill", bundle.id, m.NO_CGROUP_TO_ASK))
    bundle.kill("--all", "KILL").ok("")  # the end of init is the end of its pid namespace
    assert processes.wait_exit(bundle.pid) == 137


def test_a_container_that_is_not_there_is_named(bundle):
    bundle.call("ps", "nobody").fails(m.said("ps", "nobody", m.DOES_NOT_EXIST))
