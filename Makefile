# SPDX-License-Identifier: GPL-3.0-or-later
# On a fresh Debian 12 or 13, as root, with nothing but make and git: every target installs what it needs.
# What the targets run, and in which order, is the table in tools/jobs.py; logs are in .cache/log/.

# Debian's own Python, with which python3-venv belongs: one from elsewhere, built without optimisation, takes a third longer.
run := /usr/bin/python3 tools/run.py

.PHONY: help deps demo test lint unit sanity galaxy molecule benchmark venv lab lab-down

help:
	@echo 'make demo       two mail hosts from the example inventory; mail in and out, a virus, spam'
	@echo 'make test       everything below, side by side'
	@echo 'make lint       ansible-lint, yamllint, ruff, mypy, documentation, changelog'
	@echo 'make unit       the unit tests'
	@echo 'make sanity     ansible-test sanity on the newest and the oldest supported ansible-core'
	@echo 'make galaxy     build the archive, install it, import it as Ansible Galaxy does'
	@echo 'make molecule   all scenarios; make molecule-NAME for one of them'
	@echo 'make benchmark  how long a converge takes, work on a queue of 50,000 messages, time and memory of the site'
	@echo 'make lab        the containers of the demo, without converging them; make lab-down removes all containers'

deps:
	@sh tools/prerequisites.sh

test lint unit sanity galaxy molecule benchmark venv: deps
	@$(run) $@

molecule-%: deps
	@$(run) $@

demo: deps
	@$(run) venv lab-images -- tests/lab/demo

lab: deps
	@$(run) venv lab-images -- tests/lab/lab up demo

lab-down:
	@tests/lab/lab down
