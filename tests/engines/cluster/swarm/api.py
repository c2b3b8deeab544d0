"""Docker's API over its socket, for what is asked many times a second."""

import http.client
import json
import socket
import urllib.parse

SECONDS = 30


class Connection(http.client.HTTPConnection):
    def __init__(self, address):
        super().__init__("docker", timeout=SECONDS)
        self.address = address

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(SECONDS)
        self.sock.connect(self.address)


def get(address, path, **filters):
    """The answer to GET; `filters`: {name: value} of Docker's filters."""
    query = urllib.parse.quote(json.dumps({name: [value] for name, value in filters.items()}))
    connection = Connection(address)
    try:
        connection.request("GET", f"{path}?filters={query}")
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == 200, f"GET {path}: {answer.status} {text!r}"
        return json.loads(text)
    finally:
        connection.close()
