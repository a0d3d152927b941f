/** Certificates of authorities that Docker is told to trust for one registry: `certs.d/<host>/*.crt`. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { isHost } from './reference.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Larger is no certificate. */
const MOST_BYTES = 1024 * 1024;
const MOST_FILES = 100;

/** Where Docker looks: for everybody, and for whoever runs it without root. */
export function certificateFolders(home: string): readonly string[] {
  return [join(home, '.docker', 'certs.d'), '/etc/docker/certs.d'];
}

/**
 * All authorities that count for a host, in PEM; `undefined` where there are none of its own, so that
 * Node's choice stands.
 * @param host with its port, as in an image's name
 */
export function authoritiesFor(
  host: string,
  folders: readonly string[],
  env: Env,
): readonly string[] | undefined {
  // It becomes a part of a path.
  if (!isHost(host)) return undefined;
  const own = folders.flatMap((folder) => certificatesIn(join(folder, host)));
  if (own.length === 0) return undefined;
  // Named ones stand in place of Node's own, and of those that NODE_EXTRA_CA_CERTS adds to them.
  const extra = env['NODE_EXTRA_CA_CERTS'];
  return [...rootCertificates, ...(extra ? textOf(extra) : []), ...own];
}

function certificatesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.crt'))
      .toSorted()
      .slice(0, MOST_FILES)
      .flatMap((name) => textOf(join(folder, name)));
  } catch {
    // Most registries have no such folder.
    return [];
  }
}

/** What is not read is not trusted: the connection then says which certificate is unknown. */
function textOf(path: string): string[] {
  try {
    const stats = statSync(path);
    if (!stats.isFile() || stats.size > MOST_BYTES) return [];
    const text = readFileSync(path, 'utf8');
    return text.includes('-----BEGIN CERTIFICATE-----') ? [text] : [];
  } catch {
    return [];
  }
}
