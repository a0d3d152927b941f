import { createServer } from 'node:http';
import sirv from 'sirv';

const files = sirv('dist', { single: true, etag: true });

createServer((request, response) =>
  files(request, response, () => response.writeHead(404).end('not found\n')),
).listen(8080);
