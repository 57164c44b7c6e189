# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command `lab`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable

from lab import images, lifecycle
from lab.engine import LabError, environment
from lab.topology import HOSTS, inventory

Action = Callable[[argparse.Namespace], None]


def show_images(_args: argparse.Namespace) -> None:
    images.build_all()


def show_up(args: argparse.Namespace) -> None:
    lab = lifecycle.up(args.name)
    print(f"lab {lab.name} is up: " + ", ".join(f"{host} {lab.address(host)}" for host in HOSTS))


def show_down(args: argparse.Namespace) -> None:
    for name in args.names or [lab.name for lab in lifecycle.find_all()]:
        lifecycle.down(name)


def show_list(_args: argparse.Namespace) -> None:
    for lab in lifecycle.find_all():
        print(lab.name, *(f"{host}={lab.address(host)}" for host in HOSTS))


def show_ssh_config(args: argparse.Namespace) -> None:
    print(lifecycle.ssh_config_path(lifecycle.existing(args.name).name).read_text(), end="")


def show_inventory(args: argparse.Namespace) -> None:
    lab = lifecycle.existing(args.name)
    print(inventory(lab, lifecycle.ssh_config_path(lab.name)), end="")


def show_dns(args: argparse.Namespace) -> None:
    lab = lifecycle.existing(args.name)
    if args.what == "clear":
        lifecycle.clear_records(lab)
    else:
        lifecycle.add_records(lab, args.record)


def replace_by_exec(args: argparse.Namespace) -> None:
    """Become podman exec: a shell, or the given command."""
    terminal = ["-t"] if sys.stdin.isatty() else []
    command = args.command or ["bash", "-l"]
    container = lifecycle.existing(args.name).container(args.host)
    os.execvpe("podman", ["podman", "exec", "-i", *terminal, container, *command], environment())


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="lab", description="Mail hosts in containers.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, action: Action, text: str, named: bool = True) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.set_defaults(action=action)
        if named:
            made.add_argument("name", help="name of the lab")
        return made

    command("deps", show_images, "install the Debian packages that the lab itself needs", named=False)
    command("images", show_images, "build the images", named=False)
    command("up", show_up, "bring a lab up")
    removal = command("down", show_down, "remove labs, all of them when no name is given", named=False)
    removal.add_argument("names", nargs="*", metavar="name")
    command("list", show_list, "list the labs and their addresses", named=False)
    command("ssh-config", show_ssh_config, "print an ssh_config(5)")
    command("inventory", show_inventory, "print an Ansible inventory")
    dns = command("dns", show_dns, "add DNS records to a lab, or clear the added ones")
    dns.add_argument("what", choices=["add", "clear"])
    dns.add_argument("record", nargs="*", help="a line of dnsmasq.conf(5): mx-host=a.test,b.test,10")
    shell = command("exec", replace_by_exec, "run a command (or a shell) on a host of a lab")
    shell.add_argument("host", choices=list(HOSTS))
    shell.add_argument("command", nargs=argparse.REMAINDER)
    return top


def main() -> int:
    args = parser().parse_args()
    try:
        args.action(args)
    except (LabError, OSError, ValueError) as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    return 0


sys.exit(main())
