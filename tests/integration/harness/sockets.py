"""The far ends of the sockets a runtime is given: console, pidfd, notify."""

import array
import os
import socket

from harness import host, processes


class FdReceiver:
    """An AF_UNIX stream socket that takes one message with one file descriptor."""

    def __init__(self, path):
        self.path = path
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        # A path of 108 bytes and more does not fit sun_path; /proc/self/fd shortens it.
        folder = os.open(os.path.dirname(path), os.O_PATH)
        self.listener.bind(f"/proc/self/fd/{folder}/{os.path.basename(path)}")
        os.close(folder)
        self.listener.listen(4)
        self.fd = -1

    def receive(self, seconds=None):
        """(payload, fd): engines insist on exactly one descriptor, some payload, then the end."""
        processes.wait_readable(self.listener.fileno(), f"a connection to {self.path}", seconds)
        peer, _ = self.listener.accept()
        with peer:
            peer.settimeout(seconds or host.DEADLINE)
            data, controls, flags, _ = peer.recvmsg(4096, socket.CMSG_SPACE(16 * 4))
            assert not flags & socket.MSG_CTRUNC
            assert 1 <= len(data) < 4096, f"payload {data!r}"
            assert [(level, kind) for level, kind, _ in controls] == [
                (socket.SOL_SOCKET, socket.SCM_RIGHTS)]
            fds = array.array("i")
            fds.frombytes(controls[0][2])
            assert len(fds) == 1, f"{len(fds)} file descriptors"
            self.fd = fds[0]
            assert peer.recv(1) == b"", "more than one message"
        return data, self.fd

    def close(self):
        self.listener.close()
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


class NotifySocket:
    """What systemd listens on for sd_notify messages."""

    def __init__(self, path):
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        os.chmod(path, 0o777)

    def lines(self, until, seconds=None):
        """Every line received up to the one that begins with `until`; barriers are answered."""
        found = []
        while not any(line.startswith(until) for line in found):
            processes.wait_readable(self.socket.fileno(), f"{until} in {found}", seconds)
            data, controls, _, _ = self.socket.recvmsg(4096, socket.CMSG_SPACE(4 * 4))
            found += data.decode().splitlines()
            for _, _, payload in controls:
                for fd in array.array("i", payload):
                    os.close(fd)  # closing it is the answer to BARRIER=1
        return found

    def close(self):
        self.socket.close()


def listening_socket(path):
    """An inheritable listening socket, as socket activation passes it."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen(1)
    return listener
