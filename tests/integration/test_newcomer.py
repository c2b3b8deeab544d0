"""The two configurations an introduction to OCI runtimes gives its readers, exactly as given.

Their cgroups are not the tests' own: the first has the default path, the second one of its own
that parallel sessions would share, so that they take turns.
"""

import fcntl
import json
import os

import pytest

from harness import cgroups, leaks
from harness.holder import namespaces_of

pytestmark = pytest.mark.sanitize

DATA = os.path.join(os.path.dirname(__file__), "data")
PROMPT = b"/ # "


def given(name):
    with open(os.path.join(DATA, f"newcomer-{name}.json")) as file:
        return file.read()


@pytest.fixture
def own_turn():
    with open("/tmp/brig-test-newcomer.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
        assert cgroups.existing("/my-container-cgroup") == []


def small(bundle, args):
    """The first configuration with other arguments, as a reader would go on."""
    spec = json.loads(given("small"))
    spec["process"]["args"] = args
    return bundle.write_config(json.dumps(spec))


# ---- the small one: no cwd, no mounts, no linux section -----------------------------------------

@pytest.mark.both_cgroup_hosts
def test_the_small_configuration_runs_as_given(bundle):
    bundle.write_config(given("small"))
    lines = bundle.run().exits(0).stdout.splitlines()
    assert lines[0] == "Hello container!"
    assert {line.split()[-1] for line in lines[1:]} >= set(os.listdir(bundle.rootfs)) - {"probe"}


def test_it_gets_new_pid_mount_uts_and_ipc_namespaces(bundle, output_pipe):
    small(bundle, ["/bin/sleep", "1000"])
    bundle.run("--detach", "--pid-file", bundle.pid_file).exits(0)
    mine, seen = namespaces_of(os.getpid()), namespaces_of(bundle.pid)
    assert {kind for kind in mine if seen[kind] != mine[kind]} == {"pid", "mount", "uts", "ipc"}


def test_its_hostname_is_its_own_and_not_the_hosts(bundle):
    before = os.uname()
    seen = json.loads(small(bundle, ["/probe"]).run().exits(0).stdout)
    assert (seen["hostname"], seen["pid"], seen["cwd"]) == ("my-container", 1, "/")
    assert os.uname() == before


def test_it_can_be_created_started_and_deleted(bundle):
    small(bundle, ["/bin/true"])
    bundle.create().exits(0)
    assert bundle.status() == "created"
    bundle.start().ok()
    assert bundle.end() == 0
    bundle.delete().ok("")


def test_the_log_notes_what_was_assumed(bundle):
    small(bundle, ["/bin/true"])
    log = f"{bundle.path}/log"
    bundle.call("--log", log, "--log-level", "info", "--log-format", "json", "run", "--bundle",
                bundle.path, bundle.id).exits(0)
    with open(log) as file:
        said = [json.loads(line)["msg"] for line in file]
    assert any("process.cwd: missing; using '/'" in text for text in said), said
    assert any("namespaces" in text and "linux" in text for text in said), said


def test_nothing_is_said_about_it_where_engines_look(bundle):
    """A pipe on stderr, no log level: Podman and CRI-O read it (engines.md 0.3)."""
    bundle.write_config(given("small"))
    assert bundle.run().exits(0).stderr == ""


def test_a_rootfs_with_nothing_but_a_shell_is_enough(bundle):
    for name in os.listdir(bundle.rootfs):
        path = bundle.inside(name)
        if name != "bin":
            leaks.remove_tree(path) if os.path.isdir(path) else os.unlink(path)
    bundle.write_config(given("small"))
    assert bundle.run().exits(0).stdout.startswith("Hello container!\n")


# ---- the one with a terminal: no cwd, no devpts, a cgroup of its own ----------------------------

def test_the_terminal_configuration_runs_as_given(bundle, terminal, own_turn):
    bundle.write_config(given("terminal"))
    person = terminal(bundle.runtime.argv("run", "--bundle", bundle.path, bundle.id))
    person.expect(PROMPT)
    person.send(b"test -t 0 && echo a $((1 + 1))-way terminal\n")
    person.expect(b"a 2-way terminal")
    person.expect(PROMPT)
    person.send(b"echo $$ $(hostname); touch /x; pwd\n")
    person.expect(b"1 my-container\r\n")
    person.expect(b"Read-only file system")
    person.expect(PROMPT)
    person.send(b"exit 6\n")
    assert person.wait() == 6


def test_its_cgroup_is_there_while_it_runs(bundle, terminal, own_turn):
    bundle.write_config(given("terminal"))
    person = terminal(bundle.runtime.argv("run", "--bundle", bundle.path, bundle.id))
    person.expect(PROMPT)
    assert len(cgroups.existing("/my-container-cgroup")) >= 1
    person.send(b"exit\n")
    assert person.wait() == 0


def test_its_terminal_resizes_and_takes_control_c(bundle, terminal, own_turn):
    bundle.write_config(given("terminal"))
    person = terminal(bundle.runtime.argv("run", "--bundle", bundle.path, bundle.id), rows=30,
                      columns=100)
    person.expect(PROMPT)
    person.send(b"stty size; sh -c 'echo $((6 * 7)); exec sleep 1000'\n")
    person.expect(b"30 100\r\n")
    person.expect(b"42\r\n")  # said by what control-C must end
    person.send(b"\x03")
    person.expect(PROMPT)
    person.resize(40, 120)
    person.send(b"stty size; exit\n")
    person.expect(b"40 120\r\n")
    assert person.wait() in (0, 130)


def test_its_terminal_can_be_handed_over(bundle, fd_receiver, own_turn):
    bundle.write_config(given("terminal"))
    bundle.create("--console-socket", fd_receiver.path).exits(0)
    _, master = fd_receiver.receive()
    assert os.isatty(master)
    bundle.delete("--force").ok()
