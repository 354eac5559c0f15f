"""What functions of a Python project really use of its other files, by Python's own parser: one line
of JSON a function, the truth that the ranking of context is measured against.

    python3 truth.py ROOT [COUNT [SEED]] > truth.jsonl
"""

import ast
import json
import os
import random
import sys


def module_files(root):
    """Every module's dotted name from the root, with its file."""
    found = {}
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith((".", "__pycache__"))]
        for name in files:
            if not name.endswith(".py"):
                continue
            path = os.path.relpath(os.path.join(folder, name), root)
            dotted = path[:-3].replace(os.sep, ".")
            found[dotted.removesuffix(".__init__")] = path
    return found


def definitions(tree):
    """Names at the top of a module, with the lines of what defines them."""
    found = {}
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found[node.name] = (node.lineno, node.end_lineno)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found[target.id] = (node.lineno, node.end_lineno)
    return found


def absolute(package, node):
    """The dotted name of the module that a `from ... import` means."""
    if node.level == 0:
        return node.module
    parts = package.split(".") if package else []
    base = parts[: len(parts) - (node.level - 1)] if node.level > 1 else parts
    return ".".join(base + ([node.module] if node.module else []))


def imports(tree, package, modules):
    """Local names that mean modules, and those that mean a name of a module."""
    of_modules, of_names = {}, {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name in modules and (alias.asname or "." not in alias.name):
                    of_modules[alias.asname or alias.name] = alias.name
        elif isinstance(node, ast.ImportFrom):
            module = absolute(package, node)
            for alias in node.names:
                if f"{module}.{alias.name}" in modules:
                    of_modules[alias.asname or alias.name] = f"{module}.{alias.name}"
                elif module in modules:
                    of_names[alias.asname or alias.name] = (module, alias.name)
    return of_modules, of_names


def uses(function, of_modules, of_names):
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and node.id in of_names:
            yield of_names[node.id]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id in of_modules:
                yield of_modules[node.value.id], node.attr


def main():
    root = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    modules = module_files(root)
    trees = {}
    for dotted, path in modules.items():
        try:
            with open(os.path.join(root, path), encoding="utf-8") as file:
                trees[dotted] = ast.parse(file.read())
        except (SyntaxError, ValueError, UnicodeDecodeError):
            continue
    defined = {dotted: definitions(tree) for dotted, tree in trees.items()}
    cases = []
    for dotted, tree in trees.items():
        is_package = modules[dotted].endswith("__init__.py")
        package = dotted if is_package else dotted.rpartition(".")[0]
        of_modules, of_names = imports(tree, package, modules)
        for node in ast.walk(tree):
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            truth = {}
            for module, name in uses(node, of_modules, of_names):
                lines = defined.get(module, {}).get(name)
                if lines is not None and module != dotted:
                    truth[(modules[module], name)] = lines
            if truth:
                listed = [
                    {"file": file, "name": name, "first": lines[0], "last": lines[1]}
                    for (file, name), lines in truth.items()
                ]
                start = min([node.lineno] + [item.lineno for item in node.decorator_list])
                place = {"file": modules[dotted], "first": start, "last": node.end_lineno}
                cases.append({**place, "uses": listed})
    random.Random(seed).shuffle(cases)
    for case in cases[:count]:
        print(json.dumps(case))


main()
