const http = require('http');

const jobs = [];
let done = 0;

setInterval(() => {
  const job = jobs.shift();
  if (job) done += job.length;
}, 100);

http
  .createServer((req, res) => {
    if (req.url === '/health') {
      // A queue that no longer shrinks is not healthy.
      res.statusCode = jobs.length < 1000 ? 200 : 503;
      return res.end(JSON.stringify({ waiting: jobs.length, done }));
    }
    if (req.method === 'POST') {
      let body = '';
      req.on('data', (part) => (body += part));
      req.on('end', () => {
        jobs.push(body);
        res.statusCode = 202;
        res.end('queued\n');
      });
      return;
    }
    res.statusCode = 405;
    res.end('POST a job\n');
  })
  .listen(8000);
