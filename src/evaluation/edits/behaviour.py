# Whether two versions of a Python function do the same, seen by running them.
#
# `question` is set before this text: a JSON object with the texts "before", "target" and "answer", and a "word"
# behind which the finding is written. Each version runs on the same inputs: plain values, and probes that stand for
# everything that the function's file would have. A probe answers any operation by a hash of what was done and of
# the trial, so that both versions get the same answers, and what others could see of it (calls, what is stored)
# is recorded. Versions do the same where results, exceptions and records are the same in every trial. Whether the
# trials would tell is measured: nearly all small changes to the target (mutants) must be noticed, the original too.

import ast
import asyncio
import builtins
import hashlib
import importlib
import json
import os
import signal
import symtable
import types

TRIALS = 240
MUTANTS = 24
NOTICED = 0.8
# Elements of an iterator that are looked at, and processor time of one run.
ELEMENTS = 40
SECONDS = 0.25
DEPTH = 6
# What of the standard library has no effect outside is real; all else is a probe.
MODULES = frozenset(
    "base64 binascii bisect collections copy fractions functools hashlib heapq html itertools json math "
    "operator re string struct textwrap unicodedata".split()
)
EXCEPTIONS = ("Error", "Exception", "Warning", "Timeout", "Exit")
OUTSIDE = ("open", "print", "input", "exit", "quit", "eval", "exec", "compile", "id")
VALUES = (
    *(0, 1, 2, 3, -1, 7, 10, 255, 1.5, True, False, None),
    *("", "a", "abc", "a.b", "A-b_c 1", "1", " x\n", b"ab"),
    *([], [1, 2, 3], ["b", "a"], [[1, 2], [3]], (1, 2), ("a", 1)),
    *({}, {"a": 1}, {"b": "x", "a": []}, {1, 2}),
)
TYPES = {kind.__name__: kind for kind in (bool, int, float, str, bytes, list, tuple, dict, set)}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
ITERATORS = (types.GeneratorType, map, filter, zip, enumerate, reversed)


class TooSlow(BaseException):
    pass


class Opaque(BaseException):
    """A value of which nothing can be shown: its trial does not count."""


class Trial:
    """One set of inputs: its number, what calls of probes may raise, and what was done in it."""

    def __init__(self, number, raised):
        self.number = number
        self.raised = raised
        self.has_probes = False
        self.record = []
        self.counts = {}

    def draw(self, what, below):
        text = "%d %s" % (self.number, what)
        digest = hashlib.blake2b(text.encode("utf8", "replace"), digest_size=4).digest()
        return int.from_bytes(digest, "little") % below

    def answer(self, path):
        """What a part or a call of a probe is: another one, now and then nothing."""
        return None if self.draw("none " + path, 8) == 0 else Probe(self, path)

    def did(self, what):
        """Records it; what is done again gets another name."""
        self.record.append(what)
        count = self.counts[what] = self.counts.get(what, 0) + 1
        return what if count == 1 else "%s#%d" % (what, count)


