'use strict';

// POST /access-log remembers a visit; GET /access-log lists them, GET /stats counts them.
const polka = require('polka');
const { v4: uuid } = require('uuid');
const config = require('./config/visits.json');

const visits = [];

function json(response, status, value) {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(value));
}

polka()
  .get('/stats', (request, response) => json(response, 200, { visits: visits.length }))
  .get('/access-log', (request, response) => json(response, 200, visits.slice(-config.listed)))
  .get('/access-log/:id', (request, response) => {
    const visit = visits.find(({ id }) => id === request.params.id);
    if (visit) json(response, 200, visit);
    else json(response, 404, { error: 'no such visit' });
  })
  .post('/access-log', (request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      try {
        const { clientIp } = JSON.parse(text);
        const visit = { id: uuid(), clientIp, at: new Date().toISOString() };
        visits.push(visit);
        if (visits.length > config.remembered) visits.shift();
        json(response, 201, visit);
      } catch (error) {
        json(response, 400, { error: 'JSON with a clientIp is wanted' });
      }
    });
  })
  .listen(80, () => console.log('access log on port 80'));
