#!/bin/sh
# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Installs the Debian packages that everything else starts from, or those that it is given; only the missing ones, so the
# second run costs a look.
# (The packages of the lab are the business of `tests/lab/lab deps`.)
set -eu

[ $# -gt 0 ] || set -- git python3 python3-venv shellcheck
missing=
for package; do
    dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ]; then
    echo "Please install these Debian packages first:$missing" >&2
    exit 1
fi
echo "Installing Debian packages:$missing"
apt_get() {
    DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" </dev/null
}
apt_get update
# shellcheck disable=SC2086  # a list of words on purpose
apt_get install -y --no-install-recommends $missing >/dev/null
