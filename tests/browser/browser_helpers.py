"""A real Jupyter server and a real browser on one of its notebooks."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium")
TIMEOUT_S = 120.0
Theme = Literal["light", "dark"]
Front = Literal["lab", "notebook"]

# Without a network the browser's own services would only be in the way.
_ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-quic",
)  # fmt: skip


class Jupyter:
    """A server on a free port, with no settings but its own; the front ends are JupyterLab and Notebook.

    Attributes:
        folder: where its notebooks are.
    """

    def __init__(self, home: Path) -> None:
        self.folder = home / "notebooks"
        self.folder.mkdir(parents=True)
        self._home = home
        self._log = home / "server.log"
        settings = home / "settings" / "@jupyterlab"
        _write(settings / "apputils-extension" / "notification.jupyterlab-settings", {"fetchNews": "false"})
        self._themes = settings / "apputils-extension" / "themes.jupyterlab-settings"
        self.theme("light")
        self._process = self._start()
        self.url = self._address()

    def theme(self, theme: Theme) -> None:
        """The theme of pages that are opened from here on."""
        _write(self._themes, {"theme": f"JupyterLab {theme.capitalize()}", "adaptive-theme": False})

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        home = self._home
        folders = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime",
                   "IPYTHONDIR": "ipython"}  # fmt: skip
        env = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}
        env |= {name: str(home / folder) for name, folder in folders.items()} | {"PYTHONPATH": str(ROOT)}
        command = [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0",
            "--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True",
            f"--ServerApp.root_dir={self.folder}", f"--LabApp.user_settings_dir={home / 'settings'}",
            f"--LabApp.workspaces_dir={home / 'workspaces'}", "--LabApp.extension_manager=readonly",
            "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
        ]  # fmt: skip
        with self._log.open("wb") as log:
            return subprocess.Popen(command, env=env, stdout=log, stderr=log, cwd=self.folder)

    def _address(self) -> str:
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline and self._process.poll() is None:
            found = re.search(r"http://127\.0\.0\.1:(\d+)/", self._log.read_text())
            if found:
                with contextlib.suppress(httpx.TransportError):
                    httpx.get(f"{found[0]}api", timeout=10).raise_for_status()
                    return found[0].rstrip("/")
            time.sleep(0.1)
        raise AssertionError(f"Jupyter did not start:\n{self._log.read_text()}")


class Notebook:
    """A notebook that is open in a page; cells are counted from 0.

    Attributes:
        problems: what the page has complained of: errors of scripts.
    """

    def __init__(self, page: Page, jupyter: Jupyter, name: str, front: Front = "lab") -> None:
        self.page = page
        self.problems: list[str] = []
        self._jupyter, self._name = jupyter, name
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        path = f"lab/tree/{name}?reset" if front == "lab" else f"notebooks/{name}"
        page.goto(f"{jupyter.url}/{path}")
        expect(page.locator(".jp-NotebookPanel .jp-Cell").first).to_be_visible()
        self._until_idle()

    def cell(self, index: int) -> Locator:
        return self.page.locator(f'.jp-Notebook .jp-Cell[data-windowed-list-index="{index}"]')

    def output(self, index: int) -> Locator:
        return self.cell(index).locator(".jp-Cell-outputArea")

    def run(self, index: int, wait: bool = True) -> None:
        """Click into a cell and press Shift and Enter; wait until the kernel has run it."""
        prompt = self.cell(index).locator(".jp-InputPrompt")
        before = prompt.inner_text()
        editor = self.cell(index).locator(".cm-content")
        editor.scroll_into_view_if_needed()
        editor.click()
        editor.press("Shift+Enter")
        expect(prompt).not_to_have_text(before)
        if wait:
            expect(prompt).to_have_text(re.compile(r"\[\d+\]:"))

    def run_all(self) -> None:
        """Run every cell, one after the other."""
        for index in range(self.page.locator(".jp-Notebook .jp-CodeCell").count()):
            self.run(index)

    def interrupt(self) -> None:
        """Press ■, and wait until the kernel is idle."""
        self.page.locator('.jp-NotebookPanel-toolbar [data-jp-item-name="interrupt"] jp-button').click()
        self._until_idle()

    def kill(self, pid: int) -> None:
        """End the kernel's process, without a word to it, and see that it is not started again."""
        os.kill(pid, signal.SIGKILL)

    def write(self, index: int, source: str) -> None:
        """Replace what stands in a cell."""
        editor = self.cell(index).locator(".cm-content")
        editor.scroll_into_view_if_needed()
        editor.click()
        editor.press("Control+a")
        self.page.keyboard.insert_text(source)

    def _until_idle(self) -> None:
        """The kernel is there and the page is connected to it: what is run before may be forgotten."""
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            sessions = httpx.get(f"{self._jupyter.url}/api/sessions").json()
            kernels = [one["kernel"] for one in sessions if one["path"] == self._name]
            if kernels and kernels[0]["execution_state"] == "idle" and kernels[0]["connections"]:
                return
            self.page.wait_for_timeout(100)
        raise AssertionError("The notebook's kernel did not get ready.")


@contextlib.contextmanager
def running_browser() -> Iterator[Browser]:
    """Chromium, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_ARGUMENTS))
        yield browser
        browser.close()


def new_page(browser: Browser, width: int = 1300, height: int = 1000) -> Page:
    """A page of its own, with a clipboard, whose waits end after `TIMEOUT_S`."""
    context = browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(TIMEOUT_S * 1000)
    expect.set_options(timeout=TIMEOUT_S * 1000)
    return context.new_page()


def _write(path: Path, value: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))
