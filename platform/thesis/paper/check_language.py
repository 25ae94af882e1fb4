"""The language of the claims' `check` expressions, read by a whitelist of Python's syntax tree.

A check is a conjunction of comparisons between numbers, which come from a source: the printed tables, or
samples of measured ones. Nothing is executed: what is not listed here is refused.
"""

import ast
import functools
import itertools
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from thesis.results.keys import Keys

Number = Any  # a Fraction, a float, or an array of floats: anything with arithmetic
Test = Literal["positive", "not negative", "zero", "within", "strictly within"]


class Source(Protocol):
    """Where a check's numbers come from."""

    def cell(self, table: str, column: str, keys: Keys) -> Number:
        """Returns the number of the one row with these keys."""

    def quantity(self, name: str, keys: Keys) -> Number:
        """Returns a quantity that no table prints."""

    def sign(self, table: str, column: str) -> int:
        """Returns 1 where higher is better, -1 where lower is."""

    def number(self, literal: int | float) -> Number:
        """Returns a literal of the check as a number of this source."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One comparison, brought to a number and what has to be true of it."""

    value: Number  # the difference of the two sides, larger on the claimed side
    test: Test
    tolerance: Number  # of the two kinds of within, else zero
    text: str


_OPERATORS: dict[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_TESTS: dict[type[ast.cmpop], tuple[int, Test]] = {  # the sign of left minus right, and the test
    ast.Gt: (1, "positive"),
    ast.GtE: (1, "not negative"),
    ast.Lt: (-1, "positive"),
    ast.LtE: (-1, "not negative"),
    ast.Eq: (1, "zero"),
}
_FOLDS = ("mean", "min", "max")
_KNOWN = ("cell", "adv", "approx", "abs", *_FOLDS)


def combinations(forall: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Returns every combination of the loop variables' values; one empty dict where there are none."""
    return [
        dict(zip(forall, values, strict=True))
        for values in itertools.product(*(tuple(choices) for choices in forall.values()))
    ]


def comparisons(check: str, variables: Mapping[str, Any], source: Source) -> list[Comparison]:
    """Returns the comparisons of a check, all of which have to be true.

    Args:
        check: The expression.
        variables: Loop variables and named bounds.
        source: Where its numbers come from; its own errors pass through.

    Raises:
        ValueError: if the check is not written in this language.
    """
    return _conjuncts(parse(check), variables, source)


@functools.lru_cache(maxsize=1024)
def parse(check: str) -> ast.expr:
    """Returns the syntax tree of a check.

    Raises:
        ValueError: if it is not one expression.
    """
    try:
        return ast.parse(check, mode="eval").body
    except SyntaxError as error:
        raise ValueError(f"a check must be one expression, got {check=}") from error


def quantity_calls(check: str) -> list[tuple[str, dict[str, ast.expr]]]:
    """Returns the quantities that a check needs measured: name and the expressions of its keys."""
    return [
        (node.func.id, {key.arg: key.value for key in node.keywords if key.arg is not None})
        for node in ast.walk(parse(check))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in _KNOWN
    ]


def tables_of(check: str, forall: Mapping[str, Sequence[Any]]) -> list[str]:
    """Returns the ids of the printed tables that a check reads, in order."""
    found: dict[str, None] = {}
    for node in ast.walk(parse(check)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("cell", "adv"):
            first = node.args[0]
            if isinstance(first, ast.Constant):
                found[str(first.value)] = None
            elif isinstance(first, ast.Name):
                found.update(dict.fromkeys(str(value) for value in forall[first.id]))
    return sorted(found)


def _conjuncts(node: ast.expr, names: Mapping[str, Any], source: Source) -> list[Comparison]:
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        return [found for part in node.values for found in _conjuncts(part, names, source)]
    if isinstance(node, ast.Call) and _name(node) == "approx":
        left, right, tolerance = (_number(argument, names, source) for argument in node.args)
        return [_comparison(node, left - right, "within", tolerance)]
    if isinstance(node, ast.Compare):
        return _chain(node, names, source)
    raise _refused(node)


def _chain(node: ast.Compare, names: Mapping[str, Any], source: Source) -> list[Comparison]:
    if len(node.ops) == 1 and isinstance(node.left, ast.Call) and _name(node.left) == "abs":
        tests: dict[type[ast.cmpop], Test] = {ast.Lt: "strictly within", ast.LtE: "within"}
        if type(node.ops[0]) in tests:
            value = _number(node.left.args[0], names, source)
            bound = _number(node.comparators[0], names, source)
            return [_comparison(node, value, tests[type(node.ops[0])], bound)]
    sides = [node.left, *node.comparators]
    numbers = [_number(side, names, source) for side in sides]
    found = []
    for index, kind in enumerate(node.ops):
        if type(kind) not in _TESTS:
            raise _refused(node)
        sign, test = _TESTS[type(kind)]
        part = ast.Compare(left=sides[index], ops=[kind], comparators=[sides[index + 1]])
        found.append(_comparison(part, sign * (numbers[index] - numbers[index + 1]), test, source.number(0)))
    return found


def _comparison(node: ast.expr, value: Number, test: Test, tolerance: Number) -> Comparison:
    return Comparison(value=value, test=test, tolerance=tolerance, text=ast.unparse(node))


def _number(node: ast.expr, names: Mapping[str, Any], source: Source) -> Number:
    match node:
        case ast.Constant(value=int() | float() as literal):
            return source.number(literal)
        case ast.Name(id=name) if isinstance(names.get(name), int | float):
            return source.number(names[name])
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_number(operand, names, source)
        case ast.BinOp(left=left, op=kind, right=right) if type(kind) in _OPERATORS:
            return _OPERATORS[type(kind)](_number(left, names, source), _number(right, names, source))
        case ast.Call():
            return _call(node, names, source)
    raise _refused(node)


def _call(node: ast.Call, names: Mapping[str, Any], source: Source) -> Number:
    name = _name(node)
    if name == "abs":
        return abs(_number(node.args[0], names, source))
    if name in _FOLDS:
        return _fold(name, _listed(node.args, names, source))
    arguments = [_plain(argument, names) for argument in node.args]
    keys = {str(key.arg): _plain(key.value, names) for key in node.keywords}
    if name == "cell":
        table, column = arguments
        return source.cell(table, column, keys)
    if name == "adv":
        return _advantage(arguments, keys, source)
    if name in _KNOWN or arguments:
        raise _refused(node)
    return source.quantity(name, keys)


def _advantage(arguments: list[Any], keys: dict[str, Any], source: Source) -> Number:
    table, column = arguments
    columns = column if isinstance(column, tuple) else (column, column)
    sides = [
        {key: value[side] if isinstance(value, tuple) else value for key, value in keys.items()}
        for side in (0, 1)
    ]
    if columns[0] == columns[1] and sides[0] == sides[1]:
        raise ValueError(f"adv must compare two rows or two columns, got {arguments=} {keys=}")
    signs = {source.sign(table, key) for key in columns}
    if len(signs) != 1:
        raise ValueError(f"adv must compare columns of one direction, got {columns=}")
    better, worse = (source.cell(table, columns[side], sides[side]) for side in (0, 1))
    return signs.pop() * (better - worse)


def _listed(arguments: list[ast.expr], names: Mapping[str, Any], source: Source) -> list[Number]:
    if len(arguments) == 1 and isinstance(arguments[0], ast.List):
        arguments = arguments[0].elts
    if len(arguments) == 1 and isinstance(arguments[0], ast.ListComp):
        return _comprehension(arguments[0], names, source)
    return [_number(argument, names, source) for argument in arguments]


def _comprehension(node: ast.ListComp, names: Mapping[str, Any], source: Source) -> list[Number]:
    (loop,) = node.generators
    if loop.ifs or loop.is_async:
        raise _refused(node)
    found = []
    for item in _plain(loop.iter, names):
        if isinstance(loop.target, ast.Tuple):
            bound = {target.id: part for target, part in zip(loop.target.elts, item, strict=True)
                     if isinstance(target, ast.Name)}  # fmt: skip
        elif isinstance(loop.target, ast.Name):
            bound = {loop.target.id: item}
        else:
            raise _refused(node)
        found.append(_number(node.elt, {**names, **bound}, source))
    return found


def _fold(name: str, numbers: list[Number]) -> Number:
    if name == "mean":
        return functools.reduce(operator.add, numbers) / len(numbers)
    if any(isinstance(number, np.ndarray) for number in numbers):
        return functools.reduce(np.maximum if name == "max" else np.minimum, numbers)
    return (max if name == "max" else min)(numbers)


def _plain(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """Returns a key, a column or a list of them: what is no measured number."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name) if name in names:
            return names[name]
        case ast.Tuple(elts=items):
            return tuple(_plain(item, names) for item in items)
        case ast.Subscript(value=inner, slice=place):
            return _plain(inner, names)[_plain(place, names)]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _plain(left, names) + _plain(right, names)
    raise _refused(node)


def _name(node: ast.Call) -> str:
    if not isinstance(node.func, ast.Name) or any(key.arg is None for key in node.keywords):
        raise _refused(node)
    return node.func.id


def _refused(node: ast.expr) -> ValueError:
    return ValueError(
        f"a check must use cell, adv, approx, mean, min, max, abs and quantities, got {ast.unparse(node)!r}"
    )
