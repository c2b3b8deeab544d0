"""The fixtures of the integration tests: `bundle`, the leak check after every test, and so on."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "integration"))

from harness.fixtures import *  # noqa: E402, F403
