"""The live views: widgets that show what their feed knows, and answer what their front end asks."""

from __future__ import annotations

import html
import threading
import time
from pathlib import Path
from typing import Any

import anywidget
import msgspec
import traitlets

from kernelserve.cluster.look import EVERY_APP, Look
from kernelserve.widget import feed as feeds
from kernelserve.widget.asks import Desk
from kernelserve.widget.draw import Drawing, drawing_of
from kernelserve.widget.messages import Frame, FromFront, Reply, Seen
from kernelserve.widget.static_view import static_html, static_text

_STATIC = Path(__file__).parent / "static"


class View(anywidget.AnyWidget):
    """A live view of an app, or of all.

    Frames are drawn on the feed's thread, asks are answered by threads of their own: a busy kernel holds up neither.

    Args:
        look: what it shows.
        static_id: id of a picture in the page that stands for it where there is no kernel, as `picture` makes one: the
            view hides it. Without one the view's own output has such a picture.
    """

    _esm = _STATIC / "kernelserve.js"
    _css = _STATIC / "kernelserve.css"
    view_kind = traitlets.Unicode().tag(sync=True)
    static_id = traitlets.Unicode().tag(sync=True)
    frame = traitlets.Dict().tag(sync=True)

    def __init__(self, look: Look, static_id: str = "") -> None:
        self.look = look
        self._drawing: Drawing = drawing_of(look)
        self._desk = Desk(look.session, look.app)
        self._sending = threading.RLock()  # Again by whoever observes a trait.
        self._seen: set[str] = set()
        self._shown: Frame = self._drawing.first()
        super().__init__(view_kind=look.kind, static_id=static_id, frame=msgspec.to_builtins(self._shown))
        self.on_msg(self._message)

    @property
    def wants_rows(self) -> bool:
        return self.look.kind == "requests" and self.look.app != EVERY_APP

    def draw(self, feed: feeds.Feed) -> None:
        """Show what the feed knows; see `feed.Screen`."""
        with feed.known() as apps:
            frame = self._drawing.draw(apps, time.time(), feed.lost_since, feed.gone, self._desk.undo_words)
        if frame is None:
            return
        self._shown = frame
        with self._sending:
            if self.comm is not None:  # It may be closed meanwhile.
                self.frame = msgspec.to_builtins(frame)

    def picture(self) -> dict[str, str]:
        """The display forms of a picture of this moment, with `static_id` as its id: for an output before the view's.

        JupyterLab shows an output that is a widget too only as that, and where there is no kernel only an error.
        """
        picture = f'<div id="{html.escape(self.static_id)}">{static_html(self._shown)}</div>'
        return {"text/plain": static_text(self._shown), "text/html": picture}

    def close(self) -> None:
        """End it: its feed does not draw it any more, and its output goes."""
        with self._sending:
            super().close()
            self._seen.clear()
            feeds.look(self.look.session, self.look.app, self, False)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        made = super()._repr_mimebundle_(**kwargs)
        bundle = made[0] if isinstance(made, tuple) else made
        if bundle is None:
            return made
        bundle["text/plain"] = static_text(self._shown)
        if not self.static_id:
            bundle["text/html"] = static_html(self._shown)
        return made

    # --- the front end ---

    def _message(self, widget: object, content: Any, buffers: object) -> None:
        """On the kernel's main thread, or one of its own for widgets; whatever comes, nothing is raised here."""
        try:
            message = msgspec.convert(content, FromFront)
        except msgspec.ValidationError as error:
            self._refuse(content, error)
            return
        if isinstance(message, Seen):
            self._look(message)
        else:
            threading.Thread(
                target=lambda: self._reply(self._desk.answer(message)), name="kernelserve view", daemon=True
            ).start()

    def _refuse(self, content: Any, error: msgspec.ValidationError) -> None:
        number = content.get("id") if isinstance(content, dict) else None
        if isinstance(number, int):
            text = f"The view asked for something that this kernel does not know ({error}). Reload the page."
            self._reply(Reply(id=number, error=text))

    def _look(self, seen: Seen) -> None:
        with self._sending:
            if seen.on and not seen.closed and self.comm is not None:
                self._seen.add(seen.view)
            else:
                self._seen.discard(seen.view)
            feeds.look(self.look.session, self.look.app, self, bool(self._seen))

    def _reply(self, reply: Reply) -> None:
        with self._sending:
            if self.comm is None:
                return  # Closed meanwhile.
            self.send(msgspec.to_builtins(reply))
        if not reply.error:
            feeds.redraw(self.look.session, self.look.app)
