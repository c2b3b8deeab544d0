"""brig stats: a table of what containers use, live on a terminal."""

import json
import os
import re
import signal

import pytest

import messages as m
from harness import cgroups, processes
from harness.runtime import default_signals
from harness.spec import mount, namespaces, shell

MIB = 1 << 20
LIMITED_MEMORY = pytest.mark.skipif(not cgroups.has_controller("memory"),
                                    reason="no memory controller here")
HEADING = ["ID", "CPU %", "MEM", "LIMIT", "MEM %", "SWAP", "READ", "WRITE", "NET RX", "NET TX",
           "PIDS", "PSI CPU", "PSI MEM", "PSI IO"]
KEYS = ["id", "cpu_percent", "memory", "memory_limit", "memory_percent", "swap", "io_read",
        "io_written", "net_received", "net_sent", "pids", "pids_limit", "cpu_pressure",
        "memory_pressure", "io_pressure"]
SIZE = r"\d+(\.\d+)?([KMGT]i)?B"
BUSY = "while :; do :; done"


def look(bundle, *ids):
    """{id: object} of one snapshot."""
    outcome = bundle.call("stats", "--no-stream", "--format", "json", *ids).ok()
    objects = [json.loads(line) for line in outcome.stdout.splitlines()]
    assert all(list(each) == KEYS for each in objects)
    return {each["id"]: each for each in objects}


def table(bundle, *ids):
    """The rows of one snapshot, as lists of cells by column."""
    lines = bundle.call("stats", "--no-stream", *ids).ok().stdout.splitlines()
    return rows_of(lines)


def rows_of(lines):
    assert re.split(r" {2,}", lines[0]) == HEADING
    return [re.split(r" {2,}", line) for line in lines[1:]]


def neighbour(bundle, name):
    """Another running container below the same --root; the id ends with `name`."""
    other = f"{bundle.id}{name}"
    bundle.configure({"process.args": ["/bin/sleep", "1000"],
                      "linux.cgroupsPath": f"{bundle.cgroup}{name}"})
    bundle.create("--pid-file", bundle.pid_file + name, container=other).ok()
    bundle.call("start", other).ok()
    return other


# ---- one look -----------------------------------------------------------------------------------

@pytest.mark.sanitize
@pytest.mark.both_cgroup_hosts
def test_the_table_has_a_row_a_container(bundle):
    bundle.running()
    (row,) = table(bundle)
    assert row[0] == bundle.id
    assert len(row) == len(HEADING)
    assert re.fullmatch(r"\d+\.\d", row[1])
    for column in ("MEM", "SWAP", "READ", "WRITE"):
        assert re.fullmatch(SIZE, row[HEADING.index(column)]), row
    assert row[HEADING.index("PIDS")] == "1"


def test_the_columns_are_aligned(bundle):
    bundle.running()
    neighbour(bundle, "-with-a-longer-name")
    lines = bundle.call("stats", "--no-stream").ok().stdout.splitlines()
    assert len(lines) == 3
    assert len({len(line) for line in lines}) == 1


