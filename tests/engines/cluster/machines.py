"""Machines of a cluster: a network namespace each, one cable between the two, and a host name."""

from rig.place import program

SUBNET = "10.77.0"


class Machine:
    """A name, an address, and how a program is started there."""

    def __init__(self, place, number):
        self.place, self.number = place, number
        self.name, self.address = f"node{number}", f"{SUBNET}.{number}"
        self.network = f"/run/netns/{self.name}"

    def prefix(self):
        """What a daemon is started with: it then has this machine's network and name."""
        return ["nsenter", f"--net={self.network}", "unshare", "--uts", "--",
                program("sh"), "-c", 'hostname "$0"; exec "$@"', self.name]

    def run(self, *argv):
        return self.place.run("nsenter", f"--net={self.network}", *argv)


def connected(place):
    """Two machines with a cable between them."""
    machines = [Machine(place, number) for number in (1, 2)]
    for each in machines:
        place.run("ip", "netns", "add", each.name)
        each.run("ip", "link", "set", "lo", "up")
    one, two = machines
    one.run("ip", "link", "add", "cable", "type", "veth", "peer", "cable", "netns", two.name)
    for each in machines:
        each.run("ip", "address", "add", f"{each.address}/24", "dev", "cable")
        each.run("ip", "link", "set", "cable", "up")
    return machines


def dismantle(place, machines):
    for each in machines:
        place.run("ip", "netns", "del", each.name)
