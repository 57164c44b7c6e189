# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wrong value of a variable: one message that names it and what is accepted; nothing changes, in check mode too.

The variables of the scanner and its definitions: molecule/definitions.
"""

from __future__ import annotations

import typing as t

import pytest
import yaml
from lab import files, mail, refused
from lab.engine import REPOSITORY
from lab.topology import MTA_HOSTS, Lab

SPECIFICATION = REPOSITORY / "roles" / "antivirus_antispam" / "meta" / "argument_specs.yml"
DEFINITIONS = REPOSITORY / "molecule" / "definitions" / "tests" / "test_refused_values.py"
PERHAPS = ["perhaps", "bool"]
SWITCH = ['"perhaps" is not accepted', "true or false"]
KEY = {"domain": "example.test", "selector": "mx"}
# Variable (without the prefix), its value, and words that the message has to hold besides the variable.
WRONG: list[tuple[str, t.Any, list[str]]] = [
    ("enabled", "perhaps", PERHAPS),
    ("max_threads", 201, ['"201"', "1 to 200"]),
    ("reinjection_size_limit", "5M", ['"5M"', "mta_base_message_size_limit", "0 for no limit"]),
    ("reinjection_size_limit", "much", ["much", "20M"]),
    ("local_domains", ["exa mple.com"], ["exa mple.com", "write example.com"]),
    ("administrator", "postmaster", ['"postmaster"', "postmaster@example.com"]),
    ("notice_sender", "a <b@example.com>", ["a <b@example.com>", "postmaster@example.com"]),
    ("mynetworks_skip", ["ham"], ["ham", "spam, virus, banned"]),
    ("check_outbound", "perhaps", SWITCH),
    ("blocked_extensions", ["*.exe"], ["*.exe", "letters"]),
    ("block_common_extensions", "perhaps", SWITCH),
    ("block_detected_types", "perhaps", PERHAPS),
    ("banned_notify_administrator", "perhaps", PERHAPS),
    ("banned_notify_recipient", "perhaps", PERHAPS),
    ("quarantine", ["ham"], ["ham", "banned, spam, virus"]),
    ("quarantine_retention", "a month", ["a month", "12h, 30d or 8w"]),
    ("spam_check", "perhaps", PERHAPS),
    ("spam_tag_level", "some", ['"some"', "low, medium, high", "33%"]),
    ("spam_tag_level", 16, ["16.0 is more than antivirus_antispam_spam_kill_level, 15.0"]),
    ("spam_kill_level", "-5%", ['"-5%"', "low, medium, high", "6.6"]),
    ("spam_levels", "own", ["own", "documented, carbonio_ui"]),
    ("spam_destiny", "bounce", ["bounce", "discard, deliver"]),
    ("spam_subject_prefix", "SPAM\nX-Spam: no", ['"SPAM X-Spam: no"', "one line of text"]),
    ("spam_headers", "few", ["few", "all, spam, none"]),
    ("spam_network_tests", "perhaps", PERHAPS),
    ("spam_rules", [{"name": "WON", "boddy": "/x/"}], ["boddy", "write {name: NAME, body: /PATTERN/"]),
    ("spam_rules", [{"name": "WON", "body": "/(won/", "score": 1}], ["spamassassin", "(won"]),
    ("spam_scores", {"MISSING_DATE": "much"}, ["much", "MISSING_DATE", "write a number"]),
    ("trusted_networks", ["192.0.2.300"], ["192.0.2.300", "an address, a network"]),
    ("use_bayes", "perhaps", PERHAPS),
    ("bayes_auto_learn", "perhaps", PERHAPS),
    ("rule_updates", "perhaps", PERHAPS),
    ("spamassassin_parameters", {"Required Score": 5}, ["Required Score", "a setting of SpamAssassin"]),
    ("spamassassin_parameters", {"no_such_setting": 5}, ["spamassassin", "no_such_setting"]),
    ("dkim_verify", "perhaps", SWITCH),
    ("dkim_keys", [{"domain": "exa mple.com", "selector": "mx"}], ["exa mple.com", "letters, digits"]),
    ("dkim_keys", [{**KEY, "bits": 512}], ["512", "1024, 2048"]),
    ("dkim_keys", [KEY, KEY], ["mx._domainkey.example.test", "twice"]),
    ("dkim_forged_score", -1, ['"-1', "0 or more"]),
    ("dkim_forged_domains", ["example.test|x"], ["example.test|x", "write example.com"]),
    ("dkim_records_directory", "/no/such/directory", ["/no/such/directory", "no directory on the controller"]),
    ("log_level", 6, ["6", "0, 1, 2, 3, 4, 5"]),
    ("spamassassin_log", "some", ["some", "info, all"]),
    ("amavis_settings", {"log_level": 2}, ['"log_level" is not a variable of Amavis', "$log_level"]),
    ("amavis_settings", {"$no_such_variable": 2}, ["amavis", "$no_such_variable"]),
    ("virus_notify_administrator", "perhaps", PERHAPS),
    ("virus_notify_recipient", "perhaps", PERHAPS),
]
# What is said of a group's or a server's values is said by the name of the variable for all servers.
LAYERS = ("_group", "_host")
CASES = refused.of_role(
    "antivirus_antispam",
    WRONG,
    antivirus_antispam_enabled=True,
    antivirus_antispam_official_definitions=False,
    antivirus_antispam_signature_files={"lab.ndb": "Lab.Word:0:*:76697275736f667468656c6162\n"},
)
READ = "/etc/amavis/conf.d/* /etc/spamassassin/*.cf /etc/clamav/* /etc/systemd/system/mailops* /var/lib/clamav/*db"
STATE = f"sha256sum {READ}; ls -R /etc/amavis; dpkg -l | sha256sum"


def state(lab: Lab) -> list[object]:
    """The files of Postfix and of the filter, and the packages."""
    hosts = [host.name for host in MTA_HOSTS]
    return [(files.configuration(lab, host), mail.output(lab, host, "sh", "-c", STATE)) for host in hosts]


@pytest.fixture(scope="module")
def attempts(lab: Lab) -> refused.Attempts:
    return refused.attempt(lab, CASES, role="What a Postfix server finds in messages", state=state)


@pytest.mark.parametrize(("case", "mode"), refused.tries(CASES), ids=refused.name)
def test_wrong_value_is_refused(attempts: refused.Attempts, case: tuple[str, str], mode: str) -> None:
    attempts.message(case, mode)


def test_nothing_changed(attempts: refused.Attempts) -> None:
    attempts.require_unchanged()


def test_every_variable_has_a_wrong_value() -> None:
    options = yaml.safe_load(SPECIFICATION.read_text())["argument_specs"]["main"]["options"]
    tried = {name for name, _value, _told in WRONG}
    elsewhere = DEFINITIONS.read_text()
    names = [name.removeprefix("antivirus_antispam_") for name in options if not name.endswith(LAYERS)]
    assert [name for name in names if name not in tried and f'("{name}"' not in elsewhere] == []
