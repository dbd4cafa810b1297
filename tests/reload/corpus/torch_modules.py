"""Torch modules: a changed `forward` keeps the weights, changed layers make new ones."""

from __future__ import annotations

from corpus_case import Case

HELD = """
import torch
class Block(torch.nn.Module):
    def __init__(self, size):
        super().__init__()
        self.linear = torch.nn.Linear(size, 2)
    def forward(self, x):
        return self.linear(x) * 1
class Net(torch.nn.Module):
    def __init__(self, size):
        super().__init__()
        self.block = Block(size)
        self.blocks = torch.nn.ModuleList([Block(size)])
    def forward(self, x):
        return self.block(x) + 0
    def scale(self): return 1
---
class App:
    def __init__(self):
        loaded()
        self.net = Net(3).eval()
    def fill(self):
        with torch.no_grad():
            for one in self.net.parameters():
                one.fill_(1.0)
    def ask(self):
        return self.net(torch.ones(1, self.net.block.linear.in_features)).tolist()
"""
SELF = """
import torch
class App(torch.nn.Module):
    def __init__(self):
        super().__init__()
        loaded()
        self.linear = torch.nn.Linear(3, 2)
    def forward(self, x):
        return self.linear(x) * 1
    def fill(self):
        with torch.no_grad():
            for one in self.parameters():
                one.fill_(1.0)
    def ask(self):
        return self(torch.ones(1, self.linear.in_features)).tolist()
"""
FILLED = "fill()\nask() == [[4.0, 4.0]]"

CASES = [
    Case(
        "the forward of a held module",
        HELD,
        "(x) + 0 => (x) + 10",
        expect="barrier",
        because="Net.forward",
        before=FILLED,
        after="ask() == [[14.0, 14.0]]",
    ),
    Case(
        "the forward of a module in a module",
        HELD,
        "(x) * 1 => (x) * 2",
        expect="barrier",
        because="Block.forward",
        before=FILLED,
        after="ask() == [[8.0, 8.0]]",
    ),
    Case(
        "a method of a held module",
        HELD,
        "return 1 => return 2",
        expect="barrier",
        before=FILLED,
        after="ask() == [[4.0, 4.0]]",
    ),
    Case(
        "the layers of a held module",
        HELD,
        "Linear(size, 2) => Linear(size, 5)",
        expect="replace",
        because="Block.__init__",
        before=FILLED,
        after="len(ask()[0]) == 5",
    ),
    Case(
        "an argument of a held module",
        HELD,
        "Net(3) => Net(4)",
        expect="replace",
        because="App.__init__",
        before=FILLED,
        after="len(ask()[0]) == 2\nask() != [[4.0, 4.0]]",
    ),
    Case(
        "a method beside a module",
        HELD,
        "fill_(1.0) => fill_(2.0)",
        before=FILLED,
        after="ask() == [[4.0, 4.0]]\nfill()\nask() == [[8.0, 8.0]]",
    ),
    Case(
        "a module called by the constructor",
        HELD.replace("Net(3).eval()", "Net(3).eval()\n        self.first = self.net(torch.ones(1, 3)).shape"),
        "(x) + 0 => (x) + 10",
        expect="replace",
        before=FILLED,
        after="fill()\nask() == [[14.0, 14.0]]",
    ),
    Case(
        "the forward of a deployment that is a module",
        SELF,
        "(x) * 1 => (x) * 2",
        because="App.forward",
        before=FILLED,
        after="ask() == [[8.0, 8.0]]",
    ),
    Case(
        "the layers of a deployment that is a module",
        SELF,
        "Linear(3, 2) => Linear(2, 2)",
        expect="replace",
        before=FILLED,
        after="fill()\nask() == [[3.0, 3.0]]",
    ),
]
