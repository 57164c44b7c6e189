#!/bin/sh
# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Checks the archive as Ansible Galaxy does after an upload; stricter, for the importer's status ignores what it complains of.
set -eu

cd .cache/build/archive
PATH=$PWD/../../venv-importer/bin:$PATH python3 -m galaxy_importer.main mailops-mta-*.tar.gz 2>&1 | tee importer.log
grep -q 'Importer processing completed successfully' importer.log
! grep -E '^(ERROR|WARNING)' importer.log
