# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An upgrade of the packages asks nothing and changes nothing of ours. Runs first: all other tests use what it left.

A lab has one version of each package. The next one is made of it: with a higher number, and with other conffiles, about
which dpkg would ask if somebody had changed those that are there.
"""

from __future__ import annotations

import pytest
from lab.tasks import Answer, run_tasks, shell
from lab.topology import MTA_HOSTS, Lab

PACKAGES = "amavisd-new spamassassin clamav-base clamav-daemon clamav-freshclam"
VERIFY = f"dpkg --verify {PACKAGES} | grep /etc/; md5sum --check --quiet /var/lib/ucf/hashfile 2>&1 | grep clam"
OURS = (
    "cat /etc/amavis/conf.d/60-mailops-mta /etc/spamassassin/mailops_mta.cf /etc/clamav/mailops-mta-*"
    " /etc/apparmor.d/local/usr.*clam* /etc/systemd/system/mailops-mta-* | sha256sum; stat -c %i /var/lib/clamav/lab.*"
)
UPGRADE = f"""
mkdir -p /root/upgrade && cd /root/upgrade || exit
for package in {PACKAGES}; do
    dpkg-deb -R /var/cache/apt/archives/"$package"_*.deb "$package" || exit
    sed -i 's/^Version: .*/&.1/; s/ (= [^)]*)//g' "$package/DEBIAN/control"
    for file in $(cat "$package/DEBIAN/conffiles" 2>/dev/null); do
        test ! -f "$package$file" || echo '# of the next version' >>"$package$file"
    done
    dpkg-deb -Znone -b "$package" "$package.deb" >/dev/null || exit
done
dpkg -i ./*.deb </dev/null 2>&1
echo "status $?"
"""
LEFT = "find /etc -name '*.ucf-*' -o -name '*.dpkg-*'; rm -r /root/upgrade"
ARRIVED = "grep -c 'of the next version' /etc/amavis/conf.d/50-user"
STATE = (
    "systemctl is-active amavis clamav-daemon.service clamav-freshclam.service;"
    " timeout 60 bash -c 'until (exec 3<>/dev/tcp/127.0.0.1/10024) 2>/dev/null; do sleep 0.2; done' && echo answers"
)


@pytest.fixture(scope="module")
def answers(lab: Lab) -> dict[str, list[Answer]]:
    """What was seen before the upgrade, in it, and afterwards."""
    return run_tasks(lab, [shell(each) for each in (VERIFY, OURS, UPGRADE, LEFT, ARRIVED, STATE, VERIFY, OURS)])


@pytest.mark.parametrize("host", [host.name for host in MTA_HOSTS])
def test_an_upgrade_asks_nothing_and_changes_nothing(answers: dict[str, list[Answer]], host: str) -> None:
    verified, ours, upgraded, left, arrived, state, verified_again, ours_again = (
        each["stdout"].strip() for each in answers[host]
    )
    assert verified == ""
    assert upgraded.endswith("status 0"), upgraded
    # The head of each question.
    assert "Configuring " not in upgraded, upgraded
    assert left == ""
    assert arrived == "1"
    assert state.split() == ["active", "active", "inactive", "answers"]
    assert verified_again == ""
    assert ours_again == ours
