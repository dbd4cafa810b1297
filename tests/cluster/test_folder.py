"""The folder of a system: private, held by locks that end with their processes, swept when nobody holds it."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from system_helpers import wait_for

from kernelserve.cluster.folder import SystemFolder, sweep
from kernelserve.exceptions import RayServeException

HOLD = """
import sys, time
from kernelserve.cluster.folder import SystemFolder
folder = SystemFolder.join(sys.argv[1])
print("held", flush=True)
time.sleep(600)
"""


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder whose path is short enough for sockets below it."""
    path = Path("/tmp") / f"k{secrets.token_hex(2)}"
    path.mkdir(mode=0o700)
    yield path
    shutil.rmtree(path)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_folder_and_its_secret_are_for_this_user_only(tmp_path: Path) -> None:
    old = os.umask(0)  # The most generous one.
    try:
        folder = SystemFolder.create(tmp_path)
    finally:
        os.umask(old)
    assert folder.path.parent == tmp_path
    assert mode(folder.path) == 0o700
    assert mode(folder.path / "secret") == 0o600
    assert mode(folder.path / "lock") == 0o600
    folder.release()


def test_each_system_has_a_secret_of_its_own_that_no_text_shows(tmp_path: Path) -> None:
    one, two = SystemFolder.create(tmp_path), SystemFolder.create(tmp_path)
    assert len(one.secret) == 32
    assert one.secret != two.secret
    assert one.path != two.path
    assert one.secret.hex() not in repr(one)
    assert repr(one.secret) not in repr(one)
    assert SystemFolder.join(one.path).secret == one.secret
    assert one.socket("control") == f"unix://{one.path}/control"


def test_a_folder_stays_while_somebody_holds_it(tmp_path: Path) -> None:
    maker = SystemFolder.create(tmp_path)
    other = SystemFolder.join(str(maker.path))
    assert sweep(tmp_path) == []
    maker.remove()
    assert maker.path.exists(), "the other one still works there"
    assert sweep(tmp_path) == []
    other.release()
    other.release()  # Harmless.
    assert sweep(tmp_path) == [maker.path]
    assert not maker.path.exists()
    assert sweep(tmp_path) == []


def test_the_last_one_to_leave_removes_it(tmp_path: Path) -> None:
    folder = SystemFolder.create(tmp_path)
    (folder.path / "state").mkdir()
    (folder.path / "state" / "app").write_text("{}")
    folder.remove()
    assert not folder.path.exists()
    folder.remove()  # Harmless.


def test_a_killed_process_holds_nothing_and_the_next_start_sweeps(tmp_path: Path) -> None:
    folder = SystemFolder.create(tmp_path)
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(folder.path)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        folder.remove()
        assert folder.path.exists(), "the other process holds it"
        assert sweep(tmp_path) == []
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
    wait_for(lambda: holder.returncode is not None, "it is dead")
    following = SystemFolder.create(tmp_path)
    assert not folder.path.exists()
    following.remove()


def test_only_folders_of_ours_are_swept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "something").write_text("somebody else's")
    assert sweep(tmp_path) == []
    assert (tmp_path / "folder" / "something").exists()


def test_systems_that_start_at_once_do_not_sweep_each_other(tmp_path: Path) -> None:
    def make(number: int) -> SystemFolder:
        folder = SystemFolder.create(tmp_path)
        assert len(folder.secret) == 32
        return folder

    with ThreadPoolExecutor(8) as pool:
        folders = list(pool.map(make, range(80)))
    assert all((folder.path / "secret").exists() for folder in folders)
    for folder in folders:
        folder.release()
    assert len(sweep(tmp_path)) == 80


def test_a_folder_that_is_not_there_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RayServeException, match="No such file") as caught:
        SystemFolder.join(tmp_path / "gone")
    assert str(tmp_path / "gone") in str(caught.value)
    assert "start kernelserve where its controller runs" in str(caught.value)


def test_by_default_it_lies_in_a_private_folder_of_the_user(short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(short))
    folder = SystemFolder.create()
    base = folder.path.parent
    assert base == short / f"kernelserve-{os.getuid()}"
    assert mode(base) == 0o700
    assert len(os.fsencode(folder.socket("r0123456789ab.c").removeprefix("unix://"))) < 107
    folder.remove()


def test_a_base_that_others_can_enter_is_refused(short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(short))
    base = short / f"kernelserve-{os.getuid()}"
    base.mkdir()
    base.chmod(0o755)
    with pytest.raises(RayServeException, match="not private") as caught:
        SystemFolder.create()
    assert str(base) in str(caught.value)
    assert "drwxr-xr-x" in str(caught.value)
    assert "Remove it" in str(caught.value)


def test_a_base_that_is_a_link_is_refused(short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(short))
    elsewhere = short / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    (short / f"kernelserve-{os.getuid()}").symlink_to(elsewhere)
    with pytest.raises(RayServeException, match="not private"):
        SystemFolder.create()
    assert list(elsewhere.iterdir()) == []