class Probe:
    """Stands for anything. How it came to be is its path, which decides how it answers."""

    __slots__ = ("_probe_trial", "_probe_path", "_probe_stored")

    def __init__(self, trial, path):
        trial.has_probes = True
        object.__setattr__(self, "_probe_trial", trial)
        object.__setattr__(self, "_probe_path", path)
        object.__setattr__(self, "_probe_stored", {})

    def _probe_part(self, name):
        if name in self._probe_stored:
            return self._probe_stored[name]
        return self._probe_trial.answer(self._probe_path + name)

    def _probe_store(self, name, value):
        self._probe_trial.did("%s%s = %s" % (self._probe_path, name, shown(value)))
        self._probe_stored[name] = value

    def _probe_delete(self, name):
        self._probe_trial.did("del %s%s" % (self._probe_path, name))
        self._probe_stored.pop(name, None)

    def _probe_number(self):
        return self._probe_trial.draw(self._probe_path, 6) - 1

    def _probe_than(self, other):
        """Below zero, zero or above as this is less than the other, equal to it or more."""
        if isinstance(other, Probe):
            return 0 if other._probe_path == self._probe_path else self._probe_number() - other._probe_number()
        if isinstance(other, (int, float)):
            return self._probe_number() - other
        return self._probe_trial.draw("%s ? %s" % (self._probe_path, shown(other)), 3) - 1

    def __getattr__(self, name):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return self._probe_part("." + name)

    def __setattr__(self, name, value):
        self._probe_store("." + name, value)

    def __delattr__(self, name):
        self._probe_delete("." + name)

    def __getitem__(self, key):
        return self._probe_part("[%s]" % shown(key))

    def __setitem__(self, key, value):
        self._probe_store("[%s]" % shown(key), value)

    def __delitem__(self, key):
        self._probe_delete("[%s]" % shown(key))

    def __call__(self, *args, **kwargs):
        named = sorted("%s=%s" % (name, shown(value)) for name, value in kwargs.items())
        trial = self._probe_trial
        path = trial.did("%s(%s)" % (self._probe_path, ", ".join([*map(shown, args), *named])))
        if trial.raised and trial.draw("raises " + path, 8) == 0:
            raise trial.raised[trial.draw("raised " + path, len(trial.raised))](path)
        return trial.answer(path)

    def __bool__(self):
        return self._probe_trial.draw("bool " + self._probe_path, 2) == 0

    def __len__(self):
        return self._probe_trial.draw("len " + self._probe_path, 4)

    def __iter__(self):
        return (self[at] for at in range(len(self)))

    def __contains__(self, value):
        return self._probe_trial.draw("%s in %s" % (shown(value), self._probe_path), 2) == 0

    def __int__(self):
        return self._probe_number()

    __index__ = __int__

    def __float__(self):
        return float(self._probe_number())

    def __hash__(self):
        return hash(self._probe_path)

    def __repr__(self):
        return self._probe_path

    def __format__(self, spec):
        return "{%s:%s}" % (self._probe_path, spec)

    def __eq__(self, other):
        return self._probe_than(other) == 0

    def __ne__(self, other):
        return self._probe_than(other) != 0

    def __lt__(self, other):
        return self._probe_than(other) < 0

    def __le__(self, other):
        return self._probe_than(other) <= 0

    def __gt__(self, other):
        return self._probe_than(other) > 0

    def __ge__(self, other):
        return self._probe_than(other) >= 0

    def __enter__(self):
        return Probe(self._probe_trial, self._probe_trial.did("enter " + self._probe_path))

    def __exit__(self, *_):
        self._probe_trial.did("exit " + self._probe_path)
        return False

    def __await__(self):
        return Probe(self._probe_trial, self._probe_trial.did("await " + self._probe_path))
        yield

    async def __aenter__(self):
        return self.__enter__()

    async def __aexit__(self, *error):
        return self.__exit__(*error)

    async def __aiter__(self):
        for one in self:
            yield one


def add_operator(name, sign):
    def forward(self, other):
        return Probe(self._probe_trial, "(%s %s %s)" % (self._probe_path, sign, shown(other)))

    def backward(self, other):
        return Probe(self._probe_trial, "(%s %s %s)" % (shown(other), sign, self._probe_path))

    setattr(Probe, "__%s__" % name, forward)
    setattr(Probe, "__r%s__" % name, backward)


def add_function(name):
    setattr(Probe, "__%s__" % name, lambda self, *_: Probe(self._probe_trial, "%s(%s)" % (name, self._probe_path)))


SIGNS = "add + sub - mul * truediv / floordiv // mod % pow ** and & or | xor ^ lshift << rshift >> matmul @".split()
for name, sign in zip(SIGNS[::2], SIGNS[1::2]):
    add_operator(name, sign)
for name in ("neg", "pos", "abs", "invert", "round"):
    add_function(name)


def shown(value, depth=0):
    """A value by what it is, not by where it lies in memory."""
    if depth > DEPTH:
        return "..."

    def listed(values):
        return ", ".join(shown(one, depth + 1) for one in values)

    kind = type(value)
    if kind is Probe:
        return value._probe_path
    if kind in (list, tuple):
        return "%s(%s)" % (kind.__name__, listed(value))
    if kind in (set, frozenset):
        return "%s(%s)" % (kind.__name__, ", ".join(sorted(shown(one, depth + 1) for one in value)))
    if isinstance(value, dict):
        pairs = (shown(k, depth + 1) + ": " + shown(v, depth + 1) for k, v in value.items())
        return "%s(%s)" % (kind.__name__, ", ".join(pairs))
    if isinstance(value, BaseException):
        return "%s(%s)" % (kind.__name__, listed(value.args))
    if kind in ITERATORS:
        return "iterator(%s)" % listed(elements(value))
    if value is None or kind in (bool, int, float, complex, str, bytes, range):
        return repr(value)
    if isinstance(value, (type, types.BuiltinFunctionType, types.ModuleType)):
        return value.__name__
    raise Opaque


