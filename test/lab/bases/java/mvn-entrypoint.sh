#!/bin/sh
# Fills an empty Maven folder from the image's reference files, then becomes the command.
set -eu

reference=/usr/share/maven/ref
if mkdir -p "$MAVEN_CONFIG/repository" 2>/dev/null && [ -w "$MAVEN_CONFIG" ]; then
  (cd "$reference" && find . -type f) | while read -r file; do
    if [ ! -e "$MAVEN_CONFIG/$file" ] || [ -e "$reference/$file.override" ]; then
      mkdir -p "$(dirname "$MAVEN_CONFIG/$file")"
      cp "$reference/$file" "$MAVEN_CONFIG/$file"
    fi
  done
  touch "$MAVEN_CONFIG/copy_reference_file.log"
else
  echo "Cannot write to $MAVEN_CONFIG; going on without its reference files."
fi

unset MAVEN_CONFIG reference
exec "$@"
