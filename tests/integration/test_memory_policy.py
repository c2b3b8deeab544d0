"""On which memory nodes the container's processes get their memory (linux.memoryPolicy)."""

import json

import pytest

import messages as m

pytestmark = [pytest.mark.sanitize, pytest.mark.cgroup2]

STATIC = 1 << 15
CASES = [({"mode": "MPOL_DEFAULT"}, 0, []), ({"mode": "MPOL_LOCAL"}, 4, []),
         ({"mode": "MPOL_BIND", "nodes": "0"}, 2, [0]),
         ({"mode": "MPOL_PREFERRED", "nodes": "0", "flags": ["MPOL_F_STATIC_NODES"]}, 1 | STATIC, [0]),
         ({"mode": "MPOL_INTERLEAVE", "nodes": "0"}, 3, [0]),
         ({"mode": "MPOL_BIND", "nodes": "0", "flags": ["MPOL_F_NUMA_BALANCING"]}, 2 | 1 << 13, [0])]


@pytest.mark.parametrize("policy, mode, nodes", CASES, ids=[case[0]["mode"] for case in CASES])
def test_the_program_has_its_policy(bundle, policy, mode, nodes):
    seen = bundle.posture({"linux.memoryPolicy": policy})
    assert (seen["memory_policy"], seen["memory_nodes"]) == (mode, nodes)


def test_so_has_what_exec_runs(bundle):
    bundle.running({"linux.memoryPolicy": {"mode": "MPOL_BIND", "nodes": "0"}})
    seen = json.loads(bundle.call("exec", bundle.id, "/probe").ok().stdout)
    assert (seen["memory_policy"], seen["memory_nodes"]) == (2, [0])


def test_without_one_it_is_the_hosts(bundle):
    assert bundle.posture()["memory_policy"] == 0


def test_a_node_that_the_host_does_not_have_is_refused(bundle):
    bundle.configure({"linux.memoryPolicy": {"mode": "MPOL_BIND", "nodes": "63"}})
    bundle.run().fails(m.said("run", bundle.id, m.NO_SUCH_NODE))


def test_a_list_that_is_none_is_refused_at_its_place(bundle):
    bundle.configure({"linux.memoryPolicy": {"mode": "MPOL_BIND", "nodes": "0-"}})
    bundle.run().fails(m.config_error(bundle, "run", ("linux.memoryPolicy.nodes",
                                                      "'0-' is not a list such as 0-3,7")))
