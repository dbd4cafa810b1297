"""What a code object calls, stores and returns: one pass over its bytecode with a stack of descriptions.

No types are inferred: a value is described by where it comes from (a global's name, a local, an attribute, the
result of a call), which is enough to see what a constructor hands to whom.
"""

from __future__ import annotations

import dis
import types
from collections.abc import Callable
from dataclasses import dataclass, field

from kernelserve.code.percode import per_code

_LOADS = {
    "LOAD_GLOBAL": "global", "LOAD_NAME": "global", "LOAD_FROM_DICT_OR_GLOBALS": "global",
    "LOAD_FAST": "local", "LOAD_FAST_CHECK": "local", "LOAD_FAST_AND_CLEAR": "local", "LOAD_FAST_BORROW": "local",
    "LOAD_DEREF": "local", "LOAD_CLASSDEREF": "local", "LOAD_CLOSURE": "local", "LOAD_FROM_DICT_OR_DEREF": "local",
}  # fmt: skip
_STORES = {"STORE_FAST", "STORE_DEREF", "STORE_GLOBAL", "STORE_NAME"}
_INTO = {"LIST_APPEND": 1, "SET_ADD": 1, "MAP_ADD": 2, "LIST_EXTEND": 1, "SET_UPDATE": 1, "DICT_UPDATE": 1,
         "DICT_MERGE": 1}  # fmt: skip
BY_NAME = frozenset({"getattr", "setattr", "delattr", "hasattr"})
_PLACES = {"BUILD_LIST", "BUILD_TUPLE", "LIST_APPEND", "BUILD_CONST_KEY_MAP"}
_CHECKS = {"RAISE_VARARGS", "CHECK_EXC_MATCH", "CHECK_EG_MATCH"}
_ENDS = {"RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE", "JUMP_FORWARD", "JUMP_BACKWARD",
         "JUMP_BACKWARD_NO_INTERRUPT"}  # fmt: skip
_METHOD_LOADS = {"LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR"}


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """Where a value comes from.

    Attributes:
        kind: global, local, attr, const, call, made (a nested function), other, or null.
        name: of the global, local or attribute.
        parts: what it is made of: for attr the object; for call the callee, then the arguments.
        const: of a constant its value, of a nested function its code.
    """

    kind: str
    name: str = ""
    parts: tuple[Value, ...] = ()
    const: object = None


NULL = Value("null")
OTHER = Value("other")


@dataclass(slots=True)
class Flow:
    """What one code object does; nested code has a flow of its own (`Value.const` of a *made* value).

    Attributes:
        calls: values of kind call, in order.
        attributes: values of kind attr that it reads.
        stores: (name of the local or attribute, value stored there).
        operands: values that operators, loops, `with` and the like work on.
        placed: values that are put into a list or tuple.
        returns: values returned or yielded.
        made: code of the functions that it defines.
    """

    calls: list[Value] = field(default_factory=list)
    attributes: list[Value] = field(default_factory=list)
    stores: list[tuple[Value, Value]] = field(default_factory=list)
    operands: list[Value] = field(default_factory=list)
    placed: list[Value] = field(default_factory=list)
    returns: list[Value] = field(default_factory=list)
    made: list[types.CodeType] = field(default_factory=list)


@per_code
def flow_of(code: types.CodeType) -> Flow:
    """The flow of a code object.

    Example:
        >>> flow = flow_of(compile("net = make(size)", "f", "exec"))
        >>> flow.calls[0].parts[0].name, flow.stores[0][0].name
        ('make', 'net')
    """
    return _Pass(code).run()


