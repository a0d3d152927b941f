#!/bin/sh
# /etc/nginx/templates/*.template become /etc/nginx/conf.d/*, with the variables of the environment.
set -e
templates=${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}
suffix=${NGINX_ENVSUBST_TEMPLATE_SUFFIX:-.template}
output=${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}
[ -d "$templates" ] || exit 0
# Only those that are set: nginx has variables of its own.
names=$(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/${\1}/p' | tr '\n' ' ')
find "$templates" -follow -type f -name "*$suffix" | while read -r template; do
	file=$output/${template#"$templates/"}
	file=${file%"$suffix"}
	mkdir -p "$(dirname "$file")"
	envsubst "$names" < "$template" > "$file"
done
