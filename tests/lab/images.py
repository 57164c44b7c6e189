# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The images, made of Debian packages only: no registry is asked."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from lab.engine import STATE, LabError, locked, podman, run

BASE = "ca-certificates dbus iproute2 openssh-server procps python3 python3-apt systemd systemd-sysv"
# Installing these is part of what is tested, so they are only downloaded.
MTA = "dovecot-core libsasl2-modules openssl postfix postfix-cdb postfix-lmdb postfix-pcre sasl2-bin ssl-cert"
FILTER = "amavisd-new curl libmail-spf-perl spamassassin clamav clamav-daemon clamav-freshclam clamdscan gpg gpg-agent"
DECODERS = "arj bzip2 cabextract cpio lhasa lzop p7zip-full unzip zip"
PEER = "dnsmasq-base netcat-openbsd openssl python3-aiosmtpd python3-dnspython swaks"

# Background jobs would hold apt's lock while a test installs something.
TIMERS = "apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer"
HOSTS_FILE = r"127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n"


@dataclass(frozen=True, slots=True)
class Image:
    """A Debian suite with packages installed and packages only downloaded, both separated by blanks."""

    name: str
    suite: str
    installed: str
    downloaded: str = ""

    @property
    def tag(self) -> str:
        """Name of the image in podman's store."""
        return f"localhost/mailops-lab:{self.name}"

    @property
    def options(self) -> list[str]:
        """The mmdebstrap options that decide what is in the image."""
        excluded = (f"--dpkgopt=path-exclude=/usr/share/{part}/*" for part in ("man", "doc", "locale"))
        hooks = [
            f"printf '{HOSTS_FILE}' >\"$1/etc/hosts\"",
            # Typing apt-get install by hand shall ask nothing, like Ansible.
            'echo "debconf debconf/frontend select Noninteractive" | chroot "$1" debconf-set-selections',
            f'chroot "$1" systemctl -q mask {TIMERS}',
        ]
        if self.downloaded:
            archives = "var/cache/apt/archives"
            hooks += [
                f'rm -f "$1"/{archives}/*.deb',
                f'chroot "$1" apt-get install -qq -y --no-install-recommends --download-only {self.downloaded}',
            ]
        return [
            "--variant=minbase",
            f"--include={BASE},{self.installed}".replace(" ", ",").rstrip(","),
            '--aptopt=Acquire::Languages "none"',
            *excluded,
            *(f"--customize-hook={hook}" for hook in hooks),
            # The package lists stay where something is left to install: apt-get works at once.
            *(["--skip=cleanup/apt"] if self.downloaded else []),
        ]

    @property
    def key(self) -> str:
        """Hash of everything that decides what is in the image."""
        return hashlib.sha256("\n".join([self.suite, *self.options]).encode()).hexdigest()[:12]


IMAGES = (
    Image("bookworm", "bookworm", "", f"{MTA} {FILTER} {DECODERS}"),
    Image("trixie", "trixie", "", f"{MTA} {FILTER} {DECODERS}"),
    Image("peer", "trixie", PEER),
)


def build_all() -> None:
    """Build the images that are missing or were made of other options, side by side."""
    if all(map(is_current, IMAGES)):
        return
    archive, security = mirrors()
    with locked("images"), ThreadPoolExecutor() as pool:
        missing = [image for image in IMAGES if not is_current(image)]
        list(pool.map(lambda image: build(image, archive, security), missing))


def is_current(image: Image) -> bool:
    """Whether podman has this very image."""
    try:
        return podman("image", "inspect", "-f", '{{index .Labels "lab.key"}}', image.tag).strip() == image.key
    except LabError:
        return False


def build(image: Image, archive: str, security: str) -> None:
    """Make the tar archive (kept in the state directory) and import it."""
    print(f"lab: building image {image.name}", flush=True)
    tar = STATE / f"{image.name}-{image.key}.tar"
    if not tar.exists():
        part = STATE / f".{tar.name}"
        places = ((archive, ""), (archive, "-updates"), (security, "-security"))
        sources = [f"deb {uri} {image.suite}{suffix} main" for uri, suffix in places]
        run("mmdebstrap", "-q", *image.options, image.suite, str(part), *sources)
        for outdated in STATE.glob(f"{image.name}-*.tar"):
            outdated.unlink()
        part.rename(tar)
    changes = ('CMD ["/sbin/init"]', f"LABEL lab.key={image.key}")
    podman("import", "-q", *(word for change in changes for word in ("-c", change)), str(tar), image.tag)
    print(f"lab: built image {image.name}", flush=True)


def mirrors() -> tuple[str, str]:
    """The archive and the security archive that this host itself uses; LAB_MIRROR names another archive."""
    wanted = ("Created-By: Packages", "Component: main")
    lines = run("apt-get", "indextargets", "--format", "$(LABEL) $(REPO_URI)", *wanted).splitlines()
    known = {label: resolved(uri) for label, uri in (line.rsplit(" ", 1) for line in lines)}
    archive = os.environ.get("LAB_MIRROR") or known.get("Debian")
    if not archive:
        raise LabError("no Debian archive in this host's apt sources: run 'apt-get update' or set LAB_MIRROR")
    fallback = f"{archive.rstrip('/')}-security"
    return archive, fallback if "LAB_MIRROR" in os.environ else known.get("Debian-Security", fallback)


def resolved(uri: str) -> str:
    """A mirror's own address: Debian's cloud images name a file with addresses instead (apt-transport-mirror(1))."""
    if uri.startswith("mirror+file:"):
        uri = Path(uri.removeprefix("mirror+file:").rstrip("/")).read_text().split()[0]
    return uri.rstrip("/")
