"""No descriptor of the host's leads a container out."""

import json
import os

import pytest

NUMBERS = range(3, 16)
UP = "../" * 16


@pytest.mark.known_vulnerable("naive")
def test_cve_2024_21626_the_working_directory_is_no_descriptor_of_the_host(victim):
    """Debian's runc 1.1.5 has the fix."""
    secret = victim.canary().path + "/secret"
    for number in NUMBERS:
        outcome = victim.run("/bin/cat", UP + secret, f"/proc/self/cwd/{UP}{secret}",
                             changes={"process.cwd": f"/proc/self/fd/{number}"})
        victim.unharmed("of the host" not in outcome.stdout, outcome)


@pytest.mark.known_vulnerable("naive")
def test_cve_2024_21626_exec_enters_no_descriptor_of_the_host(victim):
    secret = victim.canary().path + "/secret"
    victim.running("/bin/sleep", "1000")
    for number in NUMBERS:
        outcome = victim.exec("/bin/cat", UP + secret, flags=["--cwd", f"/proc/self/fd/{number}"])
        victim.unharmed("of the host" not in outcome.stdout, outcome)


@pytest.mark.known_vulnerable("naive")
def test_cve_2024_21626_the_working_directory_may_be_a_link_of_the_image(victim):
    secret = victim.canary().path + "/secret"
    for number in NUMBERS:
        os.symlink(f"/proc/self/fd/{number}", victim.bundle.inside("srv", str(number)))
        outcome = victim.run("/bin/cat", UP + secret,
                             changes={"process.cwd": f"/srv/{number}"})
        victim.unharmed("of the host" not in outcome.stdout, outcome)


@pytest.mark.known_vulnerable("naive")
def test_cve_2024_21626_a_program_of_the_host_is_not_executed(victim):
    program = victim.bundle.file("program", "#!/bin/echo escaped\n", 0o755)
    for number in NUMBERS:
        outcome = victim.run(f"/proc/self/fd/{number}{program}")
        victim.unharmed("escaped" not in outcome.stdout, outcome)


def leak(folder):
    """For `before`: what a sloppy caller has open."""
    def prepare():
        for number in (3, 4, 5, 40, 41):
            os.dup2(folder, number, inheritable=True)
    return {"before": prepare, "close_fds": False}


@pytest.mark.known_vulnerable("naive")
def test_cve_2024_21626_what_the_caller_has_open_does_not_arrive(victim):
    """Engines leak descriptors; runtimes must not pass them on."""
    folder = os.open(victim.bundle.path, os.O_RDONLY)
    try:
        outcome = victim.run("/probe", **leak(folder))
        victim.unharmed(set(json.loads(outcome.stdout)["fds"]) == {"0", "1", "2"}, outcome)
    finally:
        os.close(folder)


@pytest.mark.known_vulnerable("naive")
def test_cve_2024_21626_what_the_caller_of_exec_has_open_does_not_arrive(victim):
    victim.running("/bin/sleep", "1000")
    folder = os.open(victim.bundle.path, os.O_RDONLY)
    try:
        outcome = victim.exec("/probe", **leak(folder))
        victim.unharmed(set(json.loads(outcome.stdout)["fds"]) == {"0", "1", "2"}, outcome)
    finally:
        os.close(folder)


@pytest.mark.known_vulnerable("naive")
def test_cve_2020_15257_no_abstract_socket_can_be_connected_to(victim):
    """They belong to a network namespace and not to a directory: a container that shares the
    host's could talk to whatever listens there."""
    def abstract():
        with open("/proc/net/unix") as file:
            return {line.split()[-1] for line in file if line.split()[-1].startswith("@")}
    before = abstract()
    victim.running("/bin/sleep", "1000")
    victim.unharmed(abstract() <= before, abstract() - before)
