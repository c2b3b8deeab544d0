"""What the configuration and the command line say, from somebody who may say anything."""

import json
import os
import re
import struct

import pytest
from harness import processes
from harness.spec import CAPABILITIES, bind, namespaces


@pytest.mark.parametrize("size", [65535, 65536, 65537, 131000])
def test_cve_2021_43784_long_values_do_not_change_their_neighbours(victim, size):
    """runc counted the bytes of an attribute in 16 bits, so that a long one could forge the next:
    the namespaces. brig has no such messages, and no runtime at hand has the flaw."""
    outcome = victim.run("/probe", changes={"process.env+": ["LONG=" + "x" * (size - 5)]})
    seen = json.loads(outcome.ok().stdout)
    own = {name: os.readlink(f"/proc/self/ns/{name}") for name in ("mnt", "pid", "net", "uts")}
    victim.unharmed("LONG=" + "x" * (size - 5) in seen["env"], "the environment")
    victim.unharmed(all(seen["namespaces"][name] != own[name] for name in own), outcome)


@pytest.mark.parametrize("size", [131073, 1 << 20])
def test_cve_2021_43784_what_the_kernel_takes_in_no_argument_is_refused(victim, size):
    """MAX_ARG_STRLEN of execve(2) is 128 KiB."""
    outcome = victim.run("/bin/true", changes={"process.env+": ["LONG=" + "x" * size]})
    victim.unharmed(outcome.status != 0 and "argument list too long" in outcome.stderr, outcome)


