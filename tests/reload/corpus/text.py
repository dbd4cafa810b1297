"""Fingerprints are over code, not text."""

from __future__ import annotations

from corpus_case import Case

CELLS = """
K = 3
---
class App:
    '''Answers.'''
    def __init__(self):
        loaded()
        self.seen = []
    def put(self, x):
        self.seen.append(x)
        return len(self.seen)
    def ask(self, x):
        return x + K
"""
PUT = "    def put(self, x):\n        self.seen.append(x)\n        return len(self.seen)\n"
KEPT = {"before": "put('a') == 1\nask(1) == 4", "after": "put('b') == 2\nask(1) == 4"}

CASES = [
    Case("a cell run again", CELLS, rerun=True, expect="keep", because="unchanged", **KEPT),
    Case("nothing done", CELLS, expect="keep", **KEPT),
    Case("a comment", CELLS, "return x + K => return x + K  # the sum", expect="keep", **KEPT),
    Case("a comment in the constructor", CELLS, "loaded() => loaded()  # counts\n", expect="keep", **KEPT),
    Case("blank lines", CELLS, "def ask => \n\n\n    def ask", expect="keep", **KEPT),
    Case(
        "another layout of the same code",
        CELLS,
        "return x + K => return (\n            x\n            + K)",
        expect="keep",
        **KEPT,
    ),
    Case("a literal written in another way", CELLS, "K = 3 => K = 0x3", expect="keep", **KEPT),
    Case("arithmetic of literals", CELLS, "K = 3 => K = 1 + 2", expect="keep", **KEPT),
    Case("a moved cell", CELLS, then="K = 3", expect="keep", **KEPT),
    Case("another cell", CELLS, then="UNUSED = 3\ndef unused(): return K", expect="keep", **KEPT),
    Case("the docstring of the class", CELLS, "Answers. => Replies.", because="App docstring", **KEPT),
    Case(
        "a docstring of a method",
        CELLS,
        "def ask(self, x): => def ask(self, x):\n        'Ask it.'",
        because="App.ask docstring",
        **KEPT,
    ),
    Case(
        "true is not one",
        CELLS,
        "K = 3 => K = True",
        because="K",
        before="ask(1) == 4\nput(1) == 1",
        after="ask(1) == 2\nput(1) == 2",
    ),
    Case(
        "an integer is no float",
        CELLS,
        "K = 3 => K = 3.0",
        before="put(str(ask(1))) == 1",
        after="str(ask(1)) == '4.0'",
    ),
    Case(
        "zero and minus zero",
        CELLS.replace("K = 3", "K = 0.0"),
        "K = 0.0 => K = -0.0",
        before="str(ask(-0.0)) == '0.0'",
        after="str(ask(-0.0)) == '-0.0'",
    ),
    Case(
        "an assertion that is no more",
        CELLS.replace("return x", "assert x > 1\n        return x"),
        "assert x > 1 => pass",
        before="error('ask', 1) == 'AssertionError'",
        after="ask(1) == 4",
    ),
    Case(
        "a set in another order",
        """
        class App:
            def __init__(self):
                loaded()
                self.n = 0
            def ask(self, x):
                self.n += 1
                return x in {'a', 'b', 'c'}, self.n
    """,
        "'a', 'b', 'c' => 'c', 'a', 'b'",
        expect="keep",
        before="ask('a') == (True, 1)",
        after="ask('c') == (True, 2)",
    ),
    Case("an undone edit", CELLS, "K = 3 => K = 4", then="K = 3", expect="keep", **KEPT),
    Case(
        "methods in another order",
        CELLS,
        (
            f"{PUT} => ",
            f"return x + K => return x + K\n{PUT}",
        ),
        expect="keep",
        **KEPT,
    ),
]
