# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of cases for lookup tables: what is asked for, what a source says, what a host needs."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from ansible_collections.mailops.mta.plugins.module_utils._plan import (
    InstallFile,
    MakeDirectory,
    RemoveFile,
    SetAttributes,
)
from ansible_collections.mailops.mta.plugins.module_utils._postfix.lookup_table import (
    Built,
    Stored,
    StoredFile,
    compiled_condition,
    needs_build,
    plan_table,
    plan_tables,
)
from ansible_collections.mailops.mta.plugins.module_utils._postfix.table_request import (
    Table,
    printed_options,
    refuse_types,
    wanted_tables,
)
from ansible_collections.mailops.mta.plugins.module_utils._postfix.table_source import (
    changed_lines,
    count_entries,
    parse_entries,
    spoken_complaints,
)

DIRECTORY = "/etc/postfix"


def one(name: str, **option: object) -> Table:
    (table,) = wanted_tables({name: option}, DIRECTORY)
    return table


@pytest.mark.parametrize(
    ("name", "option", "text"),
    [
        ("hash:a", {"entries": {"k": "v"}}, b"k\tv\n"),
        ("hash:a", {"entries": {"k": True, "l": 5, "m": ["a", "b"], "gone": None}}, b"k\tyes\nl\t5\nm\ta, b\n"),
        ("hash:a", {"entries": {25: "v"}}, b"25\tv\n"),
        ("hash:a", {"entries": {}}, b""),
        ("hash:a", {"entries": {"root": ["a@x", "b@x"]}, "format": "aliases"}, b"root: a@x, b@x\n"),
        ("pcre:a", {"entries": {"/^a b/": "DUNNO"}}, b"/^a b/\tDUNNO\n"),
        ("cidr:a", {"lines": ["192.0.2.1 OK", "192.0.2.0/24 REJECT"]}, b"192.0.2.1 OK\n192.0.2.0/24 REJECT\n"),
        ("cidr:a", {"lines": []}, b""),
        ("texthash:a", {"content": "k v"}, b"k v\n"),
        ("texthash:a", {"content": "stra\u00dfe v\n"}, "stra\u00dfe v\n".encode()),
        ("texthash:a", {"content": ""}, b""),
    ],
)
def test_text_of_a_table(name: str, option: dict[str, object], text: bytes) -> None:
    assert one(name, **option).text == text


@pytest.mark.parametrize(
    ("name", "path", "compiled"),
    [
        ("hash:/srv/a", "/srv/a", "/srv/a.db"),
        ("btree:maps.d/a", "/etc/postfix/maps.d/a", "/etc/postfix/maps.d/a.db"),
        ("lmdb:./maps.d/../a", "/etc/postfix/a", "/etc/postfix/a.lmdb"),
        ("cdb:a", "/etc/postfix/a", "/etc/postfix/a.cdb"),
        ("cidr:a.db", "/etc/postfix/a.db", None),
        ("texthash:a", "/etc/postfix/a", None),
    ],
)
def test_files_of_a_table(name: str, path: str, compiled: str | None) -> None:
    table = one(name, lines=[])
    assert (table.path, table.compiled_path) == (path, compiled)


@pytest.mark.parametrize(("value", "mode"), [(None, 0o644), ("0600", 0o600), ("640", 0o640), (0o644, 0o644)])
def test_mode(value: object, mode: int) -> None:
    assert one("hash:a", lines=[], mode=value).mode == mode


LINES: dict[str, object] = {"lines": []}


