"""The state directory: one winner for an id, and recovery from damage of every kind."""

import json
import os
import stat

import pytest

import messages as m
from harness import cgroups, host, processes
from harness.bundle import new_id

CREATORS = 8
STATE_FILE = "state.json"


def state_files(bundle):
    """The regular files of a container's state; sockets and fifos are not damaged here."""
    folder = os.path.join(bundle.state_root, bundle.id)
    return sorted(name for name in os.listdir(folder)
                  if stat.S_ISREG(os.lstat(os.path.join(folder, name)).st_mode))


# ---- one id, many creators ----------------------------------------------------------------------

@pytest.mark.parametrize("round_", range(5))
def test_of_eight_creators_of_one_id_exactly_one_wins(bundle, round_):
    bundle.configure({"process.args": ["/bin/sleep", "1000"]})
    bundle.expect()
    gate, opener = os.pipe()
    create = bundle.runtime.argv("create", "--bundle", bundle.path, bundle.id)
    wait_and_create = ["/bin/sh", "-c", 'read nothing; exec "$@" </dev/null', "sh", *create]
    racers = [bundle.runtime.spawn(argv=wait_and_create, stdin=gate) for _ in range(CREATORS)]
    os.close(gate)
    os.close(opener)  # end of file for all of them: they are off
    outcomes = [racer.wait() for racer in racers]
    winners = [outcome for outcome in outcomes if outcome.status == 0]
    assert len(winners) == 1, "\n".join(map(str, outcomes))
    for outcome in outcomes:
        if outcome is not winners[0]:
            outcome.fails(m.said("create", bundle.id, m.ALREADY_EXISTS))
    assert bundle.status() == "created"
    assert len(processes.descendants()) == 1
    bundle.delete("--force").ok()


def test_eight_containers_are_created_at_once(bundle):
    bundle.configure({"process.args": ["/bin/sleep", "1000"], "linux.cgroupsPath": ""})
    ids = [new_id() for _ in range(CREATORS)]
    for number, name in enumerate(ids):
        bundle.configure({"process.args": ["/bin/sleep", "1000"],
                          "linux.cgroupsPath": f"{host.CGROUP_PARENT}/{name}"})
        os.rename(f"{bundle.path}/config.json", f"{bundle.folder(str(number))}/config.json")
        os.symlink("../rootfs", f"{bundle.path}/{number}/rootfs.link")
        set_rootfs(f"{bundle.path}/{number}/config.json", bundle.rootfs)
    racers = [bundle.runtime.spawn("create", "--bundle", f"{bundle.path}/{number}", name)
              for number, name in enumerate(ids)]
    for racer in racers:
        racer.wait().ok()
    assert sorted(bundle.call("list", "-q").ok().stdout.split()) == sorted(ids)
    for name in ids:
        bundle.call("delete", "--force", name).ok()


def set_rootfs(path, rootfs):
    with open(path) as file:
        spec = json.load(file)
    spec["root"]["path"] = rootfs
    with open(path, "w") as file:
        json.dump(spec, file)


LIFE = """for i in 1 2 3 4 5 6 7 8 9 10; do
  $BRIG create --bundle $BUNDLE $ID && $BRIG start $ID && $BRIG state $ID | grep '"status"'
  $BRIG delete --force $ID
done"""