class _Pass:
    def __init__(self, code: types.CodeType) -> None:
        self._code = code
        self._flow = Flow()
        self._stack: list[Value] = []
        self._at_target: dict[int, list[Value]] = {}

    def run(self) -> Flow:
        ended = False
        for one in dis.get_instructions(self._code):
            waiting = self._at_target.pop(one.offset, None)
            self._stack = _either([] if ended else self._stack, waiting or [])
            ended = one.opname in _ENDS
            if one.opcode in dis.hasjrel or one.opcode in dis.hasjabs:
                self._at_target[one.argval] = _either(self._at_target.get(one.argval, []), self._after_jump(one))
            self._step(one)
        return self._flow

    def _step(self, one: dis.Instruction) -> None:
        name = one.opname
        handler = _STEPS.get(name)
        if name in _LOADS:
            if name == "LOAD_GLOBAL" and (one.arg or 0) & 1:
                self._push(NULL)
            self._push(Value(_LOADS[name], str(one.argval)))
        elif name in _STORES:
            kind = "global" if name in ("STORE_GLOBAL", "STORE_NAME") else "local"
            self._flow.stores.append((Value(kind, str(one.argval)), self._pop()))
        elif name in _METHOD_LOADS:
            self._attribute(one)
        elif name in _INTO:
            self._merge(one)
        elif handler is not None:
            handler(self, one)
        else:
            self._generic(one)

    # --- the stack ------------------------------------------------------------------------------

    def _push(self, value: Value) -> None:
        self._stack.append(value)

    def _pop(self) -> Value:
        return self._stack.pop() if self._stack else OTHER

    def _pops(self, count: int) -> tuple[Value, ...]:
        return tuple(reversed([self._pop() for _ in range(count)]))

    def _after_jump(self, one: dis.Instruction) -> list[Value]:
        effect = dis.stack_effect(one.opcode, one.arg, jump=True)
        stack = list(self._stack)
        return stack[:effect] if effect < 0 else stack + [OTHER] * effect

    def _generic(self, one: dis.Instruction) -> None:
        """An operator, or anything else: what it leaves is made of what it took."""
        argument = one.arg if one.opcode >= dis.HAVE_ARGUMENT else None
        effect = dis.stack_effect(one.opcode, argument, jump=False)
        if one.opname.startswith(("POP_", "DELETE_")) or one.opname == "END_FOR":
            self._pops(-effect)
        elif effect > 0:
            above = self._stack[-1:]
            self._stack += [_made_of(tuple(above))] * effect
        elif one.opname not in ("NOP", "RESUME", "PRECALL", "KW_NAMES", "CACHE", "COPY_FREE_VARS", "MAKE_CELL"):
            taken = self._pops(1 - effect)
            if one.opname not in _CHECKS:
                (self._flow.placed if one.opname in _PLACES else self._flow.operands).extend(taken)
            self._push(_made_of(taken))

    # --- single instructions --------------------------------------------------------------------

    def _attribute(self, one: dis.Instruction) -> None:
        above = _made_of(self._pops(3)) if one.opname == "LOAD_SUPER_ATTR" else self._pop()
        if one.opname == "LOAD_SUPER_ATTR":
            above = Value("call", parts=(Value("global", "super"),))
        value = Value("attr", str(one.argval), (above,))
        self._flow.attributes.append(value)
        self._push(value)
        is_method = one.opname == "LOAD_METHOD" or (dis.stack_effect(one.opcode, one.arg) > _LEAST_EFFECT[one.opname])
        if is_method:
            self._push(NULL)

    def _merge(self, one: dis.Instruction) -> None:
        items = self._pops(_INTO[one.opname])
        place = len(self._stack) - (one.arg or 1)
        (self._flow.placed if one.opname in _PLACES else self._flow.operands).extend(items)
        # The way out of a loop was noted before its body was read.
        for stack in (self._stack, *self._at_target.values()):
            if 0 <= place < len(stack):
                stack[place] = _made_of((stack[place], *items))

    def call(self, one: dis.Instruction) -> None:
        if one.opname == "CALL_KW":
            self._pop()
        self._called(self._pops(one.arg or 0), self._pops(2))

    def call_with_unpacking(self, one: dis.Instruction) -> None:
        arguments = self._pops(1 + ((one.arg or 0) & 1))
        self._called(arguments, self._pops(2))

    def _called(self, arguments: tuple[Value, ...], pair: tuple[Value, ...]) -> None:
        callees = [one for one in pair if one is not NULL]
        # `iter(x)` of a comprehension stands where the receiver of a method does.
        value = Value("call", parts=(callees[0] if callees else OTHER, *callees[1:], *arguments))
        self._flow.calls.append(value)
        name = looked_up(value)
        self._push(Value("attr", name, (value.parts[1],)) if name and callees[0].name == "getattr" else value)

    def constant(self, one: dis.Instruction) -> None:
        self._push(Value("const", const=one.argval))

    def function(self, one: dis.Instruction) -> None:
        extra = (one.arg or 0).bit_count() if one.opcode >= dis.HAVE_ARGUMENT else 0
        code = self._pop()
        held = self._pops(extra)
        if isinstance(code.const, types.CodeType):
            self._flow.made.append(code.const)
        self._push(Value("made", parts=held, const=code.const))

    def function_attribute(self, one: dis.Instruction) -> None:
        function, held = self._pop(), self._pop()
        self._push(Value("made", parts=(*function.parts, held), const=function.const))

    def store_attribute(self, one: dis.Instruction) -> None:
        target, value = self._pop(), self._pop()
        self._flow.stores.append((Value("attr", str(one.argval), (target,)), value))

    def store_item(self, one: dis.Instruction) -> None:
        value, container, key = self._pops(3)
        self._flow.operands.append(key)
        self._flow.stores.append((container, value))

    def store_two(self, one: dis.Instruction) -> None:
        for name in one.argval:
            self._flow.stores.append((Value("local", name), self._pop()))

    def load_two(self, one: dis.Instruction) -> None:
        for name in one.argval:
            self._push(Value("local", name))

    def store_and_load(self, one: dis.Instruction) -> None:
        stored, loaded = one.argval
        self._flow.stores.append((Value("local", stored), self._pop()))
        self._push(Value("local", loaded))

    def copy(self, one: dis.Instruction) -> None:
        index = one.arg or 1
        self._push(self._stack[-index] if len(self._stack) >= index else OTHER)

    def swap(self, one: dis.Instruction) -> None:
        index = one.arg or 1
        if len(self._stack) >= index:
            self._stack[-1], self._stack[-index] = self._stack[-index], self._stack[-1]

    def push_null(self, one: dis.Instruction) -> None:
        self._push(NULL)

    def gives_back(self, one: dis.Instruction) -> None:
        value = self._pop()
        self._flow.returns.append(value)
        if one.opname == "YIELD_VALUE":
            self._push(OTHER)

    def nothing(self, one: dis.Instruction) -> None:
        """An instruction that leaves the stack as it is, or returns a constant."""


