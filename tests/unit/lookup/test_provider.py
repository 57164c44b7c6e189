# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fresh, newly read, last good or refused: which networks of a source are used, and what is kept."""

from __future__ import annotations

import dataclasses
import datetime as dt
import ipaddress
import json
import pathlib
import stat
import typing as t

import pytest
from ansible_collections.mailops.mta.plugins.plugin_utils import _last_good
from ansible_collections.mailops.mta.plugins.plugin_utils._networks import (
    Limits,
    Network,
    RefusedError,
    UnavailableError,
)
from ansible_collections.mailops.mta.plugins.plugin_utils._provider import Found, Policy, Source, current, sources

SOURCE: t.Final = Source("spf", "example.com")
NOON: t.Final = dt.datetime(2026, 5, 4, 12, 0, tzinfo=dt.UTC)
NETWORKS: t.Final[tuple[Network, ...]] = (ipaddress.ip_network("203.0.113.0/24"), ipaddress.ip_network("2001:db8::/48"))
SHRUNKEN: t.Final[tuple[Network, ...]] = (ipaddress.ip_network("203.0.113.0/26"), ipaddress.ip_network("2001:db8::/48"))


@pytest.fixture
def policy(tmp_path: pathlib.Path) -> Policy:
    return Policy(str(tmp_path / "deep/cache"), dt.timedelta(days=1), Limits(12, 32, 50), accept_change=False)


def publishing(*networks: Network, notes: tuple[str, ...] = ()) -> t.Callable[[Source], Found]:
    return lambda _source: (networks, notes)


def silent(_source: Source) -> Found:
    raise UnavailableError("DNS TXT example.com: timed out")


def known(policy: Policy, now: dt.datetime = NOON) -> tuple[Network, ...]:
    """Return the networks that are used while nobody answers."""
    return current(SOURCE, silent, policy, now).networks


@pytest.mark.parametrize(
    ("provider", "names"),
    [
        ("office365", ["endpoints:https://list.example/", "spf:spf.protection.outlook.com"]),
        ("office365_endpoints", ["endpoints:https://list.example/"]),
        ("office365_spf", ["spf:spf.protection.outlook.com"]),
        ("google", ["spf:_spf.google.com"]),
        ("Example.COM.", ["spf:example.com"]),
    ],
)
def test_sources(provider: str, names: list[str]) -> None:
    assert [source.name for source in sources(provider, "https://list.example/")] == names


@pytest.mark.parametrize("provider", ["gogle", "", "Office365"])
def test_unknown_provider(provider: str) -> None:
    with pytest.raises(RefusedError, match="office365, office365_endpoints, office365_spf, google or a domain"):
        sources(provider, "https://list.example/")


def test_first_look_is_kept(policy: Policy) -> None:
    found = current(SOURCE, publishing(*NETWORKS, notes=("ptr adds nothing",)), policy, NOON)
    assert (found.networks, found.warnings) == (NETWORKS, ("ptr adds nothing",))
    file = pathlib.Path(policy.cache_directory, "spf%3Aexample.com.json")
    assert json.loads(file.read_text()) == {
        "source": "spf:example.com",
        "time": "2026-05-04T12:00:00+00:00",
        "networks": ["203.0.113.0/24", "2001:db8::/48"],
    }
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize(("hours", "asked"), [(0, False), (23.9, False), (24, True), (-1, True)])
def test_age(policy: Policy, hours: float, asked: bool) -> None:
    current(SOURCE, publishing(*NETWORKS), policy, NOON)
    found = current(SOURCE, silent, policy, NOON + dt.timedelta(hours=hours))
    assert found.networks == NETWORKS
    assert bool(found.warnings) is asked


def test_last_good_with_its_age_when_nobody_answers(policy: Policy) -> None:
    current(SOURCE, publishing(*NETWORKS), policy, NOON)
    found = current(SOURCE, silent, policy, NOON + dt.timedelta(days=2))
    assert found.networks == NETWORKS
    assert found.warnings == ("DNS TXT example.com: timed out; using the networks of 2026-05-04 12:00+00:00",)


def test_nobody_answers_and_nothing_is_known(policy: Policy) -> None:
    with pytest.raises(UnavailableError, match="timed out"):
        current(SOURCE, silent, policy, NOON)
    assert not pathlib.Path(policy.cache_directory).exists()


@pytest.mark.parametrize(
    "networks", [(), (ipaddress.ip_network("0.0.0.0/0"),), (ipaddress.ip_network("10.0.0.0/24"),), SHRUNKEN]
)
def test_refused_networks_do_not_replace_the_last_good(policy: Policy, networks: tuple[Network, ...]) -> None:
    current(SOURCE, publishing(*NETWORKS), policy, NOON)
    later = NOON + dt.timedelta(days=2)
    with pytest.raises(RefusedError):
        current(SOURCE, publishing(*networks), policy, later)
    assert known(policy, later) == NETWORKS


def test_change_accepted_once(policy: Policy) -> None:
    current(SOURCE, publishing(*NETWORKS), policy, NOON)
    always = dataclasses.replace(policy, max_age=dt.timedelta(0))
    assert (
        current(SOURCE, publishing(*SHRUNKEN), dataclasses.replace(always, accept_change=True), NOON).networks
        == SHRUNKEN
    )
    assert current(SOURCE, publishing(*SHRUNKEN), always, NOON).networks == SHRUNKEN
    with pytest.raises(RefusedError, match="IPv4 gained"):
        current(SOURCE, publishing(*NETWORKS), always, NOON)


def test_accepting_a_change_keeps_the_limits(policy: Policy) -> None:
    with pytest.raises(RefusedError, match="wider than"):
        current(SOURCE, publishing(ipaddress.ip_network("::/0")), dataclasses.replace(policy, accept_change=True), NOON)


def test_stored_networks_are_judged_by_the_limits_of_today(policy: Policy) -> None:
    current(SOURCE, publishing(*NETWORKS), policy, NOON)
    with pytest.raises(RefusedError, match=r"2001:db8::/48 is wider than /56"):
        known(dataclasses.replace(policy, limits=Limits(12, 56, 50)))


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"source": "x"}', '{"source": "x", "time": "noon", "networks": []}',
     '{"source": "x", "time": "2026-05-04T12:00:00+00:00", "networks": ["many"]}'],
)  # fmt: skip
def test_damaged_file_does_not_switch_off_the_check_of_changes(policy: Policy, text: str) -> None:
    current(SOURCE, publishing(*NETWORKS), policy, NOON)
    file = _last_good.path_of(policy.cache_directory, SOURCE.name)
    file.write_text(text)
    with pytest.raises(RefusedError, match=r"example\.com\.json is not a list of last good networks"):
        current(SOURCE, publishing(*NETWORKS), policy, NOON)


def test_directory_that_cannot_be_written(policy: Policy, tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").touch()
    blocked = dataclasses.replace(policy, cache_directory=str(tmp_path / "file"))
    with pytest.raises(RefusedError, match="file"):
        current(SOURCE, publishing(*NETWORKS), blocked, NOON)


def test_sources_never_share_a_file() -> None:
    names = [
        "spf:_spf.google.com",
        "spf:spf.google.com",
        "endpoints:https://a/b",
        "endpoints:https://a%2Fb",
        "spf:../x",
    ]
    paths = {_last_good.path_of("/cache", name) for name in names}
    assert len(paths) == len(names)
    assert {path.parent for path in paths} == {pathlib.Path("/cache")}