def test_a_container_is_running_when_start_returns_on_a_busy_machine_too(bundle):
    bundle.configure({"process.args": ["/bin/sleep", "1000"], "linux.cgroupsPath": ""})
    lives = []
    for _ in range(CREATORS // 2):
        name = new_id()
        bundle.expect(name)
        environment = {"BRIG": " ".join(bundle.runtime.argv()), "BUNDLE": bundle.path, "ID": name}
        lives.append(bundle.runtime.spawn(argv=["/bin/sh", "-c", LIFE], env=environment))
    for life in lives:
        assert set(life.wait(4 * host.DEADLINE).ok().stdout.split("\n")) == {
            '  "status": "running",', ""}


# ---- damage -------------------------------------------------------------------------------------

def replace(text):
    def damage(path):
        with open(path, "wb") as file:
            file.write(text)
    return damage


def half(path):
    os.truncate(path, os.path.getsize(path) // 2)


def flip_bytes(path):
    with open(path, "r+b") as file:
        data = bytearray(file.read())
        data[::7] = bytes(byte ^ 0x5a for byte in data[::7])
        file.seek(0)
        file.write(data)


def make_directory(path):
    os.unlink(path)
    os.makedirs(path + "/below")


def make_link(path):
    os.unlink(path)
    os.symlink("/proc/self/environ", path)


def make_fifo(path):
    os.unlink(path)
    os.mkfifo(path)


DAMAGE = {
    "empty": replace(b""),
    "half": half,
    "random bytes": replace(os.urandom(2000)),
    "flipped bytes": flip_bytes,
    "200,000 brackets": replace(b"[" * 200_000),
    "an empty object": replace(b"{}"),
    "null": replace(b"null"),
    "missing": os.unlink,
    "a directory": make_directory,
    "a symlink": make_link,
    "a fifo": make_fifo,
}


@pytest.mark.parametrize("running", [True, False], ids=["running", "created"])
@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_state_file_does_not_make_a_container_undeletable(new_bundle, kind, running):
    number = 0
    while True:
        bundle = new_bundle()
        bundle.configure({"process.args": ["/bin/sleep", "1000"]})
        bundle.create().ok()
        if running:
            bundle.start().ok()
        pid, files = bundle.pid, state_files(bundle)
        if number == len(files):
            break
        DAMAGE[kind](os.path.join(bundle.state_root, bundle.id, files[number]))
        bundle.call("list").exits(0)  # it may warn about the one it cannot read
        bundle.delete("--force").exits(0)
        assert not processes.is_alive(pid), files[number]
        assert bundle.cgroup_directories() == [], files[number]
        assert bundle.id not in os.listdir(bundle.state_root), files[number]
        number += 1


@pytest.mark.parametrize("kind", DAMAGE)
def test_with_every_file_damaged_the_cgroup_is_found_by_the_id(bundle, kind):
    """Only the default path can be derived; a path of the config's own needs one record."""
    bundle.configure({"process.args": ["/bin/sleep", "1000"], "linux.cgroupsPath": ""})
    bundle.create().ok()
    bundle.start().ok()
    for name in state_files(bundle):
        DAMAGE[kind](os.path.join(bundle.state_root, bundle.id, name))
    bundle.delete("--force").exits(0)
    assert not processes.is_alive(bundle.pid)


@pytest.fixture
def callers_cgroups():
    """Two cgroups to call the runtime from: a function each, for `before`."""
    folders = {name: [f"{point}{host.CGROUP_PARENT}/bt-{host.SESSION}-{name}"
                      for point in cgroups.hierarchies()] for name in ("here", "elsewhere")}
    for folder in sum(folders.values(), []):
        os.mkdir(folder)
        if os.path.exists(f"{folder}/cpuset.cpus"):
            point = folder[:folder.index(host.CGROUP_PARENT)]
            cgroups.inherit_cpuset(point, folder.removeprefix(point))

    def move_to(name):
        for folder in folders[name]:
            with open(f"{folder}/cgroup.procs", "w") as file:
                file.write("0")
    yield lambda: move_to("here"), lambda: move_to("elsewhere")
    for folder in sum(folders.values(), []):
        cgroups.remove(folder)


def test_a_cgroup_relative_to_its_creators_is_found_from_another(bundle, callers_cgroups):
    here, elsewhere = callers_cgroups
    bundle.configure({"process.args": ["/bin/sleep", "1000"], "linux.cgroupsPath": "relative"})
    bundle.create(before=here).ok()
    bundle.start().ok()
    os.unlink(os.path.join(bundle.state_root, bundle.id, STATE_FILE))
    bundle.delete("--force", before=elsewhere).exits(0)
    assert not processes.is_alive(bundle.pid)
    assert cgroups.existing(f"{host.CGROUP_PARENT}/bt-{host.SESSION}-here/relative") == []


def test_a_truncated_state_file_is_named_by_every_command_that_needs_it(bundle):
    bundle.running()
    half(os.path.join(bundle.state_root, bundle.id, STATE_FILE))
    for words in (["state", bundle.id], ["start", bundle.id], ["kill", bundle.id, "TERM"]):
        bundle.call(*words).fails(m.damaged_state(words[0], bundle))


def test_list_shows_the_others_beside_a_damaged_one(new_bundle):
    good, bad = new_bundle(), new_bundle()
    bad.state_root = good.state_root  # one root for both
    bad.runtime.root = good.state_root
    for each in (good, bad):
        each.running()
    half(os.path.join(bad.state_root, bad.id, STATE_FILE))
    listed = json.loads(good.call("list", "--format", "json").exits(0).stdout)
    assert [entry["id"] for entry in listed] == [good.id]


# ---- what a dead create can leave ---------------------------------------------------------------

def test_an_empty_state_directory_is_removed_by_delete_force(bundle):
    os.mkdir(os.path.join(bundle.state_root, bundle.id))
    bundle.delete("--force").ok("")
    assert os.listdir(bundle.state_root) == []


def test_entries_that_are_not_containers_are_left_alone(bundle):
    """A root may be shared with another runtime or with unrelated files (engines.md 0.6)."""
    os.mkdir(os.path.join(bundle.state_root, "not-ours"))
    with open(os.path.join(bundle.state_root, "a-file"), "w") as file:
        file.write("text")
    bundle.running()
    listed = json.loads(bundle.call("list", "-f", "json").exits(0).stdout)
    assert [entry["id"] for entry in listed] == [bundle.id]
    bundle.call("list", "--quiet").ok(bundle.id + "\n")
    bundle.call("delete", "--force", "--regex", "not-ours|a-file").ok("")
    os.rmdir(os.path.join(bundle.state_root, "not-ours"))
    os.unlink(os.path.join(bundle.state_root, "a-file"))


def test_a_symlink_in_the_state_directory_is_removed_and_not_followed(bundle):
    canary = bundle.folder("canary")
    bundle.file("canary/file", "untouched")
    bundle.running()
    os.symlink(canary, os.path.join(bundle.state_root, bundle.id, "link"))
    bundle.delete("--force").exits(0)
    assert os.listdir(canary) == ["file"]


def test_the_state_root_is_made_when_it_is_absent(bundle):
    root = os.path.join(bundle.path, "deep", "er", "root")
    bundle.runtime.root = bundle.state_root = root
    bundle.running()
    assert bundle.status() == "running"
