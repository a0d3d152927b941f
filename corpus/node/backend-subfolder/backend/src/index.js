import 'dotenv/config';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import sirv from 'sirv';
import { localTime, nextFerry } from './timetable.js';

const frontend = fileURLToPath(new URL('../../frontend', import.meta.url));
const files = sirv(frontend, { dev: true });

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  if (pathname === '/api/next') {
    const at = searchParams.has('at') ? new Date(searchParams.get('at')) : new Date();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ now: localTime(at), ferry: nextFerry(at) }));
    return;
  }
  files(request, response, () => response.writeHead(404).end('não encontrado\n'));
});

server.listen(process.env.PORT, () => console.log(`on ${process.env.PORT}, ${process.env.TZ}`));
