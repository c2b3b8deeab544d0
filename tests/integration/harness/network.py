"""A network namespace for the runtime to start in, with devices to lend to containers."""

import json
import os
import signal
import subprocess

from harness import host, processes

CLONE_NEWNET = 0x40000000


class Network:
    def __init__(self):
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                host.unshare(CLONE_NEWNET)
                os.write(write, b"x")
                signal.pause()
            finally:
                os._exit(99)
        os.close(write)
        processes.wait_readable(read, "a network namespace")
        assert os.read(read, 1) == b"x"
        os.close(read)
        self.fd = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)

    def enter(self):
        """For `before`: the runtime, too, is here."""
        host.setns(self.fd, CLONE_NEWNET)

    def ip(self, *words):
        done = subprocess.run(["ip", *words], preexec_fn=self.enter, capture_output=True, text=True)
        assert done.returncode == 0, f"ip {' '.join(words)}: {done.stderr}"
        return done.stdout

    def names(self):
        return {device["ifname"] for device in json.loads(self.ip("-j", "link"))} - {"lo"}

    def device(self, name):
        """(addresses of global scope, whether it is up)"""
        return described(self.ip("-j", "address", "show", "dev", name))

    def add_pair(self, name, peer, *addresses):
        self.ip("link", "add", name, "type", "veth", "peer", "name", peer)
        self.ip("link", "set", peer, "up")
        self.ip("link", "set", name, "up")
        for address in addresses:
            self.ip("address", "add", *address.split(), "dev", name)

    def close(self):
        os.close(self.fd)


def described(text):
    device, = json.loads(text)
    addresses = {f"{info['local']}/{info['prefixlen']}" for info in device["addr_info"]
                 if info["scope"] == "global"}
    return addresses, "UP" in device["flags"]
