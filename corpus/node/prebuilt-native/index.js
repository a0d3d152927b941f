const http = require('node:http');
const { drawCard } = require('./routes/card');
const { weigh } = require('./routes/ink');

const routes = { '/card.png': drawCard, '/ink': weigh };

http
  .createServer(async (req, res) => {
    const url = new URL(req.url, 'http://cards');
    const route = routes[url.pathname];
    if (!route) {
      res.writeHead(404).end('try /card.png?title=Hello\n');
      return;
    }
    try {
      await route(url.searchParams.get('title') ?? '', res);
    } catch (error) {
      console.error(error);
      res.writeHead(500).end();
    }
  })
  .listen(process.env.PORT);
