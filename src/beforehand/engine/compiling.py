"""The walk compiled: the very functions of flat.py, scan.py, record.py, spanlog.py, turns.py, walk.py and many.py.

Each is rebuilt in a namespace in which its siblings are compiled too, for the types that its annotations name; their
dataclasses become tuples with names. Numba is handed in by columns.py.
"""

import hashlib
from collections import namedtuple
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from dis import get_instructions
from inspect import isfunction
from types import FunctionType, ModuleType, NoneType
from typing import Any, get_type_hints

from . import flat, many, outset, record, response, scan, spanlog, turns, walk
from .flat import Flat, Ints, Rows, Rules, Slots
from .indexed import Indexed
from .turns import Ticket

MODULES: tuple[ModuleType, ...] = (flat, scan, record, spanlog, turns, outset, response, walk, many)
_OPTIONS: dict[str, Any] = {"nogil": True, "_nrt": False}
"""Without counting references to the arrays, which outlive every call: that took six sevenths of the time."""


def _tuple(kind: Any) -> Any:
    return namedtuple(f"{kind.__name__}Tuple", [field.name for field in fields(kind)], module=__name__)


# What stands for the dataclasses. They have names in this module because their types are written to disk.
FlatTuple, RulesTuple, IndexedTuple, TicketTuple = map(_tuple, (Flat, Rules, Indexed, Ticket))
TUPLES = {Flat: FlatTuple, Rules: RulesTuple, Indexed: IndexedTuple, Ticket: TicketTuple}


class Compiler:
    """Compiles functions of many.py, with all that they call, when they are asked for."""

    def __init__(self, numba: Any) -> None:
        self._numba = numba
        self._spaces = [dict(vars(module)) for module in MODULES]
        self._functions: dict[str, tuple[FunctionType, dict[str, Any]]] = {}
        vector, rows = numba.int64[::1], numba.int64[:, ::1]
        self._types: dict[Any, Any] = {Ints: vector, Slots: vector, Rows: rows, int: numba.int64}
        self._types |= {bool: numba.boolean, NoneType: numba.void}
        for module, space in zip(MODULES, self._spaces, strict=True):
            for name, value in vars(module).items():
                if isfunction(value) and value.__module__ == module.__name__:
                    self._functions[name] = (
                        value,
                        space,
                    )  # of namesakes, the one in many.py, which comes last
        for kind, made in TUPLES.items():
            self._put(kind.__name__, made)
            parts = [self._types[hint] for hint in get_type_hints(kind).values()]
            self._types[kind] = numba.types.BaseTuple.from_types(parts, made)

    def entry(self, name: str) -> Callable[..., Any]:
        """The compiled function; from disk, if it was compiled before with the same code and constants."""
        try:
            return self._compiled(name, cache=True)  # type: ignore[no-any-return]
        except self._numba.core.errors.NumbaError:  # not on disk, and what it calls is not compiled yet
            for callee in self._callees(name):
                self._put(callee, self._compiled(callee, no_cpython_wrapper=True, no_cfunc_wrapper=True))
        except OSError:  # what is on disk cannot be read
            return self._compiled(name)  # type: ignore[no-any-return]
        try:
            return self._compiled(name, cache=True)  # type: ignore[no-any-return]
        except OSError:  # the disk is full
            return self._compiled(name)  # type: ignore[no-any-return]

    def _compiled(self, name: str, **options: bool) -> Any:
        made = self._wrapped(name, **options)
        made.compile(self._signature(name))
        made.disable_compile()
        return made

    def _wrapped(self, name: str, **options: bool) -> Any:
        function, space = self._functions[name]
        copy = FunctionType(function.__code__, space, name)
        copy.__qualname__ = f"{name}_{_digest()}"  # names the file on disk
        for given in ({**_OPTIONS, **options}, {**options}, {}):
            try:
                return self._numba.njit(**given)(copy)
            except (
                KeyError,
                RuntimeError,
            ):  # an option that this Numba does not know; no folder for its files
                continue
        raise RuntimeError(f"Numba {self._numba.__version__} cannot take {name}")

    def _put(self, name: str, value: Any) -> None:
        for space in self._spaces:
            if name in space:
                space[name] = value

    def _callees(self, name: str) -> list[str]:
        """What a function calls, directly or not; each after all that it calls itself."""
        found: dict[str, None] = {}
        for step in get_instructions(self._functions[name][0]):
            if step.opname == "LOAD_GLOBAL" and step.argval in self._functions:
                found.update(dict.fromkeys([*self._callees(step.argval), step.argval]))
        return list(found)

    def _signature(self, name: str) -> Any:
        hints = get_type_hints(self._functions[name][0])
        returns = self._types[hints.pop("return")]
        return returns(*(self._types[hint] for hint in hints.values()))


def _digest() -> str:
    """Stands for all that compiled code depends on: functions, the constants they name, the fields of tuples."""
    parts: list[object] = []
    for module in MODULES:
        for name, value in sorted(vars(module).items()):
            if isfunction(value) and value.__module__ == module.__name__:
                code = value.__code__
                parts.append((name, code.co_code, code.co_consts, code.co_names, code.co_varnames))
            elif isinstance(value, int):
                parts.append((name, value))
            elif is_dataclass(value):
                parts.append((name, [field.name for field in fields(value)]))
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