@pytest.mark.both_cgroup_hosts
def test_a_busy_loop_shows_as_cpu_time(bundle):
    bundle.running(shell(BUSY))
    busy = []

    def shows():
        busy.append(look(bundle, bundle.id)[bundle.id]["cpu_percent"])
        return len(busy) >= 3 and max(busy) > 10
    processes.until(shows, "a share of the CPUs, which other tests want too")
    assert sorted(busy)[len(busy) // 2] < 150, busy  # one may count a stall of the machine


@pytest.mark.both_cgroup_hosts
def test_a_sleeper_uses_no_cpu_time(bundle):
    bundle.running()
    assert look(bundle)[bundle.id]["cpu_percent"] < 10


@pytest.mark.both_cgroup_hosts
def test_the_processes_are_counted(bundle):
    bundle.running(shell("sleep 1000 & exec sleep 1000"))
    processes.until(lambda: look(bundle)[bundle.id]["pids"] == 2, "two processes")


@LIMITED_MEMORY
def test_memory_is_shown_with_its_limit(bundle):
    bundle.running({**shell("head -c 32m /dev/zero > /tmp/fill; exec sleep 1000"),
                    "mounts+": [mount("/tmp", "tmpfs", "tmpfs")],
                    "linux.resources.memory": {"limit": 64 * MIB},
                    "linux.resources.pids": {"limit": 5}})
    processes.until(lambda: look(bundle)[bundle.id]["memory"] >= 32 * MIB, "32 MiB in use")
    found = look(bundle)[bundle.id]
    assert found["memory_limit"] == 64 * MIB
    assert found["memory_percent"] == pytest.approx(found["memory"] * 100 / (64 * MIB), abs=1)
    assert found["pids_limit"] == 5
    (row,) = table(bundle)
    assert row[HEADING.index("LIMIT")] == "64.0MiB"
    assert re.fullmatch(r"3\d\.\dMiB", row[HEADING.index("MEM")])
    assert re.fullmatch(r"5\d\.\d", row[HEADING.index("MEM %")])


def test_what_is_not_limited_is_unknown(bundle):
    bundle.running()
    found = look(bundle)[bundle.id]
    assert found["memory_limit"] is None and found["memory_percent"] is None
    assert found["pids_limit"] is None
    (row,) = table(bundle)
    assert row[HEADING.index("LIMIT")] == "-"


def test_only_a_network_of_its_own_counts(bundle):
    bundle.running()
    found = look(bundle)[bundle.id]
    assert (found["net_received"], found["net_sent"]) == (0, 0)  # lo does not count
    bundle.kill("KILL").ok()
    bundle.end()
    bundle.delete().ok()
    bundle.running({"linux.namespaces": namespaces("pid", "mount", "ipc", "uts")})
    found = look(bundle)[bundle.id]
    assert (found["net_received"], found["net_sent"]) == (None, None)


# ---- which containers ---------------------------------------------------------------------------

def test_all_that_run_are_shown_sorted(bundle):
    bundle.running()
    others = [neighbour(bundle, "-b"), neighbour(bundle, "-a")]
    bundle.configure({"linux.cgroupsPath": f"{bundle.cgroup}-stopped"})
    bundle.create(container=f"{bundle.id}-stopped").ok()
    bundle.call("start", f"{bundle.id}-stopped").ok()
    bundle.end()
    assert [row[0] for row in table(bundle)] == [bundle.id, *sorted(others)]
    assert [row[0] for row in table(bundle, others[0])] == [others[0]]
    assert [row[0] for row in table(bundle, *others)] == sorted(others)


def test_without_containers_there_is_only_the_heading(bundle):
    assert table(bundle) == []
    assert look(bundle) == {}
    bundle.call("--root", os.path.join(bundle.path, "none"), "stats", "--no-stream").ok()


def test_a_named_container_must_run(bundle):
    bundle.configure()
    bundle.create().ok()
    bundle.start().ok()
    bundle.end()
    bundle.call("stats", "--no-stream", bundle.id).fails(
        f"brig: stats: container '{bundle.id}': {m.NOT_RUNNING}")
    bundle.call("stats", "nobody").fails(f"brig: stats: container 'nobody': {m.DOES_NOT_EXIST}")


def test_the_interval_must_be_some_time(bundle):
    bundle.call("stats", "--interval", "0s").fails(f"brig: stats: {m.INTERVAL_NOT_POSITIVE}")


# ---- again and again ----------------------------------------------------------------------------

@pytest.mark.both_cgroup_hosts
def test_json_is_an_object_a_line_until_the_container_ends(bundle, output_pipe):
    bundle.running(shell(BUSY))
    running = bundle.runtime.spawn("stats", "--format=json", "--interval=50ms", bundle.id,
                                   stdout=output_pipe.write_end)
    seen = [json.loads(output_pipe.line()) for _ in range(3)]
    assert all(list(each) == KEYS and each["id"] == bundle.id for each in seen)
    assert all(each["cpu_percent"] is not None for each in seen)
    bundle.kill("KILL").ok()
    bundle.end()
    output_pipe.rest()
    running.wait().ok()


def test_elsewhere_than_on_a_terminal_tables_follow_each_other(bundle, output_pipe):
    bundle.running()
    running = bundle.runtime.spawn("stats", "--interval=50ms", bundle.id,
                                   stdout=output_pipe.write_end)
    lines = [output_pipe.line() for _ in range(5)]
    assert rows_of(lines[0:2])[0][0] == rows_of(lines[3:5])[0][0] == bundle.id
    assert lines[2] == ""
    bundle.kill("KILL").ok()
    bundle.end()
    assert "\x1b" not in output_pipe.rest()
    running.wait().ok()


def test_containers_come_and_go_while_all_are_watched(bundle, output_pipe):
    bundle.running()
    running = bundle.runtime.spawn("stats", "--format=json", "--interval=20ms",
                                   stdout=output_pipe.write_end, before=default_signals)
    other = neighbour(bundle, "-new")
    ids = {bundle.id, other}
    while ids:
        ids.discard(json.loads(output_pipe.line())["id"])
    bundle.delete("--force", container=other).ok()
    shown = [other, other]
    while shown != [bundle.id, bundle.id]:  # one look after the other without it
        shown = [shown[1], json.loads(output_pipe.line())["id"]]
    running.signal(signal.SIGINT)
    assert running.wait().status == 128 + signal.SIGINT


# ---- on a terminal ------------------------------------------------------------------------------

def on_terminal(bundle, terminal, *flags, **options):
    return terminal(bundle.runtime.argv("stats", "--interval=50ms", *flags),
                    before=default_signals, **options)


def frames(text):
    return text.decode().replace("\x1b[K", "").replace("\r\n", "\n")


def test_the_table_is_drawn_over_itself(bundle, terminal):
    bundle.running()
    screen = on_terminal(bundle, terminal, columns=200)
    first = frames(screen.expect(b"\x1b[J"))
    assert rows_of(first.lstrip("\r").splitlines())[0][0] == bundle.id
    for _ in range(2):
        again = frames(screen.expect(b"\x1b[J"))
        assert again.startswith("\r\x1b[2AID")  # two lines up
        assert again.count("\n") == 2
    screen.send(b"\x03")
    assert screen.wait() == 0
    # Behind the last table nothing remains to be undone: no hidden cursor, no other screen.
    assert screen.output.endswith(b"\r\x1b[K")
    assert b"\x1b[?" not in screen.output


def test_the_terminal_is_as_it_was_afterwards(bundle, terminal):
    bundle.running()
    screen = on_terminal(bundle, terminal)
    before = screen.local_modes()
    screen.expect(b"\x1b[J")
    assert screen.local_modes() == before
    screen.send(b"\x03")
    assert screen.wait() == 0


def test_the_table_is_as_wide_as_the_terminal_allows(bundle, terminal):
    bundle.running()
    screen = on_terminal(bundle, terminal, columns=40)
    narrow = frames(screen.expect(b"\x1b[J")).lstrip("\r").splitlines()
    assert all(len(line) < 40 for line in narrow)
    assert narrow[0].split("  ")[-1].strip() == "MEM %"
    screen.resize(24, 200)
    os.kill(screen.pid, signal.SIGWINCH)
    screen.expect(b"\x1b[H\x1b[2J")
    wide = frames(screen.expect(b"\x1b[J")).lstrip("\r").splitlines()
    assert re.split(r" {2,}", wide[0]) == HEADING


def test_more_containers_than_lines_are_counted(bundle, terminal):
    for name in ("-a", "-b", "-c"):
        neighbour(bundle, name)
    screen = on_terminal(bundle, terminal, rows=4)
    lines = frames(screen.expect(b"\x1b[J")).lstrip("\r").splitlines()
    assert len(lines) == 3 and lines[-1] == "... and 2 more"


def test_the_display_ends_with_the_last_named_container(bundle, terminal):
    bundle.running()
    screen = on_terminal(bundle, terminal, bundle.id)
    screen.expect(b"\x1b[J")
    bundle.kill("KILL").ok()
    bundle.end()
    assert screen.wait() == 0


def test_the_display_can_be_stopped_and_continued(bundle, terminal):
    bundle.running()
    screen = on_terminal(bundle, terminal)
    screen.expect(b"\x1b[J")
    screen.send(b"\x1a")
    processes.until(lambda: processes.stat_fields(screen.pid)[0] == "T", "the display is stopped")
    os.kill(screen.pid, signal.SIGCONT)
    screen.output = b""
    screen.expect(b"\x1b[J")
    screen.send(b"\x03")
    assert screen.wait() == 0
