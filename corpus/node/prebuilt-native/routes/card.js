const fs = require('node:fs/promises');
const path = require('node:path');
const sharp = require('sharp');

const escape = (text) => text.replace(/[<>&]/g, (c) => `&#${c.charCodeAt(0)};`);

async function card(title) {
  const svg = await fs.readFile(path.resolve('artwork', 'card.svg'), 'utf8');
  return sharp(Buffer.from(svg.replace('{{title}}', escape(title))));
}

async function drawCard(title, res) {
  const image = await card(title);
  const { data, info } = await image.png({ palette: true }).toBuffer({ resolveWithObject: true });
  res.writeHead(200, {
    'content-type': 'image/png',
    'x-size': `${info.width}x${info.height}`,
  });
  res.end(data);
}

module.exports = { card, drawCard };
