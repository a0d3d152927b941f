#!/bin/sh
set -e

# "meter", or only options for it
if [ "$1" = 'meter' ] || [ "${1#-}" != "$1" ]; then
  [ "$1" != 'meter' ] || shift
  set -- python /opt/meter/meter.py "$@"
  envsubst < /opt/meter/meter.conf.template > meter.conf
  if [ "$(id -u)" = '0' ]; then
    chown -R meter:meter .
    set -- gosu meter "$@"
  fi
fi

exec "$@"
