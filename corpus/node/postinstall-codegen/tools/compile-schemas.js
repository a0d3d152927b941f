// Runs after each install: every file of schema/ becomes a function in node_modules/.schemas.
const { mkdirSync, readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { basename, join } = require('node:path');
const Ajv = require('ajv');
const standalone = require('ajv/dist/standalone').default;

const root = join(__dirname, '..');
const out = join(root, 'node_modules', '.schemas');
const ajv = new Ajv({ code: { source: true }, coerceTypes: true });

mkdirSync(out, { recursive: true });
for (const file of readdirSync(join(root, 'schema'))) {
  const schema = JSON.parse(readFileSync(join(root, 'schema', file), 'utf8'));
  writeFileSync(join(out, basename(file, '.json') + '.js'), standalone(ajv, ajv.compile(schema)));
}
console.log('compiled into', out);
