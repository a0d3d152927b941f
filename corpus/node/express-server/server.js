import { spawn } from 'node:child_process';
import express from 'express';

const app = express();
const port = process.env.PORT ?? 3000;

app.get('/', (request, response) => {
  response.type('text').send('POST an image to /thumbnail\n');
});

app.post('/thumbnail', (request, response) => {
  const convert = spawn('convert', ['-', '-thumbnail', '200x200', 'png:-']);
  convert.on('error', () => response.status(500).end());
  request.pipe(convert.stdin);
  convert.stdout.pipe(response.type('png'));
});

app.listen(port, () => console.log(`listening on ${port}`));