@pytest.mark.parametrize(
    ("name", "option", "problem"),
    [
        ("hash:a", {}, "hash:a: give exactly one of entries, lines, content or src, not none of them"),
        ("hash:a", {"lines": [], "content": ""}, "hash:a: give exactly one of .*, not lines and content"),
        ("hash:a", "k v", "hash:a: expected a mapping of options, or null"),
        ("hash:a", {"entrys": {}}, r"unknown option entrys \(did you mean entries\?\)"),
        ("hash:a", {"entries": ["k v"]}, "entries is a mapping, lines a list"),
        ("hash:a", {"entries": {"a b": "v", "#c": "v"}}, "'a b': a key cannot hold blanks; '#c': a key is not empty"),
        ("hash:a", {"entries": {True: "v"}}, "True: YAML reads this key as true or false; put it in quotes"),
        ("hash:a", {"entries": {"k": ""}}, "'k': a value is not empty"),
        ("hash:a", {"entries": {"k": "v\nl w"}}, "'k': "),
        ("hash:a", {"content": "a 1\nb\0 2\n"}, "line 2 has a NUL byte"),
        ("hash:a", {"content": "\ufeffa 1\n"}, "line 1 has a byte order mark"),
        ("hash:a", {"src": "files/a"}, "src is an absolute path on the target, not files/a"),
        ("hash:a", {**LINES, "mode": 644}, 'mode is an octal number in quotes, .* such as "0644", not 644'),
        ("hash:a", {**LINES, "mode": "0664"}, "writable by the owner alone"),
        ("hash:a", {**LINES, "mode": "rw"}, "mode is an octal number"),
        ("hash:a", {**LINES, "state": "gone"}, "state is present or absent, not gone"),
        (
            "cidr:a",
            {**LINES, "format": "aliases"},
            "format aliases is for tables that postalias compiles, not for cidr",
        ),
        ("/etc/postfix/a", LINES, "expected type:path"),
        ("hash:", LINES, "expected type:path"),
        ("ldap:a", LINES, "the type ldap is not one that is kept in a file of its own"),
        ("texthsh:a", LINES, r"did you mean texthash\?"),
        ("hash:a.db", LINES, r"name the source, without \.db"),
        ("hash:main.cf", LINES, "this file is no lookup table"),
        ("hash:/etc/postfix/../postfix/master.cf", LINES, "this file is no lookup table"),
        ("hash:dynamicmaps.cf", LINES, "this file is no lookup table"),
        ("hash:/etc/passwd", LINES, "a table lies below /etc/postfix or in /etc/aliases, .* not in /etc/passwd"),
        ("hash:../hosts", LINES, "not in /etc/hosts"),
        ("hash:/etc/postfix-other/a", LINES, "not in /etc/postfix-other/a"),
        ("hash:/srv/../etc/passwd", None, "not in /etc/passwd"),
        ("hash:a b", LINES, "a path in main.cf cannot hold blanks"),
    ],
)
def test_refused_request(name: str, option: object, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        wanted_tables({name: option}, DIRECTORY)


@pytest.mark.parametrize(
    ("tables", "problem"),
    [
        (
            {"hash:a": LINES, "hash:/etc/postfix/a": LINES},
            "hash:/etc/postfix/a: hash:a has the same file /etc/postfix/a",
        ),
        ({"hash:a": LINES, "lmdb:a": LINES}, "lmdb:a: hash:a has the same file /etc/postfix/a"),
        ({"hash:a": LINES, "btree:a": None}, "hash:a: this call also removes its file /etc/postfix/a.db"),
        ({"hash:a": {}, "cidr:b": {}}, "hash:a: .*; cidr:b: "),
    ],
)
def test_refused_together(tables: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        wanted_tables(tables, DIRECTORY)


def test_printed_options_hold_no_text() -> None:
    option = {"entries": {"k": "secret"}, "mode": "0600"}
    printed = {"hash:a": {"entries": "(not shown)", "mode": "0600"}, "cidr:b": {"src": "/b"}, "hash:c": None}
    assert printed_options({"hash:a": option, "cidr:b": {"src": "/b"}, "hash:c": None}) == printed


def test_another_type_takes_the_source_over() -> None:
    old, new = wanted_tables({"hash:a": None, "lmdb:a": LINES}, DIRECTORY)
    assert (old.keeps_source, new.keeps_source) == (True, False)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("lmdb:a", "lmdb:a: .*postfix-lmdb"),
        ("pcre:a", "pcre:a: .*postfix-pcre"),
        ("cdb:a", "cdb:a: .*postfix-cdb"),
        ("hash:a", "hash:a: .*use lmdb, of the package postfix-lmdb"),
        ("btree:a", "btree:a: .*use lmdb"),
    ],
)
def test_type_that_this_postfix_does_not_have(name: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        refuse_types([one(name, **LINES)], frozenset({"cidr", "texthash"}))


def test_type_of_a_removed_table_does_not_matter() -> None:
    refuse_types(wanted_tables({"hash:a": None}, DIRECTORY), frozenset({"cidr"}))


# Each expected value is what "postmap -s" of 3.7.11 and 3.10.13 prints for this source, the keys in their own case.
@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("Key1  va  lue \n", [(1, "Key1", "va  lue")]),
        ('"john doe"@x  v2\n', [(1, '"john doe"@x', "v2")]),
        ("bad\n  cont\n# c\n\n  more\n", [(1, "bad", "cont  more")]),
        ("# c\n\ntab\tv\r\n", [(3, "tab", "v")]),
        ('\\" v\n', [(1, '\\"', "v")]),
        ('"a\\"b c" v9\n', [(1, '"a\\"b c"', "v9")]),
        ("k v\nlast w", [(1, "k", "v"), (2, "last", "w")]),
        ("k \u2028v\n", [(1, "k", "\u2028v")]),
        ("", []),
    ],
)
def test_entries_of_a_source(text: str, entries: list[tuple[int, str, str]]) -> None:
    assert list(parse_entries(text, aliases=False)) == entries
    assert count_entries(text.encode()) == len(entries)


