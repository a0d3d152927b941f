const { readFileSync } = require('node:fs');
const { checksum } = require('./build/Release/adler.node');

const known = checksum(Buffer.from('Wikipedia'));
if (known !== 0x11e60398) throw new Error(`adler32 is broken: ${known.toString(16)}`);

for (const file of process.argv.slice(2)) {
  const sum = checksum(readFileSync(file));
  console.log(`${sum.toString(16).padStart(8, '0')}  ${file}`);
}