@pytest.mark.parametrize("size", [4096, 65535, 65536, 65537, 1 << 20])
def test_cve_2021_43784_a_source_longer_than_a_path_is_refused(victim, size):
    source = "/tmp" + "/." * ((size - 4) // 2) + "/" * (size % 2)
    outcome = victim.run("/bin/true", changes={"mounts+": [bind(source, "/mnt")]})
    victim.unharmed(outcome.status != 0 and "file name too long" in outcome.stderr.lower(), outcome)


def test_cve_2021_43784_thousands_of_mounts_are_all_made(victim):
    source = victim.bundle.file("source", "bound")
    outcome = victim.run("/bin/grep", "-c", " /many/", "/proc/self/mountinfo", changes={
        "mounts+": [bind(source, f"/many/{i}") for i in range(5000)]})
    victim.unharmed(outcome.stdout == "5000\n", outcome)


def in_many_lines(count):
    """A mapping of a user namespace; the kernel takes 340 lines, in less than a page."""
    return [{"containerID": 2 * i, "hostID": 70000 + 2 * i, "size": 1} for i in range(count)]


def mapped(count):
    return {"linux.uidMappings": in_many_lines(count), "linux.gidMappings": in_many_lines(count),
            "linux.namespaces+": namespaces("user"), "mounts": []}


def test_cve_2021_43784_many_lines_of_id_maps_are_the_kernels(victim):
    bundle = victim.another(owner=70000)
    log = victim.running("/bin/sleep", "1000", bundle=bundle, changes=mapped(340))
    for name in ("uid_map", "gid_map"):
        with open(f"/proc/{bundle.pid}/{name}") as file:
            lines = [list(map(int, line.split())) for line in file]
        victim.unharmed(lines == [list(each.values()) for each in in_many_lines(340)], log)


@pytest.mark.parametrize("count", [341, 3000])
def test_cve_2021_43784_too_many_lines_of_id_maps_are_refused(victim, count):
    outcome = victim.run("/bin/true", bundle=victim.another(owner=70000), changes=mapped(count))
    victim.unharmed(outcome.status != 0 and outcome.stderr != "", outcome)


SYSCTLS = [{"kernel.core_pattern": "|/bin/evil"}, {"kernel.shm_rmid_forced": "1\n+x=2"},
           {"kernel.sem+kernel.core_pattern": "1"}, {"net/../kernel/core_pattern": "x"},
           {"net.ipv4/../../kernel.core_pattern": "x"}, {"vm.swappiness": "60"},
           {"kernel.hostname": "evil"}, {"net.ipv4.ip_forward\u0000": "1"}, {"kernel": "1"}]


@pytest.mark.known_vulnerable("naive")
@pytest.mark.parametrize("sysctl", SYSCTLS, ids=lambda sysctl: repr(*sysctl))
def test_cve_2022_0811_no_sysctl_of_the_host_is_written(victim, sysctl):
    """Also GO-2022-0363. Only what belongs to a namespace of the container's own."""
    outcome = victim.run("/bin/true", changes={"linux.sysctl": sysctl})
    victim.unharmed(outcome.status != 0, outcome)


@pytest.mark.known_vulnerable("naive")
def test_cve_2022_0811_no_sysctl_of_a_shared_namespace_is_written(victim):
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start") as file:
        value = file.read().strip()  # the same again: harmless, if written
    outcome = victim.run("/bin/true", changes={
        "linux.namespaces": namespaces("pid", "ipc", "uts", "mount"),
        "linux.sysctl": {"net.ipv4.ip_unprivileged_port_start": value}})
    victim.unharmed(outcome.status != 0, outcome)


IDS = ["../x", "a/b", "/x", "..", ".", "a b", "a\nb", "a" * 4097, "\u00e9"]


@pytest.mark.known_vulnerable("naive")
def test_crun_1_28_an_id_is_a_plain_name(victim):
    """Also runc's: it becomes a path below the state directory, and the name of a cgroup."""
    victim.bundle.configure()
    for container in IDS:
        outcome = victim.bundle.run(container=container)
        victim.unharmed(outcome.status != 0, outcome)


@pytest.mark.known_vulnerable("naive")
def test_cve_2025_23266_a_hook_of_the_host_has_no_environment_of_the_containers(victim):
    """LD_PRELOAD of the image's choice was loaded by a hook with the host's privileges."""
    said = victim.bundle.file("said")
    hook = victim.bundle.file("hook", f"#!/bin/sh\nenv > {said}\n", 0o755)
    victim.run("/bin/true", changes={
        "process.env+": ["IMAGE=chosen"], "hooks": {"createRuntime": [{"path": hook}]}})
    with open(said) as file:
        text = file.read()
    assert "PWD=" in text  # it ran
    victim.unharmed("chosen" not in text, text)


@pytest.mark.known_vulnerable("naive")
@pytest.mark.parametrize("member", ["process.apparmorProfile", "process.selinuxLabel",
                                    "linux.mountLabel"])
def test_cve_2019_16884_a_label_is_never_left_out_silently(victim, member):
    """There is no such profile, or no such module on this host; either way it cannot be had."""
    outcome = victim.run("/bin/true", changes={member: "no_such_profile_of_brigs_tests"})
    victim.unharmed(outcome.status != 0, outcome)


@pytest.mark.known_vulnerable("naive")
def test_cve_2025_52881_exec_writes_to_no_proc_of_the_containers(victim):
    """The container has put a directory of its own in the place of procfs."""
    strong = CAPABILITIES + ["CAP_SYS_ADMIN"]
    log = victim.running(
        "/bin/sh", "-c", "mount -t tmpfs decoy /proc && mkdir /proc/self && "
        "echo untouched > /proc/self/oom_score_adj && echo ready; sleep 1000", changes={
            "process.oomScoreAdj": 500, "linux.maskedPaths": [], "linux.readonlyPaths": [],
            "process.capabilities": {"bounding": strong, "effective": strong,
                                     "permitted": strong}})
    processes.until(lambda: "ready" in log.stdout, "the decoy is in place")
    outcome = victim.exec("/bin/cat", "/proc/self/oom_score_adj")
    victim.unharmed(outcome.status == 0 and outcome.stdout == "untouched\n", outcome)


@pytest.mark.known_vulnerable("runc")
def test_cve_2024_3154_engines_are_told_of_unsafe_annotations(victim):
    """One that sets a property of systemd's unit can name a program for systemd to run. runc 1.1.5
    takes such annotations and does not say so."""
    said = json.loads(victim.bundle.call("features").ok().stdout)
    unsafe = said.get("potentiallyUnsafeConfigAnnotations", [])
    victim.unharmed(any("org.systemd.property.ExecStop".startswith(each) for each in unsafe), said)


@pytest.mark.known_vulnerable("runc")
def test_cve_2025_24965_nothing_is_loaded_at_run_time(victim):
    """Also CVE-2026-84042: no handlers, no plugins, no loader that would find any."""
    PT_DYNAMIC_LOADER = 3  # PT_INTERP of <elf.h>
    with open(victim.program[0], "rb") as file:
        header = file.read(64)
        start, (size, count) = struct.unpack_from("<Q", header, 32)[0], struct.unpack_from(
            "<HH", header, 54)
        file.seek(start)
        kinds = [struct.unpack_from("<I", file.read(size))[0] for _ in range(count)]
    victim.unharmed(PT_DYNAMIC_LOADER not in kinds, kinds)


@pytest.mark.known_vulnerable("naive")
def test_cve_2022_21658_to_delete_follows_no_link(victim):
    """Whoever can write below the state directory could have the host's files removed."""
    canary = victim.canary()
    victim.running("/bin/sleep", "1000")
    state = os.path.join(victim.bundle.state_root, victim.bundle.id)
    os.symlink(canary.path, f"{state}/link")
    outcome = victim.bundle.delete("--force")
    victim.unharmed(canary.is_untouched(), f"{outcome}\n{canary}")


@pytest.mark.known_vulnerable("naive")
def test_crun_1200_a_number_that_is_used_again_is_nobodys(victim, sleeper):
    """The container is gone, and meanwhile its pid is that of a process of the host."""
    victim.running("/bin/sleep", "1000")
    pid = victim.bundle.pid
    processes.kill(pid)
    processes.wait_exit(pid)
    record = os.path.join(victim.bundle.state_root, victim.bundle.id, "state.json")
    with open(record) as file:
        text = file.read()
    victim.bundle.file(os.path.relpath(record, victim.bundle.path),
                       re.sub(rf'"pid": *{pid}\b', f'"pid":{sleeper}', text))
    victim.bundle.kill("KILL")
    victim.bundle.delete("--force")
    victim.unharmed(processes.is_alive(sleeper), "the sleeper is dead")
