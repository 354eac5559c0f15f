# Texts of Python functions as programs: what of their file they use, and small changes (mutants) to them.
# `question`, the text of a JSON object, is set before this text; what asks it follows.

import ast
import asyncio
import builtins
import importlib
import json
import os
import signal
import symtable

# What of the standard library has no effect outside is real.
MODULES = frozenset(
    "base64 binascii bisect collections copy fractions functools hashlib heapq html itertools json math "
    "operator re string struct textwrap unicodedata".split()
)
EXCEPTIONS = ("Error", "Exception", "Warning", "Timeout", "Exit")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class TooSlow(BaseException):
    pass


class Bare(ast.NodeTransformer):
    """Takes decorators and types away: they would need what is not here."""

    def visit_FunctionDef(self, node):
        self.generic_visit(node)
        node.decorator_list = []
        node.returns = None
        return node

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_arg(self, node):
        node.annotation = None
        return node

    def visit_AnnAssign(self, node):
        self.generic_visit(node)
        bare = ast.Pass() if node.value is None else ast.Assign([node.target], node.value)
        return ast.copy_location(bare, node)


class Version:
    """A text whose first function is run, without decorators and types."""

    def __init__(self, source):
        self.tree = ast.fix_missing_locations(Bare().visit(ast.parse(source)))
        self.function = next(one for one in self.tree.body if isinstance(one, FUNCTIONS))
        self.code = compile(self.tree, "version", "exec")
        self.unknown = unknown_names(ast.unparse(self.tree))


def unknown_names(source):
    tables = [symtable.symtable(source, "version", "exec")]
    used = set()
    for table in tables:
        tables += table.get_children()
        used |= {one.get_name() for one in table.get_symbols() if one.is_global() and one.is_referenced()}
    own = {one.get_name() for one in tables[0].get_symbols() if one.is_assigned() or one.is_imported()}
    return {name for name in used - own if not hasattr(builtins, name)}


made = {}


def known(name):
    """A module without effects, or an exception of that name; None for what else it may be."""
    if name in MODULES:
        return importlib.import_module(name)
    if name.endswith(EXCEPTIONS) and name not in made:
        made[name] = type(name, (Exception,), {})
    return made.get(name)


class Mutation(ast.NodeTransformer):
    """Makes one small change, the one with the number; counts how many could be made."""

    SWAPPED = {
        **{ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq},
        **{ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In},
        **{ast.And: ast.Or, ast.Or: ast.And, ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add},
        **{ast.Div: ast.Mult, ast.FloorDiv: ast.Mult},
    }

    def __init__(self, number):
        self.number = number
        self.count = 0

    def is_turn(self):
        self.count += 1
        return self.count - 1 == self.number

    def swapped(self, operator):
        if type(operator) in self.SWAPPED and self.is_turn():
            return self.SWAPPED[type(operator)]()
        return operator

    def visit_Compare(self, node):
        self.generic_visit(node)
        node.ops = [self.swapped(operator) for operator in node.ops]
        return node

    def visit_BoolOp(self, node):
        self.generic_visit(node)
        node.op = self.swapped(node.op)
        return node

    visit_BinOp = visit_BoolOp

    def visit_UnaryOp(self, node):
        self.generic_visit(node)
        return node.operand if isinstance(node.op, ast.Not) and self.is_turn() else node

    def visit_Constant(self, node):
        if type(node.value) is int and self.is_turn():
            return ast.copy_location(ast.Constant(node.value + 1), node)
        if type(node.value) is str and self.is_turn():
            return ast.copy_location(ast.Constant(node.value + "?"), node)
        return node

    def visit_JoinedStr(self, node):
        return node

    def visit_statement(self, node):
        if self.is_turn():
            return ast.copy_location(ast.Pass(), node)
        return self.generic_visit(node)

    visit_Assign = visit_AugAssign = visit_Return = visit_Raise = visit_statement
    visit_Break = visit_Continue = visit_Delete = visit_statement

    def visit_Expr(self, node):
        is_docstring = isinstance(node.value, ast.Constant)
        return node if is_docstring else self.visit_statement(node)


def mutated(source, most=None):
    """The text with each small change that can be made, or with at most so many of them."""
    counting = Mutation(-1)
    counting.visit(ast.parse(source))
    step = 1 if most is None else -(-counting.count // most) or 1
    for number in range(0, counting.count, step):
        text = ast.unparse(ast.fix_missing_locations(Mutation(number).visit(ast.parse(source))))
        try:
            compile(text, "mutant", "exec")
        except SyntaxError:
            # A name that is declared global or nonlocal, and nothing else.
            continue
        yield text


def too_slow(*_):
    raise TooSlow


signal.signal(signal.SIGVTALRM, too_slow)
question = json.loads(question)


def say(found, write=os.write):
    """Writes what was found behind a word that only the question has."""
    write(1, ("\n%s %s\n" % (question["word"], json.dumps(found))).encode())
