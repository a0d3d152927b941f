/**
 * Gives one RUN of a build this machine's CA certificates, so that it reaches registries as this
 * machine does, and leaves nothing of that in the image: the file is mounted below /dev, which is
 * memory, and the variables are this process's, not the image's.
 *
 * Runs before runc with its arguments, and edits the bundle that they name. What it gives is in
 * surroundings.json beside it.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MOUNTED = '/dev/dfopt-lab-ca.crt';

const args = process.argv.slice(2);
const bundle = args[args.indexOf('--bundle') + 1];
const path = join(bundle, 'config.json');
const config = JSON.parse(readFileSync(path, 'utf8'));
const { caBundle, npmRegistry } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'surroundings.json'), 'utf8'),
);

const variables = {};
if (caBundle) {
  config.mounts.push({
    destination: MOUNTED,
    type: 'bind',
    source: caBundle,
    options: ['bind', 'ro', 'nosuid', 'nodev', 'noexec'],
  });
  // Of Node.js alone, and added to its own: SSL_CERT_FILE would hide that an image has lost its own.
  variables.NODE_EXTRA_CA_CERTS = MOUNTED;
}
if (npmRegistry) variables.npm_config_registry = npmRegistry;
// node-gyp would download from a server that is no package registry.
const root = config.root.path.startsWith('/') ? config.root.path : join(bundle, config.root.path);
if (existsSync(join(root, 'usr/local/include/node/node.h'))) {
  variables.npm_config_nodedir = '/usr/local';
}

const env = (config.process.env ??= []);
for (const [name, value] of Object.entries(variables)) {
  if (!env.some((each) => each.startsWith(`${name}=`))) env.push(`${name}=${value}`);
}
writeFileSync(path, JSON.stringify(config));
