import { createServer, type IncomingMessage } from 'node:http';
import { addLink, countLinks, follow } from './links.js';

const port = Number(process.env.PORT ?? 3000);

async function readBody(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body.trim();
}

createServer(async (request, response) => {
  const path = request.url ?? '/';
  if (request.method === 'POST') {
    try {
      const link = addLink(await readBody(request));
      response.writeHead(201).end(`/${link.id}\n`);
    } catch {
      response.writeHead(400).end('not an address\n');
    }
    return;
  }
  if (path === '/') {
    response.end(`${countLinks()} links, POST an address to add one\n`);
    return;
  }
  const link = follow(path.slice(1));
  if (link) response.writeHead(302, { location: link.target }).end();
  else response.writeHead(404).end('no such link\n');
}).listen(port, () => console.log(`listening on ${port}`));
