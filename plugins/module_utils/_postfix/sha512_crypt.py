# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE: passwords as crypt(3) stores them with SHA-512 ($6$salt$digest), which every Dovecot verifies.

Python 3.13 has no crypt module. The algorithm is that of https://www.akkadia.org/drepper/SHA-crypt.txt, with its steps.
"""

from __future__ import annotations

import re
from hashlib import sha512

ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SALT_LENGTH = 16
# What crypt(3) takes when a hash names no number.
_ROUNDS = 5000
_HASH = re.compile(r"\$6\$(?:rounds=([0-9]{4,9})\$)?([./0-9A-Za-z]{1,16})\$[./0-9A-Za-z]{86}")
# Step 22: the bytes of the digest go out in threes, (0, 21, 42), (22, 43, 1) and so on.
_ORDER = tuple(tuple((22 * group + part) % 63 for part in (0, 21, 42)) for group in range(21))


def sha512_crypt(password: str, salt: str, rounds: int = _ROUNDS) -> str:
    """Return the hash of *password*; salt: up to 16 characters of ALPHABET; rounds: 1000 to 999,999,999."""
    key, seed = password.encode(), salt.encode()
    digest = _first_digest(key, seed)
    p = _stretched(sha512(key * len(key)).digest(), len(key))  # steps 13 to 16
    s = _stretched(sha512(seed * (16 + digest[0])).digest(), len(seed))  # steps 17 to 20
    for number in range(rounds):  # step 21
        odd = number % 2
        text = (p if odd else digest) + (s if number % 3 else b"") + (p if number % 7 else b"") + (digest if odd else p)
        digest = sha512(text).digest()
    named = "" if rounds == _ROUNDS else f"rounds={rounds}$"
    return f"$6${named}{salt}${_encoded(digest)}"


def same_password(password: str, stored: str) -> bool:
    """Whether *stored* is a hash of *password* in this form."""
    match = _HASH.fullmatch(stored)
    return match is not None and sha512_crypt(password, match[2], int(match[1] or _ROUNDS)) == stored


def _first_digest(key: bytes, salt: bytes) -> bytes:
    """Steps 1 to 12."""
    other = sha512(key + salt + key).digest()
    text = key + salt + _stretched(other, len(key))
    length = len(key)
    while length:
        text += other if length & 1 else key
        length >>= 1
    return sha512(text).digest()


def _stretched(digest: bytes, length: int) -> bytes:
    return (digest * (length // len(digest) + 1))[:length]


def _encoded(digest: bytes) -> str:
    groups = (tuple(digest[index] for index in indices) for indices in _ORDER)
    return "".join(_four(first << 16 | second << 8 | third) for first, second, third in groups) + _four(digest[63])[:2]


def _four(number: int) -> str:
    return "".join(ALPHABET[number >> shift & 0x3F] for shift in (0, 6, 12, 18))