def elements(iterator):
    """The first ones, and what a generator returns behind them."""
    for _ in range(ELEMENTS):
        try:
            yield next(iterator)
        except StopIteration as end:
            if end.value is not None:
                yield end.value
            return


def stand_ins(trial):
    """Built-in functions that ask for the type of a probe, or that reach outside."""

    def is_a(value, kind):
        kinds = kind if isinstance(kind, tuple) else (kind,)
        if isinstance(value, Probe) or not all(isinstance(one, type) for one in kinds):
            return trial.draw("%s is a %s" % (shown(value), shown(kind)), 2) == 0
        return isinstance(value, kinds)

    def has(value, name):
        if isinstance(value, Probe):
            return trial.draw("%s has %s" % (value._probe_path, shown(name)), 2) == 0
        return hasattr(value, name)

    def imported(name, *_):
        return known(name) if name in MODULES else Probe(trial, name)

    def type_of(value, *more):
        return Probe(trial, "type(%s)" % value._probe_path) if isinstance(value, Probe) else type(value, *more)

    # Only what is asked of them counts.
    has_probes = trial.has_probes
    outside = {name: Probe(trial, name) for name in OUTSIDE}
    trial.has_probes = has_probes
    asking = {"isinstance": is_a, "issubclass": is_a, "hasattr": has, "type": type_of}
    return {**outside, **asking, "__import__": imported}


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
    """A text whose first function is run."""

    def __init__(self, source):
        self.tree = ast.fix_missing_locations(Bare().visit(ast.parse(source)))
        self.function = next(one for one in self.tree.body if isinstance(one, FUNCTIONS))
        self.code = compile(self.tree, "version", "exec")
        self.unknown = unknown_names(ast.unparse(self.tree))

    def scope(self, trial):
        """What its file would have."""
        scope = {"__name__": "module", "__builtins__": {**vars(builtins), **stand_ins(trial)}}
        for name in self.unknown:
            scope[name] = known(name) or Probe(trial, name)
        exec(self.code, scope)
        return scope


def unknown_names(source):
    tables = [symtable.symtable(source, "version", "exec")]
    used = set()
    for table in tables:
        tables += table.get_children()
        used |= {one.get_name() for one in table.get_symbols() if one.is_global() and one.is_referenced()}
    own = {one.get_name() for one in tables[0].get_symbols() if one.is_assigned()}
    return {name for name in used - own if not hasattr(builtins, name)}


made = {}


def known(name):
    """A module without effects, or an exception of that name; None for what else it may be."""
    if name in MODULES:
        return importlib.import_module(name)
    if name.endswith(EXCEPTIONS) and name not in made:
        made[name] = type(name, (Exception,), {})
    return made.get(name)


def outcome(version, trial, values):
    """What a run gives and does, as text; None where it takes too long, or cannot be shown."""
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        result = version.scope(trial)[version.function.name](*values)
        if isinstance(result, types.CoroutineType):
            result = asyncio.run(result)
        elif isinstance(result, types.AsyncGeneratorType):
            result = asyncio.run(collected(result))
        given = shown(result)
        after = [*map(shown, values)]
    except (TooSlow, Opaque):
        return None
    except (Exception, SystemExit) as error:
        given = "raises " + type(error).__name__
        after = []
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return "\n".join([given, *after, *trial.record])


async def collected(results):
    found = []
    async for one in results:
        found.append(one)
        if len(found) == ELEMENTS:
            break
    return found


