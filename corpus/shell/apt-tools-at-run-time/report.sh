#!/bin/bash
# Fetches a list of repositories and prints a table, the most starred first.
set -euo pipefail

: "${SOURCE:?an address, please}"
limit=${1:-3}

json=$(curl --fail --silent --show-error "$SOURCE")
total=$(jq 'map(.stars) | add' <<<"$json")

jq --raw-output --argjson limit "$limit" '
  sort_by(-.stars) | .[:$limit][] | [.stars, .name] | @tsv
' <<<"$json" | while IFS=$'\t' read -r stars name; do
  printf '%6d  %s\n' "$stars" "$name"
done
printf '%6d  in all\n' "$total"
