"""Devices of the host's network that a container gets (linux.netDevices)."""

import re

import pytest

import messages as m
from harness import host, processes
from harness.network import Network
from harness.spec import USER_NAMESPACE, namespaces

pytestmark = [pytest.mark.sanitize, pytest.mark.cgroup2]

ADDRESSES = ("192.0.2.2/24", "2001:db8::2/64")


@pytest.fixture
def network():
    made = Network()
    made.add_pair("host0", "peer0", *ADDRESSES)
    yield made
    made.close()


def lent(devices, **more):
    return {"linux.netDevices": {name: {"name": new} if new else {} for name, new in devices.items()},
            **more}


def lines(bundle, network, changes, script):
    return bundle.says(script, changes, before=network.enter).splitlines()


NAMES = "ls /sys/class/net"


@pytest.mark.parametrize("devices, inside", [
    ({"host0": None}, "host0"), ({"host0": "net0"}, "net0"), ({"host0": "net%d"}, "net0"),
    ({"host0": "lo%d"}, "lo0")])
def test_a_device_moves_into_the_container(bundle, network, devices, inside):
    assert lines(bundle, network, lent(devices), NAMES) == sorted([inside, "lo"])
    assert "host0" not in network.names()


def test_it_has_its_addresses_and_is_up(bundle, network):
    network.ip("address", "add", "198.51.100.20/24", "broadcast", "+", "dev", "host0")
    shown = bundle.says("ip address show dev net0", lent({"host0": "net0"}), before=network.enter)
    for address in [*ADDRESSES, "198.51.100.20/24 brd 198.51.100.255"]:
        assert address in shown
    assert re.search("[<,]UP[,>]", shown.splitlines()[0])


def test_addresses_that_the_kernel_makes_itself_stay_behind(bundle, network):
    network.ip("address", "add", "169.254.3.4/16", "dev", "host0", "scope", "link")
    network.ip("address", "add", "2001:db8::3/64", "dev", "host0", "valid_lft", "1000",
               "preferred_lft", "1000")
    shown = bundle.says("ip address show dev host0", lent({"host0": None}), before=network.enter)
    assert "169.254.3.4" not in shown and "2001:db8::3" not in shown
    assert ADDRESSES[0] in shown


def test_a_peer_and_a_permanent_address_without_a_route_keep_what_they_are(bundle, network):
    network.ip("address", "add", "198.51.100.1", "peer", "198.51.100.9", "dev", "host0")
    network.ip("address", "add", "203.0.113.7/24", "dev", "host0", "noprefixroute")
    shown = bundle.says("ip address show dev host0; ip route", lent({"host0": None}),
                        before=network.enter)
    assert "198.51.100.1 peer 198.51.100.9/32" in shown
    assert "203.0.113.7/24" in shown and "203.0.113.0/24" not in shown


def test_several_devices_share_a_template(bundle, network):
    network.add_pair("host1", "peer1")
    assert lines(bundle, network, lent({"host0": "net%d", "host1": "net%d"}), NAMES) == [
        "lo", "net0", "net1"]


def test_a_container_in_a_user_namespace_gets_devices(mapped_bundle, network):
    changes = {**USER_NAMESPACE, "linux.namespaces+": namespaces("user"), **lent({"host0": "net0"})}
    shown = mapped_bundle.says("ip address show dev net0", changes, before=network.enter)
    assert ADDRESSES[0] in shown and ADDRESSES[1] in shown


def test_a_network_namespace_that_is_joined_gets_devices_and_keeps_them(bundle, network):
    other = Network()
    pin = bundle.file("netns")
    host.mount(f"/proc/self/fd/{other.fd}", pin, None, host.MS_BIND)
    try:
        bundle.configure({"linux.namespaces": namespaces("pid", "ipc", "uts", "mount", network=pin),
                          **lent({"host0": "net0"})})
        bundle.run(before=network.enter).ok()
        assert other.device("net0") == (set(ADDRESSES), True)
    finally:
        host.unmount(pin)
        other.close()


def test_hooks_find_the_devices_there(bundle, network):
    hook = {"path": "/bin/busybox", "args": ["sh", "-c", f"{NAMES} >&2; ip link show net0"]}
    bundle.configure({**lent({"host0": "net0"}), "hooks": {"createContainer": [hook]}})
    bundle.run(before=network.enter).ok()


def test_sysctls_of_a_device_can_be_set(bundle, network):
    changes = lent({"host0": "net0"}, **{"linux.sysctl": {"net.ipv4.conf.net0.forwarding": "1"}})
    assert lines(bundle, network, changes, "cat /proc/sys/net/ipv4/conf/net0/forwarding") == ["1"]


def test_a_virtual_device_ends_with_the_container(bundle, network):
    bundle.configure({**lent({"host0": None}), "process.args": ["/bin/sleep", "1000"]})
    bundle.create(before=network.enter).ok()
    assert network.names() == {"peer0"}
    bundle.delete("--force").ok()
    processes.until(lambda: network.names() == set(), "the peer of the container's device to go")


# ---- when something is wrong --------------------------------------------------------------------

def test_a_create_that_fails_later_returns_the_devices(bundle, network):
    bundle.configure({**lent({"host0": "net0"}), "process.args": ["/not-there"]})
    bundle.create(before=network.enter).exits(1)
    assert network.names() == {"host0", "peer0"}
    assert network.device("host0") == (set(ADDRESSES), True)


def test_a_device_that_was_down_comes_back_down(bundle, network):
    network.ip("link", "set", "host0", "down")
    bundle.configure({**lent({"host0": "net0"}), "process.args": ["/not-there"]})
    bundle.create(before=network.enter).exits(1)
    assert network.device("host0")[1] is False


def test_a_device_that_is_missing_keeps_the_others_on_the_host(bundle, network):
    bundle.configure(lent({"host0": "net0", "missing": None}))
    bundle.create(before=network.enter).fails(m.said("create", bundle.id, m.NO_SUCH_DEVICE))
    assert network.device("host0") == (set(ADDRESSES), True)


@pytest.mark.parametrize("name", ["lo"])
def test_a_name_that_is_taken_is_refused(bundle, network, name):
    bundle.configure(lent({"host0": name}))
    bundle.create(before=network.enter).fails(m.said("create", bundle.id,
                                                     m.DEVICE_NAME_TAKEN.format(name=name)))
    assert network.device("host0") == (set(ADDRESSES), True)


def test_a_device_that_may_not_move_is_refused_with_the_kernels_reason(bundle, network):
    bundle.configure(lent({"lo": "net0"}))
    bundle.create(before=network.enter).fails(m.pattern("create", bundle.id, m.DEVICE_IS_FIXED))
