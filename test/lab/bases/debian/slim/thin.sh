# Deletes what dpkg would leave out, had it been told so before (see docker), and what that empties.
set -eu
for folder in doc groff info linda lintian/overrides locale man; do
	[ -d "/usr/share/$folder" ] || continue
	find "/usr/share/$folder" -type f \
		! -path '/usr/share/doc/*/copyright' \
		! -path '/usr/share/locale/locale.alias' \
		! -path '/usr/share/locale/currency/*' \
		! -path '/usr/share/locale/l10n/*' \
		-delete
	# A link can be the last thing in a folder, and a folder the last target of a link.
	while [ -n "$(find "/usr/share/$folder" -mindepth 1 \( -empty -o -xtype l \) -print -quit)" ]; do
		find "/usr/share/$folder" -depth -mindepth 1 \( -empty -o -xtype l \) -delete
	done
done
# Installations link manual pages into these: the official images have had them since Debian 11.
for section in 1 3 5 7 8; do
	mkdir -p "/usr/share/man/man$section"
done
