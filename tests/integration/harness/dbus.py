"""D-Bus messages, as far as a systemd that is none needs them: little endian, and only the types
that unit properties have."""

import struct

CALL, RETURN, ERROR, SIGNAL = 1, 2, 3, 4
PATH, INTERFACE, MEMBER, ERROR_NAME, REPLY_SERIAL, DESTINATION, SENDER, SIGNATURE = range(1, 9)
NUMBERS = {"y": "B", "b": "I", "n": "h", "q": "H", "i": "i", "u": "I", "x": "q", "t": "Q"}
FIELD_TYPES = {PATH: "o", INTERFACE: "s", MEMBER: "s", ERROR_NAME: "s", REPLY_SERIAL: "u",
               SENDER: "s", SIGNATURE: "g"}


def first_type(signature):
    """The first complete type: "a(sv)" of "a(sv)u"."""
    if signature[0] == "a":
        return "a" + first_type(signature[1:])
    if signature[0] != "(":
        return signature[0]
    depth = 0
    for at, letter in enumerate(signature):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0:
            return signature[:at + 1]
    raise ValueError(signature)


def alignment(kind):
    if kind in "(":
        return 8
    return struct.calcsize(NUMBERS[kind]) if kind in NUMBERS else {"g": 1, "v": 1}.get(kind, 4)


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def pad(self, size):
        self.at += -self.at % size

    def number(self, kind):
        self.pad(alignment(kind))
        value, = struct.unpack_from("<" + NUMBERS[kind], self.data, self.at)
        self.at += alignment(kind)
        return value

    def text(self, length):
        value = self.data[self.at:self.at + length].decode()
        self.at += length + 1
        return value

    def value(self, kind):
        if kind in NUMBERS:
            return bool(self.number(kind)) if kind == "b" else self.number(kind)
        if kind in ("s", "o"):
            return self.text(self.number("u"))
        if kind == "g":
            return self.text(self.number("y"))
        if kind == "v":
            return self.value(self.value("g"))
        if kind[0] == "(":
            self.pad(8)
            return tuple(self.values(kind[1:-1]))
        end_of, items = self.number("u"), []
        self.pad(alignment(kind[1]))
        end_of += self.at
        while self.at < end_of:
            items.append(self.value(kind[1:]))
        assert self.at == end_of, f"an array of {kind} that is {self.at - end_of} bytes too long"
        return items

    def values(self, signature):
        found = []
        while signature:
            kind = first_type(signature)
            found.append(self.value(kind))
            signature = signature[len(kind):]
        return found


class Writer:
    def __init__(self):
        self.data = b""

    def pad(self, size):
        self.data += b"\0" * (-len(self.data) % size)

    def value(self, kind, value):
        if kind in NUMBERS:
            self.pad(alignment(kind))
            self.data += struct.pack("<" + NUMBERS[kind], value)
        elif kind == "v":  # strings alone
            self.value("g", "s")
            self.value("s", value)
        else:
            self.value("y" if kind == "g" else "u", len(value.encode()))
            self.data += value.encode() + b"\0"


class Call:
    """A message from a client: member, arguments, serial."""

    def __init__(self, data):
        reader = Reader(data)
        order, self.kind, _, version = (reader.number("y") for _ in range(4))
        assert (chr(order), version) == ("l", 1)
        length, self.serial = reader.number("u"), reader.number("u")
        fields = dict(reader.value("a(yv)"))
        reader.pad(8)
        assert len(data) - reader.at == length
        self.member, self.path = fields[MEMBER], fields[PATH]
        self.interface, self.destination = fields[INTERFACE], fields[DESTINATION]
        body = Reader(data[reader.at:])
        self.arguments = body.values(fields.get(SIGNATURE, ""))
        assert body.at == length


def size_of(data):
    """Of the message that begins so; None while that cannot be known."""
    if len(data) < 16:
        return None
    body, _, fields = struct.unpack_from("<III", data, 4)
    return 16 + fields + -fields % 8 + body


def message(kind, fields, signature="", values=()):
    body = Writer()
    for letter, value in zip(signature, values):
        body.value(letter, value)
    if signature:
        fields = {**fields, SIGNATURE: signature}
    header = Writer()
    for number, value in fields.items():
        header.pad(8)
        header.value("y", number)
        header.value("g", FIELD_TYPES[number])
        header.value(FIELD_TYPES[number], value)
    start = struct.pack("<cBBBIII", b"l", kind, 0, 1, len(body.data), 1, len(header.data))
    return start + header.data + b"\0" * (-len(header.data) % 8) + body.data