_STEPS: dict[str, Callable[[_Pass, dis.Instruction], None]] = {
    "CALL": _Pass.call, "CALL_KW": _Pass.call, "CALL_FUNCTION_EX": _Pass.call_with_unpacking,
    "LOAD_CONST": _Pass.constant, "MAKE_FUNCTION": _Pass.function,
    "SET_FUNCTION_ATTRIBUTE": _Pass.function_attribute, "STORE_ATTR": _Pass.store_attribute,
    "STORE_SUBSCR": _Pass.store_item, "STORE_FAST_STORE_FAST": _Pass.store_two,
    "LOAD_FAST_LOAD_FAST": _Pass.load_two, "LOAD_FAST_BORROW_LOAD_FAST_BORROW": _Pass.load_two,
    "STORE_FAST_LOAD_FAST": _Pass.store_and_load, "COPY": _Pass.copy, "SWAP": _Pass.swap,
    "PUSH_NULL": _Pass.push_null, "RETURN_VALUE": _Pass.gives_back, "YIELD_VALUE": _Pass.gives_back,
    "PRECALL": _Pass.nothing, "RETURN_CONST": _Pass.nothing,
}  # fmt: skip

# What the instruction does to the depth of the stack where it does not look up a method.
_LEAST_EFFECT = {"LOAD_ATTR": 0, "LOAD_METHOD": 0, "LOAD_SUPER_ATTR": -2}


def looked_up(call: Value) -> str:
    """The name in ``getattr(x, "name")`` and its kin, else ""."""
    callee, *arguments = call.parts
    if callee.kind == "global" and callee.name in BY_NAME and len(arguments) > 1:
        name = arguments[1].const
        return name if isinstance(name, str) else ""
    return ""


def _either(one: list[Value], other: list[Value]) -> list[Value]:
    """The stack where two paths meet; the longer one where they differ in depth, as one is not known then."""
    if len(one) != len(other):
        return max(one, other, key=len)
    return [a if a is b or b.kind == "null" else _made_of((a, b)) for a, b in zip(one, other, strict=True)]


def _made_of(parts: tuple[Value, ...]) -> Value:
    """One value made of others; flat, so that long expressions make no deep trees."""
    flat = [inner for one in parts for inner in (one.parts if one.kind == "other" else (one,))]
    named = tuple(one for one in flat if one.kind not in ("const", "null"))
    return Value("other", parts=named) if named else OTHER
