"""An agent that answers for system calls (SCMP_ACT_NOTIFY)."""

import array
import contextlib
import fcntl
import json
import os
import select
import socket
import struct
import threading

from harness import processes

SYNC, SENDMSG, WRITE, EXECVE = 162, 46, 1, 59
RECEIVE, SEND = 0xC0502100, 0xC0182101  # SECCOMP_IOCTL_NOTIF_*, <linux/seccomp.h>
CONTINUE = 1                            # SECCOMP_USER_NOTIF_FLAG_CONTINUE


class Agent:
    """Listens at a path; `answers` maps a number to an errno, everything else may go on."""

    def __init__(self, path, answers):
        self.path, self.answers = path, answers
        self.messages, self.calls = [], []
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen(8)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            with peer:
                data, controls, _, _ = peer.recvmsg(65536, socket.CMSG_SPACE(4 * 4))
                fds = array.array("i")
                fds.frombytes(controls[0][2])
                self.messages.append((json.loads(data), len(fds), peer.recv(1)))
            threading.Thread(target=self._serve, args=(fds[0],), daemon=True).start()

    def _serve(self, fd):
        """Until nobody is left whom the filter holds. Only poll() tells: once they are gone, RECEIVE
        says ENOENT at once, as it does for a caller that was killed while it waited."""
        poller = select.poll()
        poller.register(fd, select.POLLIN)
        try:
            while all(event & select.POLLIN for _, event in poller.poll()):
                self._answer(fd)
        finally:
            os.close(fd)

    def _answer(self, fd):
        notification = bytearray(80)
        with contextlib.suppress(FileNotFoundError):
            fcntl.ioctl(fd, RECEIVE, notification)
            identity, _, _, number = struct.unpack_from("QIIi", notification)
            self.calls.append(number)
            error = self.answers.get(number)
            flags = CONTINUE if error is None else 0
            fcntl.ioctl(fd, SEND, struct.pack("Qqii", identity, 0, -(error or 0), flags))

    def message(self, index):
        processes.until(lambda: len(self.messages) > index, "a message for the agent")
        return self.messages[index]

    def close(self):
        self.listener.close()


def notifying(agent_path, *names, **more):
    return {"linux.seccomp": {"defaultAction": "SCMP_ACT_ALLOW",
                              "architectures": ["SCMP_ARCH_X86_64"],
                              "listenerPath": agent_path, "listenerMetadata": "for the agent",
                              "syscalls": [{"names": list(names), "action": "SCMP_ACT_NOTIFY"}],
                              **more}}
