"""`Follower`: edits of files, each once."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from system_helpers import threads_have_ended, wait_for

from kernelserve.watch import Follower


def waited(follower: Follower, edited: threading.Event) -> Any:
    """The next edit."""
    wait_for(edited.is_set, "the follower has noticed an edit")
    edited.clear()
    return follower.take()


def test_edits_are_taken_once(project: Any) -> None:
    app = project.write("wh_app.py", "import wh_words\n")
    words = project.write("wh_words.py", "A = 1\n")
    project.imported("wh_app")
    edited, threads = threading.Event(), set(threading.enumerate())
    with Follower(edited.set) as follower:
        assert follower.take(any_file=True) is None
        words.write_text("A = 22\n")
        edit = waited(follower, edited)
        assert edit.files == (words,) and set(edit.modules.after) == {"wh_app", "wh_words"}
        assert follower.take() is None
        unused = project.write("wh_unused.py", "")
        assert follower.take() is None
        unused.write_text("# of a module that could not be imported\n")
        edit = follower.take(any_file=True)
        assert edit is not None and edit.files == (unused,) and not edit.modules.after
        app.write_text("import wh_words  # again\n")
        words.write_text("A = 333\n")
        wait_for(edited.is_set, "both edits are noticed")
        assert follower.take() is not None
    threads_have_ended(threads)
    assert project.modules()["wh_words"].A == 333


def test_an_edit_before_the_start_counts(project: Any) -> None:
    edited = threading.Event()
    file = project.write("wi_app.py", "A = 1\n")
    follower = Follower(edited.set, [project.folder])
    project.imported("wi_app")
    file.write_text("A = 22\n")
    with follower:
        assert waited(follower, edited).files == (file,)


def test_a_broken_edit_is_tried_again_after_the_next_one(project: Any) -> None:
    app = project.write("wj_app.py", "A = 1\n")
    project.imported("wj_app")
    edited = threading.Event()
    with Follower(edited.set) as follower:
        app.write_text("from wj_pkg.part import A\n")
        project.write("wj_pkg/__init__.py", "")
        part = project.write("wj_pkg/part.py", "A = \n")
        with pytest.raises(SyntaxError):
            waited(follower, edited)
        assert follower.pending == (app,)
        assert follower.take() is None
        part.write_text("A = 2\n")  # of a module that has never been imported
        edit = waited(follower, edited)
        assert set(edit.files) == {app, part} and follower.pending == ()
    assert project.modules()["wj_app"].A == 2
