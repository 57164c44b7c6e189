#!/bin/sh
# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# usage: venv.sh NAME REQUIREMENTS  -> .cache/NAME, a virtual environment with exactly these requirements.
# Made anew only when a requirements file or the Python below it changes; an environment that is up to date needs no network.
set -eu

venv=.cache/$1
requirements=$2
: "${PYTHON:=python3}"
key=$({ "$PYTHON" --version; cat "$requirements" tests/requirements/constraints.txt; } | sha256sum)
[ "$(cat "$venv/requirements.sha256" 2>/dev/null)" != "$key" ] || exit 0

rm -rf "$venv"
"$PYTHON" -m venv "$venv"
"$venv/bin/python" -m pip install --disable-pip-version-check --quiet --requirement "$requirements"
echo "$key" >"$venv/requirements.sha256"
