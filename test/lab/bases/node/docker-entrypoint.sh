#!/bin/sh
# An option, or a word that is no command but a file, is meant for node.
set -e
case "$1" in
-*) exec node "$@" ;;
esac
if [ -z "$(command -v "$1")" ] || { [ -f "$1" ] && ! [ -x "$1" ]; }; then
	exec node "$@"
fi
exec "$@"
