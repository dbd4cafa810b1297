"""What goes on beside requests: finalizers, threads, globals and caches changed at run time, `__reload__`."""

from __future__ import annotations

from corpus_case import Case

CASES = [
    Case(
        "a finalizer",
        """
        import pathlib
        class App:
            def __init__(self):
                loaded()
                self.file = pathlib.Path(LOADS + '.ended')
            def __del__(self):
                self.file.write_text('ended')
            def ask(self):
                return self.file.exists(), 'a'
    """,
        "'a' => 'b'",
        before="ask() == (False, 'a')",
        after="ask() == (False, 'b')",
    ),
    Case(
        "a finalizer that came",
        """
        import pathlib
        class App:
            def __init__(self):
                loaded()
                self.file = pathlib.Path(LOADS + '.ended')
            def ask(self):
                return self.file.exists()
    """,
        "def ask => def __del__(self): self.file.write_text('ended')\n    def ask",
        before="ask() == False",
        after="ask() == False",
    ),
    Case(
        "a thread of the constructor",
        """
        import queue, threading
        class App:
            def __init__(self):
                loaded()
                self.asked, self.answers = queue.Queue(), queue.Queue()
                threading.Thread(target=self.work, daemon=True).start()
            def work(self):
                for x in iter(self.asked.get, None):
                    self.answers.put(self.said(x))
            def said(self, x): return x + 1
            def ask(self, x):
                self.asked.put(x)
                return self.answers.get(timeout=20)
            def stop(self):
                self.asked.put(None)
    """,
        "x + 1 => x + 2",
        expect="replace",
        before="ask(1) == 2\nstop()",
        after="ask(1) == 3\nstop()",
    ),
    Case(
        "a thread whose code stays",
        """
        import queue, threading
        class App:
            def __init__(self):
                loaded()
                self.n = 0
                self.asked, self.answers = queue.Queue(), queue.Queue()
                threading.Thread(target=work, args=(self.asked, self.answers), daemon=True).start()
            def ask(self, x):
                self.asked.put(x)
                return self.answers.get(timeout=20), 'a'
            def stop(self):
                self.asked.put(None)
        ---
        def work(asked, answers):
            n = 0
            for x in iter(asked.get, None):
                n += x
                answers.put(n)
    """,
        "'a' => 'b'",
        before="ask(1) == (1, 'a')",
        after="ask(1) == (2, 'b')\nstop()",
    ),
    Case(
        "a global of the constructor",
        """
        MODEL = None
        class App:
            def __init__(self):
                global MODEL
                loaded()
                MODEL = [5]
            def ask(self):
                MODEL.append(1)
                return len(MODEL), 'a'
    """,
        "'a' => 'b'",
        before="ask() == (2, 'a')",
        after="ask() == (3, 'b')",
    ),
    Case(
        "a global that requests rebind",
        """
        COUNT = 0
        class App:
            def __init__(self):
                loaded()
            def ask(self):
                global COUNT
                COUNT += 1
                return COUNT, 'a'
    """,
        "'a' => 'b'",
        expect="barrier",
        before="ask() == (1, 'a')",
        after="ask() == (2, 'b')",
    ),
    Case(
        "a module's cache in a dict",
        """
        CACHE = {}
        class App:
            def __init__(self):
                loaded()
            def ask(self, x):
                CACHE[x] = CACHE.get(x, 0) + 1
                return CACHE[x], 'a'
    """,
        "'a' => 'b'",
        before="ask(1) == (1, 'a')",
        after="ask(1) == (2, 'b')",
    ),
    Case(
        "a cache that is made anew",
        """
        CACHE = {'start': 5}
        class App:
            def __init__(self):
                loaded()
                self.n = 0
            def ask(self):
                self.n += 1
                CACHE['start'] += 1
                return self.n, CACHE['start']
    """,
        "'start': 5 => 'start': 50",
        before="ask() == (1, 6)",
        after="ask() == (2, 51)",
    ),
    Case(
        "the cache of a function that stays",
        """
        import functools
        CALLS = []
        @functools.lru_cache
        def slow(x):
            CALLS.append(x)
            return x + 1
        ---
        class App:
            def __init__(self):
                loaded()
            def ask(self, x):
                return slow(x), len(CALLS), 'a'
    """,
        "'a' => 'b'",
        before="ask(1) == (2, 1, 'a')",
        after="ask(1) == (2, 1, 'b')",
    ),
    Case(
        "an attribute of a helper class changed at run time",
        """
        class Stats:
            hits = 0
        ---
        class App:
            def __init__(self):
                loaded()
            def ask(self):
                Stats.hits += 1
                return Stats.hits, 'a'
    """,
        "'a' => 'b'",
        before="ask() == (1, 'a')",
        after="ask() == (2, 'b')",
    ),
    Case(
        "a lock in the state",
        """
        import threading
        class App:
            def __init__(self):
                loaded()
                self.lock = threading.Lock()
                self.n = 0
            def ask(self):
                with self.lock:
                    self.n += 1
                return self.n, 'a'
    """,
        "'a' => 'b'",
        before="ask() == (1, 'a')",
        after="ask() == (2, 'b')",
    ),
    Case(
        "a generator in the state",
        """
        def numbers():
            n = 0
            while True:
                n += 1
                yield n
        ---
        class App:
            def __init__(self):
                loaded()
                self.numbers = numbers()
            def ask(self):
                return next(self.numbers), 'a'
    """,
        "'a' => 'b'",
        before="ask() == (1, 'a')",
        after="ask() == (2, 'b')",
    ),
    Case(
        "a state that __reload__ adapts",
        """
        class App:
            def __init__(self):
                loaded()
                self.n = 1
            def __reload__(self, previous):
                self.n = previous.n * 100
            def ask(self):
                self.n += 1
                return self.n, 'a'
    """,
        "'a' => 'b'",
        before="ask() == (2, 'a')",
        after="ask() == (201, 'b')",
    ),
    Case(
        "a __reload__ that refuses",
        """
        class App:
            def __init__(self):
                loaded()
                self.n = 1
            def ask(self):
                self.n += 1
                return self.n
    """,
        "def ask => def __reload__(self, previous): raise NotImplementedError('no way')\n    def ask",
        expect="replace",
        because="no way",
        before="ask() == 2",
        after="ask() == 2",
    ),
    Case(
        "a __reload__ that came",
        """
        class App:
            def __init__(self):
                loaded()
                self.n = 1
            def ask(self):
                self.n += 1
                return self.n
    """,
        "def ask => def __reload__(self, previous): self.a = 'a'\n    def more(self): return self.a\n    def ask",
        before="ask() == 2",
        after="ask() == 3\nmore() == 'a'",
    ),
    Case(
        "a weak finalizer",
        """
        import pathlib, weakref
        class App:
            def __init__(self):
                loaded()
                self.file = pathlib.Path(LOADS + '.ended')
                self.end = weakref.finalize(self, self.file.touch)
            def ask(self):
                return self.file.exists(), self.end.alive, 'a'
    """,
        "'a' => 'b'",
        before="ask() == (False, True, 'a')",
        after="ask() == (False, True, 'b')",
    ),
    Case(
        "a weak reference to the instance",
        """
        import weakref
        class App:
            def __init__(self):
                loaded()
                self.me = weakref.ref(self)
            def word(self): return 'a'
            def ask(self):
                return self.me().word()
    """,
        "'a' => 'b'",
        expect="barrier",
        before="ask() == 'a'",
        after="ask() == 'b'",
    ),
]
