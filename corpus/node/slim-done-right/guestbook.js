import { createServer } from 'node:http';
import Mustache from 'mustache';
import { all, sign } from './lib/book.js';

const page = `<h1>Guests</h1>
{{#guests}}<p>{{name}}</p>
{{/guests}}{{^guests}}<p>Nobody yet.</p>
{{/guests}}`;

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  if (pathname === '/sign' && searchParams.get('name')) sign(searchParams.get('name'));
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(Mustache.render(page, { guests: all() }));
});

// Docker sends this and waits; without an answer it would take ten seconds to stop.
process.on('SIGTERM', () => server.close());
server.listen(8000);
