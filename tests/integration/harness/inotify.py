"""What happens to the files of a folder, as inotify(7) tells it."""

import ctypes
import os
import struct

from harness import host

_EVENT = struct.Struct("iIII")
_KINDS = {0x2: "modified", 0x80: "moved-to", 0x100: "created"}


class Watch:
    """events(): [("created", name), ...] since the watch began, without waiting."""

    def __init__(self, folder):
        self.fd = host.libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if host.libc.inotify_add_watch(self.fd, os.fsencode(folder), sum(_KINDS)) < 0:
            raise OSError(ctypes.get_errno(), f"watch {folder}")

    def events(self):
        found, data = [], os.read(self.fd, 65536)
        while data:
            _, mask, _, length = _EVENT.unpack_from(data)
            name = data[_EVENT.size:_EVENT.size + length].rstrip(b"\0").decode()
            found.append((_KINDS.get(mask, hex(mask)), name))
            data = data[_EVENT.size + length:]
        return found

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.fd)
