# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""READS the queues of one instance: the directories, postqueue(1) line by line, queue files by postcat(1)."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import typing as t
from dataclasses import astuple
from itertools import islice

from ._postfix.instance import PostfixError
from ._postfix.queue_listing import Total
from ._postfix.queue_message import HEAD_BYTES, QUEUES, Message, parse_head, parse_messages

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ._module import Module

TEXT_BYTES: t.Final = 64 * 1024
_MANY_FILES: t.Final = 5_000
_SHARES: t.Final = 4
_ATTRIBUTE: t.Final = re.compile(r"^(?:named_attribute: )?(\w+)[=:] ?(.*)$")
_BEGIN: t.Final = re.compile(r"^\*\*\* ENVELOPE RECORDS (?:.*/)?(\w+) \*\*\*$")
# Whom the message came from in the first place (XFORWARD, after a content filter), else who connected.
_ORIGIN: t.Final = {
    "origin_host": ("log_client_name", "client_name"),
    "origin_address": ("log_client_address", "client_address"),
    "content_filter": ("content_filter",),
}


def files(directory: str) -> Iterator[tuple[int, str]]:
    """Yield the files of a queue, hashed or not (hash_queue_names), each as its open directory and its name in there.

    To open a file in there is quicker than by its path. What vanishes meanwhile is left out.
    """
    try:
        place = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        with os.scandir(place) as found:
            for entry in found:
                if entry.is_dir(follow_symlinks=False):
                    yield from files(os.path.join(directory, entry.name))
                elif entry.is_file(follow_symlinks=False):
                    yield place, entry.name
    finally:
        os.close(place)


def counts(queue_directory: str) -> dict[str, Total]:
    """Count the six queues by their file names alone: a tenth of the time that totals() takes, or less."""
    return {name: Total(sum(1 for _file in files(os.path.join(queue_directory, name)))) for name in QUEUES}


def totals(queue_directory: str) -> dict[str, Total]:
    """Count the six queues by their files. From some thousand on every processor reads its share of them."""
    found = (file for name in QUEUES for file in files(os.path.join(queue_directory, name)))
    many = next(islice(found, _MANY_FILES, None), None) is not None
    shares = min(len(os.sched_getaffinity(0)), _SHARES) if many else 1
    with contextlib.ExitStack() as stack:
        others = [stack.enter_context(_child(queue_directory, share, shares)) for share in range(1, shares)]
        counted = _share(queue_directory, 0, shares)
        for other in others:
            told = other.read()
            if not told:
                raise PostfixError(f"{queue_directory} could not be counted: a part of this program ended early")
            for queue, numbers in json.loads(told).items():
                counted[queue].merge(Total(*numbers))
    return counted


@contextlib.contextmanager
def _child(queue_directory: str, share: int, shares: int) -> Iterator[t.IO[bytes]]:
    """Count a share in a process of its own; give what it says, nothing when it fails."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            found = {queue: astuple(total) for queue, total in _share(queue_directory, share, shares).items()}
            os.write(writing, json.dumps(found).encode("ascii"))
        os._exit(0)
    os.close(writing)
    try:
        with open(reading, "rb") as told:
            yield told
    finally:
        os.waitpid(child, 0)


def _share(queue_directory: str, share: int, shares: int) -> dict[str, Total]:
    """Count the files that belong to one of several shares; the hash of a name is the same in all processes forked."""
    counted = {}
    for queue in QUEUES:
        total = counted[queue] = Total()
        for place, name in files(os.path.join(queue_directory, queue)):
            if hash(name) % shares == share and (found := _size_and_arrival(queue, name, place)):
                total.messages += 1
                total.size += found[0]
                if total.oldest is None or found[1] < total.oldest:
                    total.oldest = found[1]
    return counted


def _size_and_arrival(queue: str, name: str, place: int) -> tuple[int, int] | None:
    """Read both from the head of a file, else take its own; None when it has vanished.

    The file's own time is of no use in general: that of a deferred message is its next attempt. (qmgr_move(3))
    """
    try:
        file = _opened(name, place)
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ELOOP):
            raise
        return None
    try:
        size, arrival = (queue != "corrupt" and parse_head(os.read(file, HEAD_BYTES))) or (None, None)
        if size is None or arrival is None:
            status = os.fstat(file)
            size, arrival = size or status.st_size, arrival or int(status.st_mtime)
        return size, arrival
    finally:
        os.close(file)


def _opened(name: str, place: int) -> int:
    """Open a file in a directory for reading, and leave its access time alone.

    The time of a deferred message lies in the future, so without O_NOATIME each look writes to the disk.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        return os.open(name, flags | os.O_NOATIME, dir_fd=place)
    except PermissionError:  # of somebody else's file, for a root without CAP_FOWNER
        return os.open(name, flags, dir_fd=place)