# The keys are those of "postalias -s"; it writes the addresses its own way.
@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("Postmaster:  root", "Postmaster"),
        ('"john doe": x , y', "john doe"),
        ("foo bar: x", "foo bar"),
        ("x: :include:/etc/y", "x"),
    ],
)
def test_key_of_an_alias(line: str, key: str) -> None:
    assert [entry.key for entry in parse_entries(line, aliases=True)] == [key]


SOURCE = 'key1 v\nKEY1 w\nunb"al x\nbad\n'


# Recorded from postmap and postalias of both releases; the path is the one of the live table.
@pytest.mark.parametrize(
    ("complaint", "table_type", "told"),
    [
        (
            "postmap: warning: /p/t, line 4: expected format: key whitespace value -- ignoring this line",
            "texthash",
            "line 4 (bad): expected format: key whitespace value (a line is a key, blanks and a value;",
        ),
        (
            'postmap: warning: /p/t.db: duplicate entry: "key1"',
            "hash",
            "line 2 (KEY1 w): this key stands on an earlier",
        ),
        ('postmap: warning: lmdb:/p/t: duplicate entry: "key1"', "lmdb", "line 2 (KEY1 w): this key stands on an earl"),
        ("postmap: warning: /p/t, line 3: unbalanced '\"' in 'x'", "hash", "line 3 (unb\"al x): unbalanced '\"'"),
        (
            'postmap: warning: cidr map /p/t, line 1: bad address pattern: "300.1.1.1": skipping this rule',
            "cidr",
            'line 1 (key1 v): bad address pattern: "300.1.1.1" (a line is network/prefix length, blanks',
        ),
        (
            "postmap: warning: pcre map /p/t, line 1: error in regex at offset 1: missing closing parenthesis",
            "pcre",
            "line 1 (key1 v): error in regex at offset 1: missing closing parenthesis (a line is /pattern/flags",
        ),
        (
            "postmap: fatal: error updating lmdb:/p/t: MDB_BAD_VALSIZE: Unsupported size of key/DB name/data",
            "lmdb",
            "line 1 (key1 v): the key of an lmdb table has at most 511 bytes (",
        ),
        (
            'postmap: warning: /p/t: logical line must not start with whitespace: "  x"',
            "hash",
            "line 1 (key1 v): the first entry starts with a blank (",
        ),
        ("postmap: fatal: open /p/t.db: No space left on device", "hash", "open /p/t.db: No space left on device ("),
    ],
)
def test_what_postmap_says(complaint: str, table_type: str, told: str) -> None:
    # texthash says everything once per read of the file.
    assert spoken_complaints(f"{complaint}\n{complaint}\n", SOURCE, table_type, False, False).startswith(told)