def inputs(version, types_said, constants, trial):
    """A probe or a plain value for each parameter: one of its type where it says one, else any."""
    parameters = version.function.args
    named = parameters.posonlyargs + parameters.args
    left_out = trial.draw("left out", len(parameters.defaults) + 1)
    values = []
    for parameter in named[: len(named) - left_out]:
        name = parameter.arg
        said = types_said.get(name, "").lower()
        kinds = [kind for word, kind in TYPES.items() if word in said]
        fitting = [one for one in constants if not kinds or type(one) in kinds]
        is_plain = trial.draw("plain " + name, 12) < (9 if kinds else 4)
        if name in ("self", "cls") or not fitting or not is_plain:
            values.append(Probe(trial, name))
        else:
            values.append(copied(fitting[trial.draw("value " + name, len(fitting))]))
    if parameters.vararg and left_out == 0:
        values += [Probe(trial, "more%d" % at) for at in range(trial.draw("more", 3))]
    return values


def copied(value):
    if isinstance(value, dict):
        return {key: copied(one) for key, one in value.items()}
    return type(value)(map(copied, value)) if isinstance(value, (list, set)) else value


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


def mutants(version):
    source = ast.unparse(version.tree)
    counting = Mutation(-1)
    counting.visit(ast.parse(source))
    for number in range(0, counting.count, -(-counting.count // MUTANTS) or 1):
        yield Version(ast.unparse(ast.fix_missing_locations(Mutation(number).visit(ast.parse(source)))))


def caught(version):
    """The exceptions that it catches: what it calls raises them now and then."""
    for handler in ast.walk(version.tree):
        if isinstance(handler, ast.ExceptHandler) and handler.type is not None:
            kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
            for kind in kinds:
                name = kind.id if isinstance(kind, ast.Name) else ""
                exception = getattr(builtins, name, None) or known(name)
                if isinstance(exception, type) and issubclass(exception, Exception):
                    yield exception


def head(text):
    """What a function is to those who call it, and its docstring; how many statements stand beside it."""
    statements = ast.parse(text).body
    function = next(one for one in statements if isinstance(one, FUNCTIONS))
    parts = [*function.decorator_list, function.args, *([function.returns] if function.returns else [])]
    dumped = [ast.dump(part) for part in parts]
    return type(function), function.name, dumped, ast.get_docstring(function), len(statements)


def compare(before, target, answer):
    original, wanted, given = (Version(text) for text in (before, target, answer))
    parameters = wanted.function.args
    # What callers name is not varied here.
    if head(answer) != head(target) or parameters.kwonlyargs or parameters.kwarg:
        return {"finding": "untold"}
    raised = tuple(caught(wanted))
    literals = [one.value for one in ast.walk(wanted.tree) if isinstance(one, ast.Constant)]
    constants = [*VALUES, *(one for one in literals if isinstance(one, (int, str)))]
    function = next(one for one in ast.parse(target).body if isinstance(one, FUNCTIONS))
    types_said = {one.arg: ast.unparse(one.annotation) for one in function.args.args if one.annotation}

    def run(version, trial):
        return outcome(version, trial, inputs(wanted, types_said, constants, trial))

    trials = {number: Trial(number, raised) for number in range(TRIALS)}
    expected = {number: run(wanted, trial) for number, trial in trials.items()}
    plain = {number for number, trial in trials.items() if not (trial.has_probes or trial.record)}
    expected = {number: text for number, text in expected.items() if text is not None}

    def noticed(version):
        return any(run(version, Trial(number, raised)) != text for number, text in expected.items())

    differs = False
    for number, text in expected.items():
        trial = Trial(number, raised)
        got = run(given, trial)
        if got == text:
            continue
        differs = True
        if got is None:
            break
        # Not a matter of what either asks of probes, nor of which exception it raises.
        is_plain = number in plain and not (trial.has_probes or trial.record)
        if is_plain and not text.startswith("raises "):
            values = inputs(wanted, types_said, constants, Trial(number, raised))
            return {"finding": "differs", "call": "%s(%s)" % (wanted.function.name, ", ".join(map(repr, values)))}
    if differs:
        return {"finding": "differs"}
    told = [noticed(mutant) for mutant in mutants(wanted)]
    is_told = told and sum(told) >= NOTICED * len(told) and len(expected) >= TRIALS / 2
    return {"finding": "same" if is_told and noticed(original) else "untold"}


def too_slow(*_):
    raise TooSlow


write = os.write
question = json.loads(question)
signal.signal(signal.SIGVTALRM, too_slow)
found = compare(question["before"], question["target"], question["answer"])
write(1, ("\n%s %s\n" % (question["word"], json.dumps(found))).encode())
