"""A client of Kubernetes' Container Runtime Interface: what a kubelet says to containerd."""

import importlib
import os
import subprocess
import sys

from rig.calls import CLASSES

PROTO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cri.proto")


class Refused(AssertionError):
    """The call failed. What a kubelet would show in the events of the pod is in the text."""

    def __init__(self, method, code, text):
        super().__init__(f"{method}: {code}: {text}")
        self.code, self.text = code, text

    @property
    def failure(self):
        """The status with the class of the text: what a caller can act on."""
        kinds = [kind for kind in CLASSES if kind in self.text.lower()]
        return ", ".join([self.code, *kinds])


def messages_in(folder):
    """The module of messages that protoc makes of cri.proto."""
    subprocess.run(["protoc", f"--proto_path={os.path.dirname(PROTO)}", f"--python_out={folder}",
                    os.path.basename(PROTO)], check=True, timeout=60)
    sys.path.insert(0, folder)
    try:
        return importlib.import_module("cri_pb2")
    finally:
        sys.path.remove(folder)


class Client:
    """`client.ExecSync(container_id=..., cmd=[...])` sends the request of that name."""

    def __init__(self, messages, address, seconds):
        # Its handlers for fork() are for servers; here every child calls execve at once.
        os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"
        import grpc
        self.grpc, self.messages, self.seconds = grpc, messages, seconds
        self.channel = grpc.insecure_channel(f"unix://{address}")

    def __getattr__(self, method):
        question = getattr(self.messages, f"{method}Request")
        answer = getattr(self.messages, f"{method}Response")
        call = self.channel.unary_unary(
            f"/runtime.v1.RuntimeService/{method}",
            request_serializer=question.SerializeToString, response_deserializer=answer.FromString)

        def send(**fields):
            try:
                return call(question(**fields), timeout=self.seconds, wait_for_ready=True)
            except self.grpc.RpcError as error:
                raise Refused(method, error.code().name, error.details()) from None
        return send

    def close(self):
        self.channel.close()
