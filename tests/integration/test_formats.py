"""The formats callers parse: state, list, the log, the version, help, features, spec."""

import datetime
import json
import os
import re

import pytest

import messages as m
from harness import host
from harness.spec import DEFAULT, USER_MAP

DATA = os.path.join(os.path.dirname(__file__), "data")
SCHEMA = (os.environ.get("BRIG_SPEC_SCHEMA")
          or os.path.join(host.REPOSITORY, "..", "shared", "spec", "schema"))


# ---- state and list -----------------------------------------------------------------------------

def test_state_is_the_json_of_the_specification(bundle):
    before = datetime.datetime.now(datetime.timezone.utc)
    bundle.configure({"annotations": {"org.example": "value", "empty": ""}})
    bundle.create().ok()
    text = bundle.call("state", bundle.id).ok().stdout
    state = json.loads(text)
    assert text == json.dumps(state, indent=2) + "\n"
    created = state.pop("created")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}Z", created)
    moment = datetime.datetime.fromisoformat(created[:26].rstrip("Z") + "+00:00")
    assert before <= moment <= datetime.datetime.now(datetime.timezone.utc)
    assert state == {"ociVersion": "1.3.0", "id": bundle.id, "pid": bundle.pid, "status": "created",
                     "bundle": bundle.path, "rootfs": bundle.rootfs, "owner": "root",
                     "annotations": {"org.example": "value", "empty": ""}}


def test_state_has_no_annotations_when_there_are_none(bundle):
    bundle.running()
    assert "annotations" not in bundle.state()


def test_state_names_the_bundle_by_its_real_path(bundle):
    bundle.configure()
    os.symlink(bundle.path, f"{bundle.path}/link")
    bundle.call("create", "--bundle", "link/.", bundle.id, cwd=bundle.path).ok()
    assert bundle.state()["bundle"] == bundle.path
    bundle.delete().ok()


@pytest.mark.parametrize("flags, empty", [([], None), (["-q"], ""), (["--quiet"], ""),
                                          (["--format", "json"], "null"), (["-f", "json"], "null")])
def test_list_of_no_containers(bundle, flags, empty):
    said = bundle.call("list", *flags).ok().stdout
    if empty is None:
        assert said.split() == ["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"]
    else:
        assert said.rstrip("\n") == empty


def test_list_shows_containers_in_columns_as_json_and_as_ids(new_bundle):
    first, second = new_bundle(), new_bundle()
    second.runtime.root = second.state_root = first.state_root
    for each in (first, second):
        each.running()
    ids = sorted([first.id, second.id])
    assert first.call("list", "--quiet").ok().stdout.split() == ids
    listed = json.loads(first.call("list", "--format=json").ok().stdout)
    assert listed == [first.state(container=name) for name in ids]
    header, *rows = first.call("list").ok().stdout.splitlines()
    starts = [header.index(word) for word in ("ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER")]
    for row in rows:
        cells = [row[a:b].rstrip() for a, b in zip(starts, [*starts[1:], None])]
        state = json.loads(first.call("state", cells[0]).ok().stdout)
        assert cells == [state["id"], str(state["pid"]), "running", state["bundle"],
                         state["created"], "root"]
    assert [row.split()[0] for row in rows] == ids


# ---- the log ------------------------------------------------------------------------------------

def logged(path):
    with open(path) as file:
        return file.read().splitlines()


def test_an_error_is_logged_as_one_json_object_and_said_on_stderr(bundle):
    log = f"{bundle.path}/log.json"
    for number in (1, 2):
        outcome = bundle.call("--log", log, "--log-format=json", "state", bundle.id)
        outcome.fails(m.said("state", bundle.id, m.DOES_NOT_EXIST))
        lines = logged(log)
        assert len(lines) == number  # appended, never truncated
    entry = json.loads(lines[0])
    assert sorted(entry) == ["level", "msg", "time"]
    assert entry["level"] == "error"
    assert entry["msg"] == f"state '{bundle.id}': {m.DOES_NOT_EXIST}"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", entry["time"])


def test_a_message_with_quotes_and_newlines_stays_one_line(bundle):
    log = f"{bundle.path}/log.json"
    bundle.call("--log", log, "--log-format", "json", "state", 'a"\nb').exits(1)
    assert 'a"\nb' in json.loads(logged(log)[0])["msg"] and len(logged(log)) == 1


def test_the_text_log_is_runc_s(bundle):
    log = f"{bundle.path}/log"
    bundle.call("--log", log, "state", bundle.id).exits(1)
    assert re.fullmatch(r'time="[^"]+" level=error msg="state .* does not exist"', logged(log)[0])


def test_the_log_file_is_made_even_when_there_is_nothing_to_say(bundle):
    log = f"{bundle.path}/log"
    bundle.configure()
    bundle.call("--log", log, "run", "--bundle", bundle.path, bundle.id).ok("")
    assert logged(log) == []


def test_a_warning_is_not_logged_by_default(bundle):
    """Podman parses the whole file as one object when a create fails (engines.md 0.3)."""
    log = f"{bundle.path}/log.json"
    bundle.configure({"process.args": ["/no/such/program"]}, without=["process.cwd"])
    bundle.call("--log", log, "--log-format", "json", "create", "--bundle", bundle.path,
                bundle.id).exits(1)
    assert [json.loads(line)["level"] for line in logged(log)] == ["error"]


def test_debug_logs_more_and_says_no_more_on_stderr_than_it_must(bundle):
    log = f"{bundle.path}/log.json"
    bundle.configure(without=["process.cwd"])
    bundle.call("--debug", "--log", log, "--log-format", "json", "run", "--bundle", bundle.path,
                bundle.id).ok("")
    assert "warning" in {json.loads(line)["level"] for line in logged(log)}


