const { createServer } = require('node:http');
const { check } = require('./check');

createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  const errors = check(pathname.slice(1), Object.fromEntries(searchParams));
  response.writeHead(errors.length === 0 ? 200 : 422, { 'content-type': 'text/plain' });
  response.end(errors.length === 0 ? 'accepted\n' : errors.join('\n') + '\n');
}).listen(7000);
