"""The fixtures of the integration tests: `bundle`, the leak check after every test, and so on."""

import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "integration"))

from harness.fixtures import *  # noqa: E402, F403
from harness.spec import shell  # noqa: E402


class SerialPort:
    """The first serial port as /dev/x of a container, whose program tries to read it when asked."""

    config = {**shell("while read asked; do cat /dev/x 2>&1; done"),
              "linux.devices": [{"path": "/dev/x", "type": "c", "major": 4, "minor": 64}]}

    def __init__(self, answers):
        self.stdin, self._asks = os.pipe()
        self._answers, self.stdout = answers, answers.write_end

    def is_refused(self):
        os.write(self._asks, b"\n")
        return self._answers.line().endswith("Operation not permitted")

    def close(self):
        os.close(self.stdin)
        os.close(self._asks)


@pytest.fixture
def serial_port(output_pipe):
    port = SerialPort(output_pipe)
    yield port
    port.close()
