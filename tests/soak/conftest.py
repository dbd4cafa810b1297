"""Many connections at once need many descriptors, and records of errors keep what the errors refer to."""

from __future__ import annotations

import gc
import logging
import resource
from collections.abc import Iterator

import pytest

WANTED = 4096


@pytest.fixture(scope="module", autouse=True)
def descriptors() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < WANTED:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(WANTED, hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(scope="module", autouse=True)
def no_records() -> Iterator[None]:
    """pytest keeps each log record, and with it a traceback and the request in it, which looks like a leak."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module", autouse=True)
def only_new_objects() -> Iterator[None]:
    """Counting takes all objects that there are, again and again: not the millions of the tests before."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
