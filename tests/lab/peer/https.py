# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serves the files of the working directory by HTTPS, with the certificate of the lab's authority."""

from __future__ import annotations

import http.server
import ssl

TLS = "/var/lib/lab-tls/"

context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(TLS + "certified.pem", TLS + "certified.key")
with http.server.ThreadingHTTPServer(("0.0.0.0", 443), http.server.SimpleHTTPRequestHandler) as server:
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()
