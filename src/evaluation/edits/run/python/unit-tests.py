# Whether the unit tests that an answer puts below a function test it, seen by running them.
#
# The question has the texts "before", the function, and "answer", the same with tests below. They must pass, and an
# assertion of one of them must fail for some small change (mutant) of the function. What needs more than the
# function, modules without effects and the least of pytest is not run.

import types

# Processor time of one test.
SECONDS = 1
# With fewer mutants, it may be that all of them do what the function does.
ENOUGH = 3
EFFECTS = frozenset("open input breakpoint exit quit".split())


class Untold(BaseException):
    """It asks for more than there is here."""


class Raises:
    """`with pytest.raises(...) as info`."""

    def __init__(self, expected, match=None):
        self.expected = expected
        self.match = match

    def __enter__(self):
        return self

    def __exit__(self, kind, value, _):
        assert value is not None, "nothing is raised"
        if not isinstance(value, Exception):
            return False
        assert isinstance(value, self.expected), "something else is raised"
        assert self.match is None or importlib.import_module("re").search(self.match, str(value))
        self.type, self.value = kind, value
        return True


def raises(expected, *call, **named):
    if not call:
        if named.keys() - {"match"}:
            raise Untold
        return Raises(expected, **named)
    info = Raises(expected)
    with info:
        call[0](*call[1:], **named)
    return info


class Approximate:
    def __init__(self, expected, rel=None, abs=None):
        self.expected = expected
        # A bound that is said alone is the only one.
        self.rel = rel if rel is not None else 1e-6 if abs is None else 0
        self.abs = 1e-12 if abs is None else abs

    def __eq__(self, other):
        return self.is_near(self.expected, other)

    def is_near(self, expected, other):
        if isinstance(expected, dict):
            return isinstance(other, dict) and expected.keys() == other.keys() and all(
                self.is_near(value, other[key]) for key, value in expected.items()
            )
        if isinstance(expected, (list, tuple)):
            same = isinstance(other, (list, tuple)) and len(other) == len(expected)
            return same and all(map(self.is_near, expected, other))
        if not isinstance(expected, (int, float)):
            raise Untold
        if not isinstance(other, (int, float)):
            return False
        return expected == other or abs(expected - other) <= max(self.rel * abs(expected), self.abs)


PYTEST = types.SimpleNamespace(approx=Approximate, raises=raises)


def is_test(statement):
    return isinstance(statement, FUNCTIONS) and statement.name.startswith("test")


class WithoutPytest(ast.NodeTransformer):
    """What is imported as pytest is in every scope already."""

    def visit_Import(self, node):
        node.names = [one for one in node.names if (one.name, one.asname) != ("pytest", None)]
        return node if node.names else ast.copy_location(ast.Pass(), node)


def without_types(function):
    """What the types of parameters and results name need not be here."""
    function.returns = None
    parameters = function.args
    for one in [*parameters.posonlyargs, *parameters.args, *parameters.kwonlyargs, parameters.vararg, parameters.kwarg]:
        if one is not None:
            one.annotation = None


def needs_more(tree):
    """Whether a tree uses what nothing here stands for."""
    unknown = unknown_names(ast.unparse(tree)) - {"pytest"}
    asked = set()
    for one in ast.walk(tree):
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name):
            asked.add(one.value)
            if one.value.id == "pytest" and not hasattr(PYTEST, one.attr):
                return True
        if isinstance(one, ast.Import) and any(alias.name not in MODULES for alias in one.names):
            return True
        if isinstance(one, ast.ImportFrom) and (one.level or one.module not in MODULES):
            return True
        if isinstance(one, ast.Name) and one.id in EFFECTS:
            return True
    names = (one for one in ast.walk(tree) if isinstance(one, ast.Name) and one.id in unknown)
    # A name alone may be what the file has under it: `copy` of `from copy import copy`.
    return any(one.id not in MODULES or one not in asked for one in names)


def failure(tree, tests):
    """How the first test that fails does; None where all pass."""
    program = ast.fix_missing_locations(tree)
    unknown = unknown_names(ast.unparse(program)) & MODULES
    for name in tests:
        scope = {"__name__": "module", "pytest": PYTEST}
        scope.update((one, importlib.import_module(one)) for one in unknown)
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        try:
            exec(compile(program, "answer", "exec"), scope)
            result = scope[name]()
            if asyncio.iscoroutine(result):
                asyncio.run(result)
        except Untold:
            raise
        except BaseException as error:
            return {"test": name, "error": type(error).__name__, "where": place_of(error)}
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return None


def place_of(error):
    """The function that raised it."""
    at = error.__traceback__
    while at.tb_next is not None:
        at = at.tb_next
    return at.tb_frame.f_code.co_name


def judge(before, answer):
    name = next(one.name for one in ast.parse(before).body if isinstance(one, FUNCTIONS))
    tree = WithoutPytest().visit(ast.parse(answer))
    functions = [one for one in tree.body if isinstance(one, FUNCTIONS)]
    tests = [one.name for one in functions if is_test(one)]
    own = [at for at, one in enumerate(tree.body) if getattr(one, "name", None) == name]
    # Decorators would have to be here, and arguments come from somewhere else.
    has_demands = any(one.decorator_list for one in functions) or any(one.args.args for one in functions if is_test(one))
    if not tests or has_demands or len(own) != 1 or not isinstance(tree.body[own[0]], FUNCTIONS):
        return {"finding": "untold"}
    without_types(tree.body[own[0]])
    if needs_more(tree):
        return {"finding": "untold"}
    failed = failure(tree, tests)
    if failed is not None:
        return {"finding": "fails", "test": failed["test"], "error": failed["error"]}
    tried, has_crashed = 0, False
    for text in mutated(ast.unparse(tree.body[own[0]])):
        changed = list(tree.body)
        changed[own[0]] = ast.parse(text).body[0]
        failed = failure(ast.Module(changed, []), tests)
        if failed is not None and failed["error"] == "AssertionError" and failed["where"] != name:
            return {"finding": "tests"}
        tried += 1
        has_crashed = has_crashed or failed is not None
    return {"finding": "untold" if has_crashed or tried < ENOUGH else "notices nothing"}


def judged(before, answer):
    try:
        return judge(before, answer)
    except Untold:
        return {"finding": "untold"}


say(judged(question["before"], question["answer"]))
