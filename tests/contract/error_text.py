"""What engines conclude from the words of an error. Go spells errno in lower case; where an engine
looks for that without folding the case, so does the function here."""

import re

NOT_FOUND = ("executable file not found", "no such file or directory",
             "system cannot find the file specified")
CANNOT_BE_CALLED = "failed to run runc create/exec call"


def any_of(words, text):
    return any(word in text for word in words)


def dockerd_20(command, text):
    """translateContainerdStartErr of Docker 20.10: later rules override earlier ones."""
    folded, code = text.lower(), 128
    if command.lower() in folded and any_of((*NOT_FOUND, CANNOT_BE_CALLED), folded):
        code = 127
    if "permission denied" in folded:
        code = 126
    if "not a directory" in folded:
        code = 127
    return code


def dockerd_29(_, text):
    """setExitCodeFromError of Docker 24 and later: the first rule that fits counts."""
    folded = text.lower()
    if any_of(("permission denied", "is a directory"), folded):
        return 126
    if "not a directory" in folded or any_of((*NOT_FOUND, CANNOT_BE_CALLED), folded):
        return 127
    return 128


def docker_cli_20(text):
    if any_of(NOT_FOUND, text):
        return 127
    return 126 if "permission denied" in text else 125


def docker_cli_29(text):
    if any_of(NOT_FOUND, text):
        return 127
    return 126 if any_of(("permission denied", "is a directory"), text) else 125


def shim_create_failed(message):
    """How the shim and containerd wrap what they found in the log on its way to dockerd."""
    return f"failed to create shim task: OCI runtime create failed: {message}: unknown"


def podman(text, looks_for_open=True):
    """getOCIRuntimeError and define.ExitCode: the exit code of `podman run`."""
    found = re.search("(?i).*permission denied.*|.*operation not permitted.*", text)
    said = f"{found[0]}: OCI permission denied" if found else None
    if not found:
        found = re.search("(?i).*executable file not found in.*|.*no such file or directory.*"
                          + ("|.*open executable.*" if looks_for_open else ""), text)
        said = (f"{found[0]}: OCI runtime attempted to invoke a command that was not found"
                if found else f"{text}: OCI runtime error")
    folded = said.lower()
    return 127 if any_of(("not found", "executable path is empty", "no such file"), folded) else 126


def containerd_kill(text):
    """checkKillError of the shim: the error that dockerd and CRI tell apart."""
    if any_of(("os: process already finished", "container not running"), text):
        return "process already finished"
    if "no such process" in text.lower():
        return "process already finished"
    return "no such container" if "does not exist" in text else "unknown"


def crio_not_found(text):
    """runtimeCmd of CRI-O 1.31 and later: nothing is left to kill or delete."""
    return any_of(("no such process", "container not running", "invalid process"), text)
