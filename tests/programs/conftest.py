from __future__ import annotations

import pytest

# A module of plain asserts, since `compat` runs it without pytest; here a failure shows its values.
pytest.register_assert_rewrite("checks")
