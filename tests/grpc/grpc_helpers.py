"""The service of the gRPC tests: compiled once, into a folder where every process of the tests finds it."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import grpc

PACKAGE = "kernelserve_echo"
SERVICE = "kernelserve_test.Echo"
ADD = f"{PACKAGE}.echo_pb2_grpc.add_EchoServicer_to_server"

# On PYTHONPATH from the start: the processes of a Ray that other tests have started must find it too.
FOLDER = Path(tempfile.mkdtemp(prefix="kernelserve-grpc-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
# So must they the deployments, which are those of the test modules.
HERE = Path(__file__).parent
sys.path.append(str(FOLDER))
os.environ["PYTHONPATH"] = os.pathsep.join(
    filter(None, [os.environ.get("PYTHONPATH"), str(FOLDER), str(HERE), str(HERE.parent)])
)


def compile_service() -> None:
    """Make the importable package from ``echo.proto``."""
    from grpc_tools import protoc

    here = Path(__file__).parent
    out = FOLDER / PACKAGE
    out.mkdir()
    (out / "__init__.py").touch()
    options = [f"-I{PACKAGE}={here}", f"--python_out={FOLDER}", f"--grpc_python_out={FOLDER}"]
    assert protoc.main(["protoc", *options, f"{PACKAGE}/echo.proto"]) == 0


class Client:
    """A blocking client of the service: `stub`, and the generated modules."""

    def __init__(self, address: str) -> None:
        from kernelserve_echo import echo_pb2, echo_pb2_grpc

        self.pb: Any = echo_pb2
        self.address = address
        self.channel = grpc.insecure_channel(address)
        self.stub: Any = echo_pb2_grpc.EchoStub(self.channel)

    def text(self, text: str) -> Any:
        return self.pb.Text(text=text)

    def numbers(self, *values: int) -> list[Any]:
        return [self.pb.Number(value=value) for value in values]


def failure(call: Any, *args: Any, **kwargs: Any) -> grpc.RpcError:
    """The error that a call ends with."""
    try:
        answer = call(*args, timeout=20, **kwargs)
        if hasattr(answer, "__next__"):
            list(answer)
    except grpc.RpcError as error:
        return error
    raise AssertionError("The call has succeeded.")