def test_many_complaints_are_counted() -> None:
    complaints = "".join(f"postmap: warning: /p/t, line {number}: bad\n" for number in range(1, 9))
    assert re.search(r"line 5: bad; and 3 more \(", spoken_complaints(complaints, "", "hash", False, False))


def test_complaints_about_a_secret_quote_nothing() -> None:
    complaints = "postmap: warning: /p/t, line 3: unbalanced '\"' in 'unb\"al x' -- ignoring this line\n"
    told = spoken_complaints(complaints, SOURCE, "hash", False, True)
    assert told.startswith("line 3: unbalanced (")
    assert "al x" not in told


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        (b"a\nb\nc\n", b"a\nd\nc\n", ("b\n", "d\n")),
        (b"a\na\n", b"a\n", ("a\n", "")),
        (b"a\nb\n", b"b\na\n", ("(the same lines in another order)\n", "(in the wanted order)\n")),
        (b"x\n" * 1500, b"", ("(1500 lines that go)\n", "(0 lines that come)\n")),
    ],
)
def test_changed_lines(before: bytes, after: bytes, lines: tuple[str, str]) -> None:
    assert changed_lines(before, after) == lines


TABLE = Table("hash:a", "hash", "/etc/postfix/a", text=b"k v\n")
HASH = bytes(12) + (0x061561).to_bytes(4, "little")
BTREE = bytes(12) + (0x053162).to_bytes(4, "little")
FILE = StoredFile(0o644, 0, 0, 1_000_000_007)
CURRENT = Stored(source=FILE, text=b"k v\n", compiled=replace(FILE, head=HASH))
BUILT = Built("/private/a.db", 2_000_000_011)
SOURCE_ACTION = InstallFile("/etc/postfix/a", b"k v\n", mode=0o644, mtime_ns=BUILT.mtime_ns)
COMPILED_ACTION = InstallFile("/etc/postfix/a.db", source="/private/a.db", mode=0o644, mtime_ns=BUILT.mtime_ns)


@pytest.mark.parametrize(
    ("table", "stored", "condition"),
    [
        (TABLE, CURRENT, "current"),
        (TABLE, replace(CURRENT, compiled=None), "missing"),
        (TABLE, replace(CURRENT, compiled=replace(FILE, head=BTREE)), "not a hash table"),
        (TABLE, replace(CURRENT, compiled=replace(FILE, head=b"")), "not a hash table"),
        (TABLE, replace(CURRENT, compiled=replace(FILE, head=HASH, mtime_ns=FILE.mtime_ns + 1)), "not made from"),
        (TABLE, replace(CURRENT, source=None), "not made from this source"),
        (replace(TABLE, type="btree"), replace(CURRENT, compiled=replace(FILE, head=BTREE)), "current"),
        (
            replace(TABLE, type="lmdb"),
            replace(CURRENT, compiled=replace(FILE, head=bytes(16) + bytes.fromhex("dec0efbe"))),
            "current",
        ),
        (replace(TABLE, type="lmdb"), CURRENT, "not a lmdb table"),
        (replace(TABLE, type="cdb"), CURRENT, "current"),
        (replace(TABLE, type="cidr"), Stored(), "current"),
    ],
)
def test_condition_of_the_compiled_file(table: Table, stored: Stored, condition: str) -> None:
    assert compiled_condition(table, stored).startswith(condition)
    assert needs_build(table, stored) == (condition != "current" or stored.source is None)


