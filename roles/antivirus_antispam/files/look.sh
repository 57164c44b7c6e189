# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# Which packages are there and how the services of the filter are, a line each. An earlier play may have died between a
# change and the restart, so files are compared with what runs and not with what this play does.
# Arguments: the unit of the updates, the directory of the keys, the packages.
update=$1 keys=$2
shift 2
dpkg-query --show --showformat='package ${db:Status-Status}\n' "$@" 2>/dev/null
systemctl show --property=Id,ActiveState,UnitFileState,NeedDaemonReload amavis.service clamav-daemon.service \
  clamav-freshclam.service "$update.service" "$update.timer" spamassassin-maintenance.timer |
  awk -F= '
    function told() { print state["Id"], state["ActiveState"], state["UnitFileState"]; if (state["NeedDaemonReload"] == "yes") print "units unread" }
    { state[$1] = $2 } /^$/ { told() } END { told() }'

# Without the file of the process there is nothing to compare with.
find /etc/amavis/conf.d /etc/spamassassin "$keys" -maxdepth 1 -newer /run/amavis/amavisd.pid -exec echo amavis unread \; 2>/dev/null
# 10026 in hexadecimal, in state LISTEN
grep -q ':272A 00000000:0000 0A ' /proc/net/tcp && echo amavis answers

id -nG clamav 2>/dev/null | grep -qw amavis && echo clamav reads what amavis unpacks
process=$(systemctl show --property=MainPID --value clamav-daemon.service)
test "${process:-0}" -gt 0 || exit 0
started=$(systemctl show --timestamp=us --property=ExecMainStartTimestamp --value clamav-daemon.service)
find /etc/clamav/mailops-mta-clamd.conf /etc/systemd/system/clamav-daemon.service.d/mailops-mta.conf -newermt "$started" \
  -exec echo clamd unread \; 2>/dev/null
for group in $(id -G clamav); do
  grep -Eq "^Groups:.*[[:space:]]$group([[:space:]]|$)" "/proc/$process/status" || echo clamd unread
done
exit 0
