#!/bin/sh
# unpack <folder> <package>…: the files of packages in /packages, and a note of each.
set -eu
into=$1
shift
mkdir -p "$into/var/lib/dpkg/status.d"
for package in "$@"; do
	dpkg-deb --extract /packages/"$package"_*.deb "$into"
	dpkg-deb --field /packages/"$package"_*.deb > "$into/var/lib/dpkg/status.d/$package"
done
