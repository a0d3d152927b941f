#!/usr/bin/env bash
# With USE_SYSTEM_CA_CERTS set, Java trusts what the system trusts and the certificates in
# /certificates. Then becomes the command.
set -e

JRE_CACERTS_PATH=$JAVA_HOME/lib/security/cacerts

if [ -n "${USE_SYSTEM_CA_CERTS:-}" ]; then
  if [ ! -w "$JRE_CACERTS_PATH" ]; then
    own=$(mktemp)
    cp "$JRE_CACERTS_PATH" "$own"
    JRE_CACERTS_PATH=$own
    export JAVA_TOOL_OPTIONS="${JAVA_TOOL_OPTIONS:-} -Djavax.net.ssl.trustStore=$own -Djavax.net.ssl.trustStorePassword=changeit"
  fi
  system=$(mktemp)
  trust extract --overwrite --format=java-cacerts --filter=ca-anchors --purpose=server-auth "$system"
  keytool -importkeystore -noprompt -srckeystore "$system" -srcstorepass changeit \
    -destkeystore "$JRE_CACERTS_PATH" -deststorepass changeit >/dev/null
  rm -f "$system"
  for certificate in /certificates/*.crt; do
    [ -f "$certificate" ] || continue
    keytool -importcert -noprompt -alias "$(basename "$certificate" .crt)" -file "$certificate" \
      -keystore "$JRE_CACERTS_PATH" -storepass changeit >/dev/null
    if [ "$(id -u)" = 0 ]; then cp "$certificate" /usr/local/share/ca-certificates/; fi
  done
  if [ "$(id -u)" = 0 ]; then update-ca-certificates; fi
fi

export JRE_CACERTS_PATH
exec "$@"
