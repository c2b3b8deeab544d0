"""What brig writes, by the JSON schemas of the specification."""

import json
import os

import pytest

from harness import host

jsonschema = pytest.importorskip("jsonschema")

SCHEMAS = (os.environ.get("BRIG_SCHEMAS") or
           os.path.join(host.REPOSITORY, "..", "shared", "spec", "schema"))
EXAMPLES = os.path.join(SCHEMAS, "test")

pytestmark = pytest.mark.skipif(not os.path.isdir(SCHEMAS),
                                reason="no schemas of the specification beside the checkout")


def read(path):
    with open(path) as file:
        return json.load(file)


def validator(name):
    """The schemas refer to each other by the names of their files."""
    schema = read(os.path.join(SCHEMAS, f"{name}-schema.json"))
    files = {file: read(os.path.join(SCHEMAS, file))
             for file in os.listdir(SCHEMAS) if file.endswith(".json")}
    base = f"file://{os.path.abspath(SCHEMAS)}/"
    store = {base + file: document for file, document in files.items()}
    store.update({document["id"]: document for document in files.values() if "id" in document})
    resolver = jsonschema.RefResolver(schema.get("id") or base, schema, store=store)
    return jsonschema.Draft4Validator(schema, resolver=resolver)


def faults(name, document):
    return sorted(f"{'.'.join(map(str, error.absolute_path))}: {error.message}"
                  for error in validator(name).iter_errors(document))


def examples(kind):
    """The schemas' own, which are JSON: [(schema, path)]"""
    found = []
    for name in ("config", "features", "state"):
        folder = os.path.join(EXAMPLES, name, kind)
        found += [(name, os.path.join(folder, file)) for file in sorted(os.listdir(folder))
                  if file != "invalid-json.json"] if os.path.isdir(folder) else []
    return found


@pytest.mark.parametrize("name, path", examples("good"), ids=os.path.basename)
def test_the_schemas_accept_their_good_examples(name, path):
    assert faults(name, read(path)) == []


@pytest.mark.parametrize("name, path", examples("bad"), ids=os.path.basename)
def test_the_schemas_refuse_their_bad_examples(name, path):
    assert faults(name, read(path)) != []


def test_features(bundle):
    assert faults("features", json.loads(bundle.runtime.bare("features").ok().stdout)) == []


@pytest.mark.parametrize("flags", [(), ("--rootless",)], ids=str)
def test_the_default_configuration(bundle, flags):
    bundle.runtime.bare("spec", "--bundle", bundle.path, *flags).ok("")
    assert faults("config", read(f"{bundle.path}/config.json")) == []


def test_the_state_in_every_status(bundle):
    bundle.configure({"process.args": ["/bin/sleep", "1000"], "annotations": {"a": "b"}})
    bundle.create().ok()
    seen = [bundle.state()]
    bundle.start().ok()
    seen.append(bundle.state())
    bundle.call("kill", bundle.id, "KILL").ok()
    bundle.end()
    seen.append(bundle.state())
    assert [state["status"] for state in seen] == ["created", "running", "stopped"]
    assert [faults("state", state) for state in seen] == [[], [], []]


def test_the_state_that_hooks_are_told(bundle):
    told = f"{bundle.path}/told"
    hooks = {kind: [{"path": "/bin/sh", "args": ["sh", "-c", f"cat >{told}-{kind}"]}]
             for kind in ("prestart", "createRuntime", "createContainer", "poststart", "poststop")}
    bundle.configure({"process.args": ["/bin/true"], "hooks": hooks})
    bundle.run().ok()
    for kind in hooks:
        assert faults("state", read(f"{told}-{kind}")) == [], kind
