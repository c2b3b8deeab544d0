"""The command line: every spelling callers use, and every mistake explained."""

import os

import pytest

import messages as m
from harness import leaks
from harness.bundle import new_id
from harness.spec import shell


# ---- spellings ----------------------------------------------------------------------------------

SPELLINGS = [
    "--root={root} run --bundle={bundle} {id}", "--root {root} run --bundle {bundle} {id}",
    "-root {root} run -bundle {bundle} {id}", "-root={root} run -bundle={bundle} {id}",
    "--root={root} run -b {bundle} {id}", "--root={root} run -b={bundle} {id}",
    "--root={root} run {id} -b {bundle}", "--root={root} run {id} --bundle={bundle} --no-pivot",
    "--root=/nowhere --root={root} run --bundle /nowhere -b {bundle} {id}",
    "--root={root} --rootless=true run -b {bundle} {id}",
    "--root={root} --rootless auto run -b {bundle} {id}",
    "--root={root} --cgroup-manager=cgroupfs run -b {bundle} {id}",
    "--root={root} --debug=false run -b {bundle} --no-pivot=true -- {id}",
    "--root={root} run --no-subreaper --no-new-keyring --preserve-fds=0 -b {bundle} {id}",
    "--root={root} run -b {bundle} -f config.json {id}",
]


@pytest.mark.parametrize("line", SPELLINGS)
def test_options_are_understood_however_they_are_spelled(bundle, line):
    bundle.configure(shell("echo ran"))
    words = [word.format(root=bundle.state_root, bundle=bundle.path, id=bundle.id)
             for word in line.split()]
    bundle.runtime.bare(*words, cwd=bundle.path).ok("ran\n")


@pytest.mark.parametrize("line", ["delete -f {id}", "delete --force {id}", "delete {id} --force",
                                  "delete --force=true {id}", "delete -force {id}"])
def test_delete_is_forced_however_it_is_spelled(bundle, line):
    bundle.running()
    bundle.call(*line.format(id=bundle.id).split()).ok("")


WRONG = [  # words, what is said
    (["frobnicate"], m.UNKNOWN_COMMAND.format(word="frobnicate")),
    (["creat"], m.UNKNOWN_COMMAND.format(word="creat") + " (did you mean create?)"),
    (["--invalidflag", "list"], "brig: unknown option '--invalidflag'"),
    (["create", "--bogus", "x"], m.UNKNOWN_OPTION.format(command="create", word="--bogus")),
    (["create", "--bundel", "x", "y"],
     m.UNKNOWN_OPTION.format(command="create", word="--bundel") + " (did you mean --bundle?)"),
    (["list", "--root", "x"],
     m.UNKNOWN_OPTION.format(command="list", word="--root") + " (it goes before the command)"),
    (["create"], m.WRONG_COUNT.format(command="create", bound="exactly 1", operands="<container-id>")),
    (["create", "a", "b"],
     m.WRONG_COUNT.format(command="create", bound="exactly 1", operands="<container-id>")),
    (["start"], m.WRONG_COUNT.format(command="start", bound="exactly 1", operands="<container-id>")),
    (["kill"], m.WRONG_COUNT.format(command="kill", bound="a minimum of 1",
                                    operands="<container-id> [<signal>]")),
    (["kill", "a", "b", "c"], m.WRONG_COUNT.format(command="kill", bound="a maximum of 2",
                                                   operands="<container-id> [<signal>]")),
    (["create", "--bundle"], m.NEEDS_VALUE.format(command="create", word="--bundle")),
    (["run", "--preserve-fds", "x", "y"],
     "brig: run: invalid value 'x' for --preserve-fds: not a number from 0 up"),
    (["--log-format", "xml", "list"], m.INVALID_LOG_FORMAT.format(word="xml")),
    (["--root", "/", "list"], m.ROOT_IS_SLASH),
    (["list", "--format", "yaml"], "brig: list: invalid format option: yaml (known: table, json)"),
]


@pytest.mark.parametrize("words, message", WRONG, ids=[" ".join(words) for words, _ in WRONG])
def test_a_wrong_command_line_is_explained(bundle, words, message):
    bundle.runtime.bare(*words).fails(message)


BAD_IDS = [("../x", m.ID_CHARACTERS), ("", m.ID_EMPTY), ("x" * 2000, m.ID_TOO_LONG), (".", m.ID_CHARACTERS),
           ("..", m.ID_CHARACTERS), ("a/b", m.ID_CHARACTERS), ("/abs", m.ID_CHARACTERS),
           ("a b", m.ID_CHARACTERS), ("a\nb", m.ID_CHARACTERS), ("ä", m.ID_CHARACTERS)]


@pytest.mark.parametrize("command", ["create", "run", "state", "start", "kill", "delete"])
@pytest.mark.parametrize("bad, message", BAD_IDS, ids=[repr(bad)[:12] for bad, _ in BAD_IDS])
def test_a_bad_id_is_refused_everywhere(bundle, command, bad, message):
    bundle.configure()
    flags = ["--bundle", bundle.path] if command in ("create", "run") else []
    before = sorted(os.listdir(bundle.path))
    text = message.format(id=bad, length=len(bad))
    bundle.call(command, *flags, bad).fails(m.said(command, bad, text))
    assert sorted(os.listdir(bundle.path)) == before


@pytest.mark.parametrize("make", [
    lambda: new_id() + "_+-.Z", lambda: new_id() + "x" * 200, lambda: new_id().upper(),
    lambda: "node.user.1.0.0-" + new_id()])
def test_every_id_that_engines_make_is_accepted(bundle, make):
    bundle.configure(shell("echo ran"))
    bundle.run(container=make()).ok("ran\n")


# ---- where the state is -------------------------------------------------------------------------

def test_root_keeps_its_containers_in_run_brig(bundle):
    bundle.configure({"process.args": ["/bin/sleep", "1000"]})
    environment = {"XDG_RUNTIME_DIR": f"{bundle.path}/xdg", "USER": "root"}
    bundle.runtime.bare("run", "-d", "-b", bundle.path, bundle.id, env=environment).ok("")
    assert bundle.id in os.listdir("/run/brig")
    assert bundle.id in bundle.runtime.bare("list", "-q").ok().stdout.split()
    bundle.runtime.bare("delete", "-f", bundle.id).ok("")
    assert bundle.id not in os.listdir("/run/brig")
    assert leaks.left_processes() == {}
