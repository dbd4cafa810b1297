"""A record shop's catalogue: create, read, update and delete over HTTP, search, covers, and a key for changes."""

import itertools
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, FastAPI, File, Header, HTTPException, Query, Response, UploadFile
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

import kernelserve as serve  # the serve module

api = FastAPI(title="Catalogue", version="1.2")

KEY = "let me in"
MAX_COVER = 2_000_000


class Medium(StrEnum):
    vinyl = "vinyl"
    tape = "tape"


class NewRecord(BaseModel):
    title: str = Field(min_length=1, max_length=80)
    artist: str = Field(min_length=1, max_length=80)
    year: int = Field(ge=1900, le=2100)
    medium: Medium = Medium.vinyl
    tags: list[str] = Field(default=[], max_length=10)


class Record(NewRecord):
    id: int


class Change(BaseModel):
    title: str | None = Field(default=None, min_length=1, max_length=80)
    year: int | None = Field(default=None, ge=1900, le=2100)


class Page(BaseModel):
    total: int
    records: list[Record]


class Problem(BaseModel):
    detail: str


class SoldOut(Exception):
    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.title = title


@api.exception_handler(SoldOut)
async def sold_out(request, error):
    return JSONResponse({"detail": f"{error.title} is sold out"}, 409)


@api.middleware("http")
async def name_the_shop(request, call_next):
    response = await call_next(request)
    response.headers["x-shop"] = "catalogue"
    return response


class Paging(BaseModel):
    offset: int
    limit: int


def paging(
    offset: Annotated[int, Query(ge=0, le=10_000)] = 0, limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> Paging:
    return Paging(offset=offset, limit=limit)


def may_change(x_key: Annotated[str, Header()] = "") -> None:
    if x_key != KEY:
        raise HTTPException(403, "the key is wrong")


NOT_FOUND = {404: {"model": Problem}}
CHANGES = {"dependencies": [Depends(may_change)], "responses": {403: {"model": Problem}}}
CHANGES_ONE = {"dependencies": [Depends(may_change)], "responses": {403: {"model": Problem}, **NOT_FOUND}}


@api.get("/about")
def about() -> dict[str, str]:
    return {"shop": "catalogue"}


@serve.deployment(max_ongoing_requests=20)
@serve.ingress(api)
class Catalogue:
    def __init__(self, first_id: int = 1) -> None:
        self.records: dict[int, Record] = {}
        self.covers: dict[int, bytes] = {}
        self.ids = itertools.count(first_id)

    def find(self, record_id: int) -> Record:
        if record_id not in self.records:
            raise HTTPException(404, f"there is no record {record_id}")
        return self.records[record_id]

    @api.post("/records", status_code=201, **CHANGES)
    def create(self, new: NewRecord, response: Response) -> Record:
        record = Record(id=next(self.ids), **new.model_dump())
        self.records[record.id] = record
        response.headers["location"] = f"/records/{record.id}"
        return record

    @api.get("/records")
    async def search(
        self,
        page: Annotated[Paging, Depends(paging)],
        artist: Annotated[str | None, Query(max_length=80)] = None,
        tag: Annotated[list[str] | None, Query(max_length=10)] = None,
    ) -> Page:
        found = [
            record
            for record in self.records.values()
            if (artist is None or record.artist == artist) and set(tag or ()) <= set(record.tags)
        ]
        return Page(total=len(found), records=found[page.offset : page.offset + page.limit])

    @api.get("/records/{record_id}", responses=NOT_FOUND)
    async def read(self, record_id: int) -> Record:
        return self.find(record_id)

    @api.patch("/records/{record_id}", **CHANGES_ONE)
    async def update(self, record_id: int, change: Change) -> Record:
        record = self.find(record_id).model_copy(update=change.model_dump(exclude_none=True))
        self.records[record_id] = record
        return record

    @api.delete("/records/{record_id}", status_code=204, **CHANGES_ONE)
    def delete(self, record_id: int) -> None:
        self.find(record_id)
        del self.records[record_id]
        self.covers.pop(record_id, None)

    @api.put("/records/{record_id}/cover", responses={**NOT_FOUND, 413: {"model": Problem}})
    async def put_cover(self, record_id: int, cover: Annotated[UploadFile, File()]) -> dict[str, str | int]:
        self.find(record_id)
        image = bytearray()
        while piece := await cover.read(65536):
            image += piece
            if len(image) > MAX_COVER:
                raise HTTPException(413, f"a cover has at most {MAX_COVER} bytes")
        self.covers[record_id] = bytes(image)
        return {"name": cover.filename or "", "size": len(image)}

    @api.get("/records/{record_id}/cover", response_class=Response, responses=NOT_FOUND)
    async def read_cover(self, record_id: int) -> Response:
        self.find(record_id)
        if record_id not in self.covers:
            raise HTTPException(404, f"record {record_id} has no cover")
        return Response(self.covers[record_id], media_type="image/png")

    @api.post("/records/{record_id}/buy", responses={**NOT_FOUND, 409: {"model": Problem}})
    async def buy(self, record_id: int) -> Record:
        raise SoldOut(self.find(record_id).title)

    def count(self) -> int:
        return len(self.records)


app = Catalogue.bind()