@pytest.mark.parametrize(
    ("table", "stored", "built", "actions", "activation"),
    [
        pytest.param(TABLE, CURRENT, None, (), "none", id="nothing to do"),
        pytest.param(TABLE, Stored(), BUILT, (SOURCE_ACTION, COMPILED_ACTION), "reload", id="new"),
        pytest.param(
            TABLE,
            Stored(missing=("/etc/postfix/x",)),
            BUILT,
            (MakeDirectory("/etc/postfix/x"), SOURCE_ACTION, COMPILED_ACTION),
            "reload",
            id="new directory",
        ),
        pytest.param(
            TABLE, replace(CURRENT, text=b"k w\n"), BUILT, (SOURCE_ACTION, COMPILED_ACTION), "none", id="another text"
        ),
        pytest.param(
            TABLE,
            replace(CURRENT, compiled=None),
            BUILT,
            (replace(COMPILED_ACTION, mtime_ns=FILE.mtime_ns),),
            "reload",
            id="compiled file missing",
        ),
        pytest.param(
            replace(TABLE, mode=0o600, owner_id=5),
            CURRENT,
            None,
            (
                SetAttributes("/etc/postfix/a", 0o600, 5, 0, secret=True),
                SetAttributes("/etc/postfix/a.db", 0o600, 5, 0, secret=True),
            ),
            "none",
            id="mode and owner",
        ),
        pytest.param(
            replace(TABLE, type="cidr"),
            replace(CURRENT, text=b"", compiled=None),
            Built(None, BUILT.mtime_ns),
            (SOURCE_ACTION,),
            "reload",
            id="text table",
        ),
        pytest.param(
            replace(TABLE, present=False),
            CURRENT,
            None,
            (RemoveFile("/etc/postfix/a"), RemoveFile("/etc/postfix/a.db")),
            "none",
            id="absent",
        ),
        pytest.param(
            replace(TABLE, present=False, keeps_source=True),
            CURRENT,
            None,
            (RemoveFile("/etc/postfix/a.db"),),
            "none",
            id="absent, source in use",
        ),
        pytest.param(replace(TABLE, present=False), Stored(), None, (), "none", id="absent already"),
    ],
)
def test_plan(table: Table, stored: Stored, built: Built | None, actions: tuple[object, ...], activation: str) -> None:
    change = plan_table(table, stored, built)
    assert (change.actions, change.activation) == (actions, activation)
    assert (change.before != change.after) == bool(actions)


@pytest.mark.parametrize(
    ("table", "stored", "before", "after"),
    [
        (TABLE, Stored(), "hash:a\ncompiled: missing\n", "hash:a\nk v\ncompiled: current\n"),
        (
            replace(TABLE, mode=0o640),
            CURRENT,
            "hash:a\nsource mode, owner and group: 0644 0 0\ncompiled mode, owner and group: 0644 0 0\n",
            "hash:a\nsource mode, owner and group: 0640 0 0\ncompiled mode, owner and group: 0640 0 0\n",
        ),
        (
            replace(TABLE, mode=0o640),
            replace(CURRENT, source=replace(FILE, mode=0o640), text=b"secret"),
            "hash:a\n(not shown: not everybody may read this table)\ncompiled mode, owner and group: 0644 0 0\n",
            "hash:a\n(changed)\ncompiled mode, owner and group: 0640 0 0\n",
        ),
        (
            TABLE,
            Stored(replace(FILE, mode=0o600), b"secret"),
            (
                "hash:a\n(not shown: not everybody may read this table)\n"
                "source mode, owner and group: 0600 0 0\ncompiled: missing\n"
            ),
            "hash:a\n(changed)\nsource mode, owner and group: 0644 0 0\ncompiled: current\n",
        ),
        (replace(TABLE, present=False), CURRENT, "hash:a\nk v\ncompiled: present\n", "hash:a\ncompiled: missing\n"),
    ],
)
def test_diff(table: Table, stored: Stored, before: str, after: str) -> None:
    change = plan_table(table, stored, BUILT if needs_build(table, stored) else None)
    assert (change.before, change.after) == (before, after)


def test_several_tables_in_one_plan() -> None:
    other = replace(TABLE, name="cidr:b", type="cidr", path="/etc/postfix/b", text=b"a 1\nb 2\n")
    stored = {"hash:a": CURRENT, "cidr:b": Stored(missing=("/etc/postfix/x",))}
    plan = plan_tables("/etc/postfix", [TABLE, other], stored, {"cidr:b": Built(None, 1)})
    assert plan.activation == "reload"
    assert plan.before.startswith("cidr:b\n")
    assert plan.facts == {
        "tables": {"hash:a": {"changed": False, "entries": 1}, "cidr:b": {"changed": True, "entries": 2}}
    }
