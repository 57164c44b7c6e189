# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The architecture as tests: who may import whom, where effects are, how thin a module is and what it documents."""

from __future__ import annotations

import ast
import graphlib
import io
import pathlib
import tokenize
import typing as t

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "plugins"
MODULE_UTILS = PLUGINS / "module_utils"
MODULES = sorted((PLUGINS / "modules").glob("*.py"))

# These read a Postfix instance or write a copy of its configuration; everything else in _postfix/ is pure.
READERS = {
    MODULE_UTILS / "_postfix" / f"{name}.py"
    for name in (
        "candidate",
        "conversation",
        "definitions",
        "dkim_files",
        "dovecot",
        "filter_judge",
        "instance",
        "server",
        "table_build",
    )
}
PLANNERS = set((MODULE_UTILS / "_postfix").glob("*.py")) - READERS
SHELL = set(MODULE_UTILS.glob("*.py")) - {MODULE_UTILS / "_plan.py"}
# From the bottom up: a file may import from its own layer and from those below it.
LAYERS = ({MODULE_UTILS / "_plan.py"}, PLANNERS, READERS, SHELL, set(MODULES))
PURE = LAYERS[0] | PLANNERS

PURE_LIBRARY = {
    *("__future__", "collections", "dataclasses", "datetime", "difflib", "enum", "fnmatch", "functools", "hashlib"),
    *("heapq", "ipaddress"),
    *("itertools", "json", "math", "operator", "posixpath", "re", "string", "textwrap", "types", "typing"),
}
EFFECTS = {
    *("open", "print", "input", "exec", "eval", "compile", "__import__", "breakpoint", "datetime.now"),
    *(f"posixpath.{name}" for name in ("exists", "lexists", "isfile", "isdir", "islink", "realpath", "abspath")),
}
DOCUMENTATION = {"DOCUMENTATION", "EXAMPLES", "RETURN"}
ATTRIBUTES = {"check_mode", "diff_mode", "idempotent"}


def tree(path: pathlib.Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def short(path: pathlib.Path) -> str:
    return str(path.relative_to(ROOT))


def imported(path: pathlib.Path) -> t.Iterator[tuple[pathlib.Path | None, str]]:
    """Yield what *path* imports: (file of this collection, '') or (None, top-level name of a foreign module)."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            package = ["", *path.relative_to(ROOT).parts[: -node.level]] if node.level else []
            base = ".".join(filter(None, [*package, node.module]))
            names = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            own = name.removeprefix("ansible_collections.mailops.mta.")
            file = ROOT / (own.replace(".", "/") + ".py")
            if file.exists():
                yield file, ""
            elif not own.startswith("plugins"):
                yield None, name.split(".")[0]


def own_imports(path: pathlib.Path) -> set[pathlib.Path]:
    return {file for file, _name in imported(path) if file}


def identifiers(path: pathlib.Path) -> set[str]:
    """Return the names of all kinds in *path*: variables, attributes, arguments, imports."""
    fields = ("id", "attr", "arg", "name")
    values = {getattr(node, field, None) for node in ast.walk(tree(path)) for field in fields}
    return {value for value in values if isinstance(value, str)}


def called(path: pathlib.Path) -> set[str]:
    """Return what *path* calls, as it is written: open, posixpath.join."""
    return {ast.unparse(node.func) for node in ast.walk(tree(path)) if isinstance(node, ast.Call)}


def constants(path: pathlib.Path) -> dict[str, t.Any]:
    """Return the strings that *path* assigns to names, in the module or in a class of it."""
    return {
        node.targets[0].id: node.value.value
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }


def test_every_file_of_module_utils_has_a_layer() -> None:
    files = set(MODULE_UTILS.rglob("*.py"))
    assert files >= LAYERS[0] | READERS
    assert files == set().union(*LAYERS[:-1])


def test_layers_import_downwards() -> None:
    level = {path: height for height, layer in enumerate(LAYERS) for path in layer}
    arrows = [(path, other) for path in level for other in own_imports(path)]
    assert arrows
    assert [f"{short(a)} imports {short(b)}" for a, b in arrows if b not in level or level[b] > level[a]] == []


def test_imports_have_no_cycle() -> None:
    graph = {path: own_imports(path) for path in PLUGINS.rglob("*.py")}
    assert list(graphlib.TopologicalSorter(graph).static_order())


def test_planners_have_no_effects() -> None:
    assert PLANNERS
    foreign = {(short(path), name) for path in PURE for file, name in imported(path) if not file}
    assert {(path, name) for path, name in foreign if name not in PURE_LIBRARY} == set()
    assert {(short(path), name) for path in PURE for name in called(path) & EFFECTS} == set()


def test_only_the_shell_knows_ansible_and_check_mode() -> None:
    shell = MODULE_UTILS / "_module.py"
    assert {"AnsibleModule", "check_mode"} <= identifiers(shell)
    others = [path for path in PLUGINS.rglob("*.py") if path != shell]
    assert [short(path) for path in others if identifiers(path) & {"AnsibleModule", "check_mode"}] == []
    code = [path for path in others if MODULE_UTILS in path.parents or path in MODULES]
    assert [short(path) for path in code if "ansible" in {name for _file, name in imported(path)}] == []


def code_lines(path: pathlib.Path) -> int:
    """Count the lines of code: without imports, comments, blank lines and documentation."""
    apart: set[int] = set()
    for node in ast.walk(tree(path)):
        wire = isinstance(node, ast.Import | ast.ImportFrom)
        text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        named = isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        if wire or text or (named and node.targets[0].id in DOCUMENTATION):
            apart |= set(range(node.lineno, node.end_lineno + 1))
    ignored = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)
    code = {line for token in tokens if token.type not in ignored for line in range(token.start[0], token.end[0] + 1)}
    return len(code - apart)


def test_modules_are_bindings() -> None:
    assert MODULES
    assert {short(path): code_lines(path) for path in MODULES if code_lines(path) >= 40} == {}


def documented_attributes(module: pathlib.Path) -> dict[str, dict[str, t.Any]]:
    """Return the attributes of *module* with those of its documentation fragments (mailops.mta.FILE[.PART])."""
    documentation = yaml.safe_load(constants(module)["DOCUMENTATION"])
    sources = [documentation]
    for fragment in documentation.get("extends_documentation_fragment", []):
        file, _dot, part = fragment.removeprefix("mailops.mta.").partition(".")
        texts = constants(PLUGINS / "doc_fragments" / f"{file}.py")
        sources.insert(0, yaml.safe_load(texts[part.upper() or "DOCUMENTATION"]))
    found: dict[str, dict[str, t.Any]] = {}
    for source in sources:
        for name, attribute in source.get("attributes", {}).items():
            found[name] = found.get(name, {}) | attribute
    return found


def test_modules_document_their_attributes() -> None:
    for module in MODULES:
        found = documented_attributes(module)
        assert set(found) >= ATTRIBUTES, short(module)
        assert all(found[name].get("support") and found[name].get("description") for name in ATTRIBUTES), short(module)


def test_action_group_holds_every_module() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert runtime["action_groups"]["postfix"] == [path.stem for path in MODULES]
