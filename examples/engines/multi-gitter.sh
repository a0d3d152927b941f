#!/usr/bin/env bash
# One pull request in each repository of an organisation, by multi-gitter:
#   export GITHUB_TOKEN=…
#   multi-gitter run "$PWD/multi-gitter.sh" --org acme --branch dfopt --dry-run \
#     --commit-message 'Smaller images, by dfopt'
# It runs at the top of each repository and commits what has changed; without --dry-run it opens pull
# requests. `multi-gitter status`, `merge` and `close`, with the same --org and --branch, look after them.
set -euo pipefail
dfopt rewrite --write
