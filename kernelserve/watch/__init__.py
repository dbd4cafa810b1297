"""Following the user's own modules: which they are, what was edited, and the modules imported again.

Example:
    >>> follower = Follower(edited.set).start()      # doctest: +SKIP
    >>> edit = follower.take()                       # doctest: +SKIP
    >>> rebind(globals(), edit.modules)              # doctest: +SKIP
    ['rank']
"""

from __future__ import annotations

from kernelserve.watch.errors import traceback_text
from kernelserve.watch.follower import Edit, Follower
from kernelserve.watch.rebind import perhaps_old, rebind
from kernelserve.watch.reimport import Swap, reimport

__all__ = ["Edit", "Follower", "Swap", "perhaps_old", "rebind", "reimport", "traceback_text"]
