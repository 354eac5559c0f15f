# Probes: objects that stand for anything, and answer any operation by a hash of what was done and of the trial.

import hashlib
import types

# Elements of an iterator that are looked at.
ELEMENTS = 40
DEPTH = 6
OUTSIDE = ("open", "print", "input", "exit", "quit", "eval", "exec", "compile", "id")
ITERATORS = (types.GeneratorType, map, filter, zip, enumerate, reversed)


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
