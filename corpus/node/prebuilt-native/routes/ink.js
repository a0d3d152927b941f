const { card } = require('./card');

const DARK = 80;

/** Tells whether the title can be seen: fonts that are missing raise no error. */
async function weigh(title, res) {
  const image = await card(title);
  const { data, info } = await image.greyscale().raw().toBuffer({ resolveWithObject: true });
  const dark = data.filter((level) => level < DARK).length;
  const share = dark / data.length;
  const verdict = share > 0.005 ? 'legible' : 'blank';
  res.end(`${info.width}x${info.height}, ${verdict}\n`);
}

module.exports = { weigh };