# ---- what the binary says of itself -------------------------------------------------------------

def test_the_version_is_what_engines_parse(bundle):
    said = bundle.runtime.bare("--version").ok().stdout
    first, *rest = said.splitlines()
    assert re.fullmatch(r"brig version \d+\.\d+\.\d+\S*", first)
    assert said.count("version") == 1
    assert [line.split(": ")[0] for line in rest][:2] == ["commit", "spec"]
    for spelled in ("-v", "-version", "version"):
        bundle.runtime.bare(spelled).ok(said)


@pytest.mark.parametrize("words", [[], ["help"], ["--help"], ["-h"], ["h"]])
def test_help_lists_the_commands(bundle, words):
    said = bundle.runtime.bare(*words).ok().stdout
    for command in ("create", "start", "run", "state", "kill", "delete", "list", "spec", "features"):
        assert re.search(rf"^\s+{command}\b", said, re.MULTILINE), command


@pytest.mark.parametrize("command", ["create", "start", "run", "state", "kill", "delete", "list",
                                     "spec", "features"])
def test_help_of_a_command_is_reached_in_three_ways(bundle, command):
    said = bundle.runtime.bare("help", command).ok().stdout
    assert said.startswith("usage: brig")
    for words in ([command, "--help"], [command, "-h"]):
        bundle.runtime.bare(*words).ok(said)


def same_shape(value, shape, path="features"):
    """`shape`: an object with the same members ("*": any), a list of one shape, or an example."""
    if isinstance(shape, dict):
        assert isinstance(value, dict), path
        for key, item in value.items():
            assert key in shape or "*" in shape, f"{path}.{key}"
            same_shape(item, shape.get(key, shape.get("*")), f"{path}.{key}")
    elif isinstance(shape, list):
        assert isinstance(value, list) and len(value) == len(set(value)), path
        for item in value:
            same_shape(item, shape[0], path)
    else:
        assert type(value) is type(shape), path


def test_features_has_the_shape_of_the_specification(bundle):
    with open(os.path.join(DATA, "features-shape.json")) as file:
        shape = json.load(file)
    said = json.loads(bundle.runtime.bare("features").ok().stdout)
    same_shape(said, shape)
    assert (said["ociVersionMin"], said["ociVersionMax"]) == ("1.0.0", "1.3.0")
    assert set(said["linux"]["namespaces"]) == {
        "pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time"}
    assert set(said["hooks"]) == {"prestart", "createRuntime", "createContainer", "startContainer",
                                  "poststart", "poststop"}
    assert {"rro", "tmpcopyup", "rbind", "nosymfollow"} <= set(said["mountOptions"])
    assert said["linux"]["netDevices"]["enabled"]
    assert all(said["linux"]["intelRdt"].values())
    assert {"MPOL_LOCAL", "MPOL_BIND"} <= set(said["linux"]["memoryPolicy"]["modes"])


def test_features_fit_the_schema_of_the_specification(bundle):
    jsonschema = pytest.importorskip("jsonschema")
    if not os.path.isdir(SCHEMA):
        pytest.skip(f"no schema at {SCHEMA}; set BRIG_SPEC_SCHEMA")
    with open(os.path.join(SCHEMA, "features-schema.json")) as file:
        schema = json.load(file)
    resolver = jsonschema.RefResolver(f"file://{os.path.abspath(SCHEMA)}/", schema)
    said = json.loads(bundle.runtime.bare("features").ok().stdout)
    jsonschema.Draft4Validator(schema, resolver=resolver).validate(said)


# ---- spec ---------------------------------------------------------------------------------------

def written_spec(bundle, *flags, name="config.json"):
    bundle.runtime.bare("spec", "--bundle", bundle.path, *flags).ok("")
    with open(f"{bundle.path}/{name}") as file:
        return file.read()


def test_spec_writes_the_default_configuration(bundle):
    text = written_spec(bundle)
    spec = json.loads(text)
    assert text.startswith('{\n\t"ociVersion": "1.3.0",\n')
    namespaces = [each["type"] for each in spec["linux"].pop("namespaces")]
    assert [kind for kind in namespaces if kind != "cgroup"] == ["pid", "network", "ipc", "uts", "mount"]
    spec["process"].update(terminal=False, args=["/bin/true"])
    wanted = json.loads(json.dumps(DEFAULT))
    del wanted["linux"]["namespaces"]
    without_empty = [{key: value for key, value in each.items() if value != []}
                     for each in wanted["mounts"]]
    assert spec == {**wanted, "ociVersion": "1.3.0", "mounts": without_empty}


def test_spec_does_not_overwrite(bundle):
    bundle.write_config("mine")
    outcome = bundle.runtime.bare("spec", "-b", bundle.path)
    outcome.fails("brig: spec: file config.json exists: remove it first")
    with open(f"{bundle.path}/config.json") as file:
        assert file.read() == "mine"


def test_spec_writes_to_another_name(bundle):
    assert "ociVersion" in json.loads(written_spec(bundle, "--file", "other.json", name="other.json"))


def test_spec_for_an_ordinary_user_has_a_user_namespace(bundle):
    spec = json.loads(written_spec(bundle, "--rootless"))
    kinds = {each["type"] for each in spec["linux"]["namespaces"]}
    assert "user" in kinds and "network" not in kinds
    assert spec["linux"]["uidMappings"] == [{**USER_MAP, "hostID": 0, "size": 1}]
    assert "resources" not in spec["linux"]
    assert not any(option.startswith(("uid=", "gid=")) for each in spec["mounts"]
                   for option in each.get("options", []))
