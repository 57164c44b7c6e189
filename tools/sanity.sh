#!/bin/sh
# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# usage: sanity.sh CORE VENV  -> `ansible-test sanity` of that ansible-core on a copy of the collection.
# ansible-test gets a home of its own under .cache: its virtual environments and downloads stay there, and two versions
# can run at once. It drops all PIP_* variables, so pip's configuration of the user is linked into that home.
set -eu

root=$PWD
home=$root/.cache/ansible-test/$1
work=$root/.cache/build/core-$1

mkdir -p "$home/.ansible/test/cache" "$home/.config"
cp tools/get_pip.py "$home/.ansible/test/cache/get_pip_24_2.py"
[ ! -d "$HOME/.config/pip" ] || ln -sfn "$HOME/.config/pip" "$home/.config/pip"
[ ! -d "$HOME/.pip" ] || ln -sfn "$HOME/.pip" "$home/.pip"

python3 tools/copy_collection.py "$work"
cd "$work/ansible_collections/mailops/mta"
# ansible-test looks upwards for a repository and would find ours, which ignores everything under .cache.
git init --quiet
# Only this environment and the system: a pyenv shim for a version that is not selected ends ansible-test with 127.
export HOME="$home" PATH="$root/.cache/$2/bin:/usr/sbin:/usr/bin:/sbin:/bin"
status=0
ansible-test sanity --local --python default --color no --lint >"$work/complaints" || status=$?
cat "$work/complaints" # last, below the talk of the installations
exit "$status"
