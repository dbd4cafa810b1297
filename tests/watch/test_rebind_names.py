"""`rebind`: names that were imported from edited modules."""

from __future__ import annotations

from typing import Any

from kernelserve.watch import rebind, reimport


def test_names_get_the_new_objects_and_other_objects_stay(project: Any) -> None:
    source = "import json\nLIMIT = 3\nTABLE = {'a': 1}\ndef rank(): return 1\nclass Item: pass\ndef gone(): pass\n"
    file = project.write("wg_helpers.py", source)
    helpers = project.imported("wg_helpers")
    item, table = helpers.Item(), {"a": 1}
    names = {"helpers": helpers, "order": helpers.rank, "Item": helpers.Item, "TABLE": helpers.TABLE, "item": item}
    names |= {"table": table, "gone": helpers.gone, "json": helpers.json, "three": 3}
    before = dict(names)
    file.write_text(source.replace("return 1", "return 2").replace("def gone(): pass\n", "").replace("= 3", "= 4"))
    swap = reimport(["wg_helpers"])
    assert rebind(names, swap) == ["helpers", "order", "Item", "TABLE"]
    new = swap.after["wg_helpers"]
    assert (names["helpers"], names["order"], names["Item"], names["TABLE"]) == (new, new.rank, new.Item, new.TABLE)
    assert all(names[name] is before[name] for name in ("item", "table", "gone", "json", "three"))
