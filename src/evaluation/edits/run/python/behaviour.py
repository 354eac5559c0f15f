# Whether two versions of a Python function do the same, seen by running them.
#
# The question has the texts "before", "target" and "answer". Each version runs on the same inputs: plain values, and
# probes that stand for everything that the function's file would have. Both versions get the same answers from
# probes, and what others could see of it (calls, what is stored) is recorded. Versions do the same where results,
# exceptions and records are the same in every trial. Whether the trials would tell is measured: nearly all small
# changes to the target (mutants) must be noticed, the original too.

TRIALS = 240
MUTANTS = 24
NOTICED = 0.8
# Fewer other results may be of values that nobody would call it with.
WRONG = 0.1
WRONG_LEAST = 3
# Processor time of one run.
SECONDS = 0.25
VALUES = (
    *(0, 1, 2, 3, -1, 7, 10, 255, 1.5, True, False, None),
    *("", "a", "abc", "a.b", "A-b_c 1", "1", " x\n", b"ab"),
    *([], [1, 2, 3], ["b", "a"], [[1, 2], [3]], (1, 2), ("a", 1)),
    *({}, {"a": 1}, {"b": "x", "a": []}, {1, 2}),
)
TYPES = {kind.__name__: kind for kind in (bool, int, float, str, bytes, list, tuple, dict, set)}


def scope_of(version, trial):
    """The version with what its file would have."""
    scope = {"__name__": "module", "__builtins__": {**vars(builtins), **stand_ins(trial)}}
    for name in version.unknown:
        scope[name] = known(name) or Probe(trial, name)
    exec(version.code, scope)
    return scope


def outcome(version, trial, values):
    """What a run gives and does, as text; None where it takes too long, or cannot be shown."""
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        result = scope_of(version, trial)[version.function.name](*values)
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
    # Calls of plain values in which neither asks anything of probes, and the target returns.
    calls = 0
    other_calls = []
    for number, text in expected.items():
        trial = Trial(number, raised)
        got = run(given, trial)
        asks = trial.has_probes or trial.record
        is_plain = number in plain and not asks and not text.startswith("raises ")
        calls += is_plain
        if got == text:
            continue
        differs = True
        if got is None:
            break
        if is_plain:
            other_calls.append(number)
    if len(other_calls) >= max(WRONG_LEAST, WRONG * calls):
        values = inputs(wanted, types_said, constants, Trial(other_calls[0], raised))
        return {"finding": "differs", "call": "%s(%s)" % (wanted.function.name, ", ".join(map(repr, values)))}
    if differs:
        return {"finding": "differs"}
    told = [noticed(Version(text)) for text in mutated(ast.unparse(wanted.tree), MUTANTS)]
    is_told = told and sum(told) >= NOTICED * len(told) and len(expected) >= TRIALS / 2
    return {"finding": "same" if is_told and noticed(original) else "untold"}


say(compare(question["before"], question["target"], question["answer"]))
