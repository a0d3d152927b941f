import { createServer } from 'node:http';
import { userInfo } from 'node:os';
import sirv from 'sirv';

const pages = sirv('public', { extensions: ['html'] });

createServer((request, response) => {
  pages(request, response, () => {
    response.writeHead(404, { 'content-type': 'text/plain' });
    response.end('blank page\n');
  });
}).listen(8080, () => console.log(`read by ${userInfo().username}`));
