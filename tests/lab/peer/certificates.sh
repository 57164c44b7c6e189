#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The peer's certificates, made once: cert.pem signs itself, certified.pem is signed by the authority ca.pem.
set -eu
cd /var/lib/lab-tls
test ! -e certified.pem || exit 0
names="DNS:*.example.net,DNS:*.example.org,DNS:*.example.test"
openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=peer.example.net -addext "subjectAltName=$names" \
    -keyout key.pem -out cert.pem
openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj "/CN=Authority of the lab" -addext keyUsage=keyCertSign,cRLSign \
    -keyout ca.key -out ca.pem
openssl req -newkey rsa:2048 -nodes -subj /CN=peer.example.net -keyout certified.key -out certified.csr
# The last two are what Python wants to see (VERIFY_X509_STRICT).
printf 'subjectAltName=%s,DNS:*.mail.example.net,DNS:mta-sts.sts.test,DNS:mta-sts.proper.test,DNS:mta-sts.lenient.test\n' "$names" >extensions
printf 'authorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n' >>extensions
openssl x509 -req -in certified.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 -extfile extensions -out certified.pem
