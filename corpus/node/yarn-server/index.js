const http = require('node:http');
const dayjs = require('dayjs');
const relativeTime = require('dayjs/plugin/relativeTime');

dayjs.extend(relativeTime);

function answer(text) {
  const day = dayjs(text);
  if (!day.isValid()) return { status: 400, body: 'Not a date.' };
  return { status: 200, body: `${day.format('D MMMM YYYY')} is ${day.fromNow()}.` };
}

const server = http.createServer((req, res) => {
  const url = new URL(req.url, 'http://localhost');
  if (url.pathname === '/') {
    res.end('Ask /until?date=2030-01-01\n');
  } else if (url.pathname === '/until') {
    const { status, body } = answer(url.searchParams.get('date') ?? '');
    res.writeHead(status, { 'content-type': 'text/plain' });
    res.end(body + '\n');
  } else {
    res.writeHead(404);
    res.end();
  }
});

server.listen(process.env.PORT, () => console.log(`http://localhost:${process.env.PORT}`));
