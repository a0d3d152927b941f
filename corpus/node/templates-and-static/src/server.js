const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const mustache = require('mustache');
const { version } = require('../package.json');

const types = { '.css': 'text/css', '.svg': 'image/svg+xml', '.txt': 'text/plain' };
const publicFolder = path.join(__dirname, '..', 'public');

// Both are read anew for each request: the kitchen edits them by hand.
const template = () => fs.readFileSync(path.resolve('views/menu.mustache'), 'utf8');
const menu = () => JSON.parse(fs.readFileSync('data/menu.json', 'utf8'));

function sendFile(name, response) {
  const file = path.join(publicFolder, path.normalize('/' + name));
  fs.readFile(file, (error, bytes) => {
    if (error) {
      response.writeHead(404).end('not found');
      return;
    }
    const type = types[path.extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type }).end(bytes);
  });
}

http
  .createServer((request, response) => {
    if (request.url !== '/') {
      sendFile(request.url, response);
      return;
    }
    const page = mustache.render(template(), { version, days: menu() });
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
  })
  .listen(4000);
