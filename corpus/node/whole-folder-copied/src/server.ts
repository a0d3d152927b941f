import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import mustache from 'mustache';
import { dishes } from './dishes.js';

// Both are looked for where the server is started.
const page = readFileSync('views/menu.html', 'utf8');
const style = readFileSync('public/style.css');

createServer((request, response) => {
  if (request.url === '/style.css') {
    response.writeHead(200, { 'content-type': 'text/css' }).end(style);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/html' }).end(mustache.render(page, { dishes }));
}).listen(8080);
