const { existsSync } = require('node:fs');
const { join } = require('node:path');

/** What is wrong with something that is to be sent; nothing where all is well. */
function check(kind, thing) {
  const file = join(__dirname, 'node_modules', '.schemas', kind + '.js');
  if (!/^\w+$/.test(kind) || !existsSync(file)) return [`we do not send a ${kind}`];
  const validate = require(file);
  if (validate(thing)) return [];
  return validate.errors.map(({ instancePath, message }) => `${instancePath || kind} ${message}`);
}

module.exports = { check };
