# Whether the unit tests that an answer puts below a function test it, seen by running them.
#
# The question has the texts "before", the function, and "answer", the same with tests below. They must pass, and one
# of them must fail for some small change (mutant) of the function. What needs more than the function, the standard
# library and the least of pytest is not run.

import contextlib
import types

# Processor time of one test.
SECONDS = 1


class Approximate:
    def __init__(self, expected, rel=1e-6, abs=1e-12):
        self.expected = expected
        self.tolerance = {"rel_tol": rel, "abs_tol": abs}

    def __eq__(self, other):
        return importlib.import_module("math").isclose(self.expected, other, **self.tolerance)


@contextlib.contextmanager
def raises(expected, match=""):
    try:
        yield
    except expected as error:
        assert importlib.import_module("re").search(match, str(error)), "it says something else"
    else:
        raise AssertionError("it raises nothing")


PYTEST = types.SimpleNamespace(approx=Approximate, raises=raises)


def is_test(statement):
    return isinstance(statement, FUNCTIONS) and statement.name.startswith("test")


def needed(node):
    """What a tree uses that nothing here stands for."""
    names = {name for name in unknown_names(ast.unparse(node)) if name != "pytest" and known(name) is None}
    for one in ast.walk(node):
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == "pytest":
            names |= {one.attr} - set(vars(PYTEST))
        if isinstance(one, ast.Import):
            names |= {alias.name for alias in one.names} - MODULES - {"pytest"}
        if isinstance(one, ast.ImportFrom):
            names |= {one.module} - MODULES
    return names


def failure(tree, tests):
    """The name of the first test that fails and how; None where all pass."""
    kept = [one for one in tree.body if not isinstance(one, ast.Import) or one.names[0].name != "pytest"]
    program = ast.fix_missing_locations(ast.Module(kept, []))
    for name in tests:
        scope = {"__name__": "module", "pytest": PYTEST}
        for unknown in unknown_names(ast.unparse(program)) - {"pytest"}:
            scope[unknown] = known(unknown)
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        try:
            exec(compile(program, "answer", "exec"), scope)
            result = scope[name]()
            if asyncio.iscoroutine(result):
                asyncio.run(result)
        except (Exception, SystemExit, TooSlow) as error:
            return {"test": name, "error": type(error).__name__}
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return None


def judge(before, answer):
    written = [one for one in ast.parse(answer).body if isinstance(one, FUNCTIONS)]
    tree = Version(answer).tree
    tests = [one for one in tree.body if is_test(one)]
    # Decorators would have to be run as they are, and arguments come from somewhere else.
    has_demands = any(one.decorator_list for one in written) or any(one.args.args for one in tests)
    if not tests or has_demands or needed(tree):
        return {"finding": "untold"}
    names = [one.name for one in tests]
    failed = failure(tree, names)
    if failed is not None:
        return {"finding": "fails", **failed}
    place = next(at for at, one in enumerate(tree.body) if isinstance(one, FUNCTIONS) and not is_test(one))
    for mutant in mutants(Version(before)):
        changed = ast.Module([*tree.body[:place], mutant.function, *tree.body[place + 1 :]], [])
        if failure(changed, names) is not None:
            return {"finding": "tests"}
    return {"finding": "notices nothing"}


say(judge(question["before"], question["answer"]))
