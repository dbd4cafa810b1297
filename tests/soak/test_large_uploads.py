"""A form with a file of 200 MB goes to a FastAPI ingress, and no process on its way holds more than a little of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from system_helpers import Cells

import kernelserve as serve
from benchmarks.soak_look import MIB, processes
from kernelserve.cluster.session import Session

SIZE = 200 * 10**6
PIECE = bytes(range(256)) * 400
CEILING_MIB = 64
"""Windows of flow control, what Starlette keeps of a file before it writes to disk, and the client's pieces."""

CELL = """
from fastapi import FastAPI, File, UploadFile
import hashlib

api = FastAPI()

@serve.deployment(ray_actor_options={"num_cpus": 0.1})
@serve.ingress(api)
class Files:
    @api.post("/")
    async def post(self, file: UploadFile = File()):
        digest, size = hashlib.sha256(), 0
        while piece := await file.read(1 << 20):
            digest.update(piece)
            size += len(piece)
        return {"size": size, "digest": digest.hexdigest()}

app = Files.bind()
"""

BOUNDARY = b"a-boundary"
HEAD = b'--%s\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n' % BOUNDARY
TAIL = b"\r\n--%s--\r\n" % BOUNDARY


def form(digest: hashlib._Hash) -> Iterator[bytes]:
    yield HEAD
    for start in range(0, SIZE, len(PIECE)):
        piece = PIECE[: SIZE - start]
        digest.update(piece)
        yield piece
    yield TAIL


def forget_peak(pid: int) -> float:
    """Set the process's peak to what it has now, and return that in MiB (``proc(5)``: clear_refs)."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return peak(pid)


def peak(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / MIB


def test_a_form_of_200_mb(session: Session, cells: Cells, name: str) -> None:
    cells.serve(CELL, name)
    parts = urlsplit(str(serve.app(name).url))
    before = {part: forget_peak(pid) for part, pid in processes(session, name).items()}
    digest = hashlib.sha256()
    connection = HTTPConnection(str(parts.hostname), parts.port, timeout=120)
    headers = {
        "content-type": f"multipart/form-data; boundary={BOUNDARY.decode()}",
        "content-length": str(len(HEAD) + SIZE + len(TAIL)),
    }
    connection.request("POST", f"{parts.path}/", body=form(digest), headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, body
    connection.close()
    grown = {part: peak(pid) - before[part] for part, pid in processes(session, name).items()}
    assert json.loads(body) == {"size": SIZE, "digest": digest.hexdigest()}
    assert max(grown.values()) < CEILING_MIB, grown
