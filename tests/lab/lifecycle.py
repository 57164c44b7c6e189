# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Labs come and go: network, containers, services of the peer."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Network
from pathlib import Path

from lab.engine import STATE, LabError, allow_many_hosts, locked, podman, run
from lab.images import IMAGES, build_all
from lab.topology import HOSTS, MTA_HOSTS, PEER, Host, Lab, candidate_networks, check_name, ssh_config, zones

PEER_FILES = Path(__file__).parent / "peer"
LABEL = "mailops.lab"
BOOT_SECONDS = 60
STOP_SECONDS = 120
TAGS = {image.name: image.tag for image in IMAGES}


def up(name: str) -> Lab:
    """Bring a lab up, or what is missing of it; quick when it is up already."""
    check_name(name)
    build_all()
    allow_many_hosts()
    lab = find(name) or create_network(name)
    running = set(podman("ps", "--format", "{{.Names}}", "--filter", f"label={LABEL}={name}").split())
    started = [host for host in HOSTS.values() if lab.container(host.name) not in running]
    each(lambda host: start(lab, host), started)
    each(lambda host: wait_for_boot(lab, host), started)
    if PEER in started:
        prepare_peer(lab)
    allow_login(lab)
    return lab


def down(name: str) -> None:
    """Remove a lab's containers and network; nothing to do is fine."""
    containers = podman("ps", "-aq", "--filter", f"label={LABEL}={check_name(name)}").split()
    if containers:
        podman("rm", "-f", "-v", "-t", "0", *containers)
    if find(name):
        podman("network", "rm", network_name(name))
    shutil.rmtree(directory(name), ignore_errors=True)


def find(name: str) -> Lab | None:
    """The lab of this name, None when it is not up."""
    return next((lab for lab in find_all() if lab.name == name), None)


def existing(name: str) -> Lab:
    """The lab of this name; LabError when it is not up."""
    lab = find(name)
    if lab is None:
        raise LabError(f"no lab {name!r}: lab up {name}")
    return lab


def find_all() -> list[Lab]:
    """All labs that have a network."""
    networks = json.loads(podman("network", "ls", "--filter", f"label={LABEL}", "--format", "json"))
    return [Lab(net["labels"][LABEL], IPv4Network(net["subnets"][0]["subnet"])) for net in networks]


def create_network(name: str) -> Lab:
    """Create the network; podman refuses one that is taken, also by a lab that starts at the same time."""
    for network in candidate_networks(name):
        options = ("--disable-dns", "--subnet", str(network), "--label", f"{LABEL}={name}")
        try:
            podman("network", "create", *options, network_name(name))
        except LabError as error:
            if "already used" not in str(error):
                raise
            continue
        return Lab(name, network)
    raise LabError("all networks 10.53.0.0/24 to 10.53.255.0/24 are taken")


def start(lab: Lab, host: Host) -> None:
    """Start a container: a new one, or one that was stopped."""
    container = lab.container(host.name)
    if podman("ps", "-aq", "--filter", f"name=^{container}$"):
        podman("start", container)
        return
    # The peer answers for half of the network, see prepare_peer; the mail hosts ask only the peer for names.
    special = [f"--dns={lab.address(PEER.name)}"]
    if host is PEER:
        special = ["--cap-add=NET_ADMIN", f"--volume={PEER_FILES}:/opt/lab:ro"]
    podman(
        "run", "-d", "--name", container, "--label", f"{LABEL}={lab.name}", "--systemd=always",
        "--network", network_name(lab.name), "--ip", lab.address(host.name), "--hostname", host.fqdn,
        "--no-hosts", "--dns-search=.", *special, TAGS[host.image],
    )  # fmt: skip


def restart(lab: Lab, hosts: Iterable[Host]) -> None:
    """Boot hosts again; they are still booting when this returns.

    systemd gives a unit 90 s to stop. Podman that loses patience earlier fails when the host goes down just then.
    """
    each(lambda host: podman("restart", f"--time={STOP_SECONDS}", lab.container(host.name)), hosts)


def wait_for_boot(lab: Lab, host: Host) -> None:
    """Wait until systemd has finished booting; LabError when a unit failed or the time is over."""
    container = lab.container(host.name)
    deadline = time.monotonic() + BOOT_SECONDS
    # Asked too early, systemctl finds no bus and exits at once; --wait alone waits for ever.
    script = f"timeout {BOOT_SECONDS} systemctl is-system-running --wait 2>&1 || true"
    while time.monotonic() < deadline:
        state = podman("exec", container, "sh", "-c", script).strip()
        if state == "running":
            return
        if state == "degraded":
            break
        time.sleep(0.2)
    failed = podman("exec", container, "sh", "-c", "systemctl --failed --no-pager; systemctl list-jobs --no-pager")
    raise LabError(f"{container} did not boot within {BOOT_SECONDS} s without a failure\n{failed}")


def prepare_peer(lab: Lab) -> None:
    """Give the peer its zones and its client addresses, start its services and wait for their ports."""
    write_zones(lab)
    script = f"""
        ip route replace local {lab.clients} dev lo
        systemctl -q enable --now /opt/lab/dns.service /opt/lab/sink.service /opt/lab/web.service
        for port in 24 25 53 80 587 2525 2526; do
            for try in $(seq 50); do nc -z 127.0.0.1 $port && break; sleep 0.1; done
            nc -z 127.0.0.1 $port || {{ echo "no port $port at the peer"; systemctl status dns sink web; exit 1; }}
        done"""
    podman("exec", lab.container(PEER.name), "sh", "-ec", script)


def write_zones(lab: Lab) -> None:
    """Write the lab's zones into the peer."""
    script = "mkdir -p /etc/lab && cat >/etc/lab/zones.conf"
    text = zones(lab, (PEER_FILES / "zones.conf").read_text())
    podman("exec", "-i", lab.container(PEER.name), "sh", "-c", script, stdin=text)


def add_records(lab: Lab, records: Iterable[str]) -> None:
    """Add records, each a line of dnsmasq.conf(5) such as `mx-host=a.test,b.test,10`."""
    script = "cat >>/etc/lab/added.conf && systemctl restart dns"
    podman("exec", "-i", lab.container(PEER.name), "sh", "-c", script, stdin="".join(f"{line}\n" for line in records))


def clear_records(lab: Lab) -> None:
    """Remove all records that were added."""
    podman("exec", lab.container(PEER.name), "sh", "-c", ": >/etc/lab/added.conf && systemctl restart dns")


def allow_login(lab: Lab) -> None:
    """Let the key of the state directory in as root, and write the ssh_config."""
    key = STATE / "id_ed25519"
    with locked("settings"):
        if not key.exists():
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", str(key))
    public = key.with_suffix(".pub").read_text()
    script = "umask 077; mkdir -p /root/.ssh; cat >/root/.ssh/authorized_keys"
    each(lambda host: podman("exec", "-i", lab.container(host.name), "sh", "-c", script, stdin=public), MTA_HOSTS)
    directory(lab.name).mkdir(parents=True, exist_ok=True)
    ssh_config_path(lab.name).write_text(ssh_config(lab, key))


def each(action: Callable[[Host], object], hosts: Iterable[Host]) -> None:
    """Do something for several hosts side by side; the first error is raised when all are done."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(action, hosts))


def directory(name: str) -> Path:
    """Where a lab's own files lie."""
    return STATE / "labs" / name


def ssh_config_path(name: str) -> Path:
    """Where a lab's ssh_config lies."""
    return directory(name) / "ssh_config"


def network_name(name: str) -> str:
    """podman's name of a lab's network."""
    return f"lab-{name}"