def corrupt(queue_directory: str) -> Iterator[Message]:
    """Yield the corrupt files, which postqueue(1) does not list; arrival is when the file was last written."""
    for place, name in files(os.path.join(queue_directory, "corrupt")):
        found = _size_and_arrival("corrupt", name, place)
        if found is not None:
            yield Message("corrupt", name, arrival=found[1], size=found[0])


def listed(module: Module) -> Iterator[Message]:
    """Yield what postqueue(1) lists, while it lists; it reads the files itself when Postfix is stopped."""
    with module.output(["postqueue", "-c", module.options["config_directory"], "-j"]) as lines:
        yield from parse_messages(lines)


def named(queue_directory: str, queues: Iterable[str]) -> Iterator[Message]:
    """Yield the messages of these queues with what file names say: no size, no time."""
    for queue in queues:
        for _place, name in files(os.path.join(queue_directory, queue)):
            yield Message(queue, name, 0, 0)


def find(queue_directory: str, ids: Iterable[str]) -> dict[str, str]:
    """Return in which queue each of *ids* is."""
    wanted = frozenset(ids)
    return {
        name: queue
        for queue in (QUEUES if wanted else ())
        for _place, name in files(os.path.join(queue_directory, queue))
        if name in wanted
    }


def origins(module: Module, messages: Iterable[Message]) -> dict[str, dict[str, str | None]]:
    """Return by queue ID where messages came from and their content filter, as their queue files say."""
    ids = [message.queue_id for message in messages if message.queue != "corrupt"]
    found: dict[str, dict[str, str]] = {}
    # postcat(1) ends at a message that has vanished; the ones before it have been printed.
    while ids:
        _status, out, _err = module.run(["postcat", "-c", module.options["config_directory"], "-eq", *ids[:100]])
        told = _attributes(out)
        found.update(told)
        ids = ids[min(len(told) + 1, 100) :] if len(told) < len(ids[:100]) else ids[100:]
    return {queue_id: _origin(attributes) for queue_id, attributes in found.items()}


def _attributes(printed: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    present: dict[str, str] = {}
    for line in printed.splitlines():
        if begin := _BEGIN.match(line):
            present = found.setdefault(begin[1], {})
        elif attribute := _ATTRIBUTE.match(line):
            present.setdefault(attribute[1], attribute[2])
    return found


def _origin(attributes: t.Mapping[str, str]) -> dict[str, str | None]:
    return {
        key: next((attributes[name] for name in names if attributes.get(name)), None) for key, names in _ORIGIN.items()
    }


def text_of(module: Module, queue_id: str) -> dict[str, object]:
    """Return header and body of one message, each 64 KiB at most; of a corrupt one what can be read."""
    queue_directory = module.postfix.effective["queue_directory"]
    queue = find(queue_directory, [queue_id]).get(queue_id)
    if queue is None:
        raise PostfixError(f"show: {queue_id} is in no queue; it may have been delivered meanwhile")
    file = [os.path.join(queue_directory, "corrupt", queue_id)] if queue == "corrupt" else ["-q", queue_id]
    texts = {}
    for name, option in (("header", "-h"), ("body", "-b")):
        argv = ["postcat", "-c", module.options["config_directory"], option, *file]
        # postcat(1) fails at the end of a corrupt file, after it has printed what it could read.
        with contextlib.suppress(PostfixError), module.output(argv) as printed:
            texts[name] = printed.read(TEXT_BYTES + 1).removeprefix(b"\n")
    return {
        "queue_id": queue_id,
        "queue": queue,
        **{name: text[:TEXT_BYTES].decode("utf-8", "replace") for name, text in texts.items()},
        "truncated": any(len(text) > TEXT_BYTES for text in texts.values()),
    }
