from __future__ import annotations

import sys
from pathlib import Path

# Cells run as in the tests of code/.
sys.path.insert(0, str(Path(__file__).parent.parent / "code"))
