"""The language of the claims' `check` expressions, read by a whitelist of Python's syntax tree.

A check is a conjunction of comparisons between numbers, which come from a source: the printed tables, or
samples of measured ones. A chain ``a > b > c`` and a lead over the best rival ``a > max(b, c)`` are conjunctions
too: each of their comparisons is judged by itself. Nothing is executed: what is not listed here is refused.
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
    is_printed_value: bool = False  # approx(measured, a number): the number is what one published run gave


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
_BOUNDED: dict[type[ast.cmpop], Test] = {
    ast.Lt: "strictly within",
    ast.LtE: "within",
}  # of abs(a) and a number
_FOLDS = ("mean", "min", "max")
_KNOWN = ("cell", "adv", "approx", "abs", *_FOLDS)


def combinations(forall: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Returns every combination of the loop variables' values; one empty dict where there are none.

    A name ``"family, layers"`` binds two variables together, to the pairs that are its values.
    """
    names = [tuple(name.split(", ")) for name in forall]
    return [
        {
            name: value
            for bound, choice in zip(names, values, strict=True)
            for name, value in zip(bound, choice if len(bound) > 1 else (choice,), strict=True)
        }
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
    return [compare(part, variables, source) for part in conjuncts(check)]


@functools.lru_cache(maxsize=1024)
def conjuncts(check: str) -> tuple[ast.expr, ...]:
    """Returns the comparisons of a check, unevaluated: chains, ``max`` and ``min`` of rivals taken apart.

    Raises:
        ValueError: if the check is no conjunction of comparisons.
    """
    return tuple(_conjuncts(parse(check)))


@functools.lru_cache(maxsize=4096)
def text_of(part: ast.expr) -> str:
    """Returns one of a check's `conjuncts` as it is written."""
    return ast.unparse(part)


def compare(part: ast.expr, variables: Mapping[str, Any], source: Source) -> Comparison:
    """Returns one of a check's `conjuncts`, evaluated."""
    if isinstance(part, ast.Call):
        left, right, tolerance = (_number(argument, variables, source) for argument in part.args)
        is_value = isinstance(part.args[1], ast.Constant) and not isinstance(part.args[0], ast.Constant)
        return _comparison(part, left - right, "within", tolerance, is_printed_value=is_value)
    assert isinstance(part, ast.Compare)
    kind, right_side = type(part.ops[0]), part.comparators[0]
    if _is_bounded(part):
        assert isinstance(part.left, ast.Call)
        value = _number(part.left.args[0], variables, source)
        return _comparison(part, value, _BOUNDED[kind], _number(right_side, variables, source))
    sign, test = _TESTS[kind]
    difference = _number(part.left, variables, source) - _number(right_side, variables, source)
    return _comparison(part, sign * difference, test, source.number(0))


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


def _conjuncts(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        return [found for part in node.values for found in _conjuncts(part)]
    if isinstance(node, ast.Call) and _name(node) == "approx" and len(node.args) == 3:
        return [node]
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        links = zip(sides, node.ops, sides[1:], strict=False)
        return [found for left, kind, right in links for found in _link(left, kind, right)]
    raise _refused(node)


def _link(left: ast.expr, kind: ast.cmpop, right: ast.expr) -> list[ast.expr]:
    """Returns the comparisons of one link: with each of the rivals where it is with their best."""
    whole = ast.Compare(left=left, ops=[kind], comparators=[right])
    if _is_bounded(whole):
        return [whole]
    if type(kind) not in _TESTS:
        raise _refused(whole)
    folds = {ast.Gt: ("min", "max"), ast.GtE: ("min", "max"), ast.Lt: ("max", "min"), ast.LtE: ("max", "min")}
    of_left, of_right = folds.get(type(kind), ("", ""))
    return [
        ast.Compare(left=one, ops=[kind], comparators=[other])
        for one in _rivals(left, of_left)
        for other in _rivals(right, of_right)
    ]


def _rivals(node: ast.expr, fold: str) -> list[ast.expr]:
    return node.args if isinstance(node, ast.Call) and _name(node) == fold else [node]


def _is_bounded(node: ast.Compare) -> bool:
    is_absolute = isinstance(node.left, ast.Call) and _name(node.left) == "abs"
    return is_absolute and type(node.ops[0]) in _BOUNDED


def _comparison(
    node: ast.expr, value: Number, test: Test, tolerance: Number, *, is_printed_value: bool = False
) -> Comparison:
    return Comparison(
        value=value,
        test=test,
        tolerance=tolerance,
        text=text_of(node),
        is_printed_value=is_printed_value,
    )


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
        return _fold(name, [_number(argument, names, source) for argument in node.args])
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
