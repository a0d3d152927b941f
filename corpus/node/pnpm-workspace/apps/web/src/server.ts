import { readFile } from 'node:fs/promises';
import { serve } from '@hono/node-server';
import { height } from '@harbour/tides';
import { Hono } from 'hono';

interface Harbour {
  readonly name: string;
  readonly range: number;
}

const app = new Hono();

app.get('/', (c) => c.text('GET /<harbour>?hours=6\n'));

app.get('/:harbour', async (c) => {
  // Surveyed anew from time to time, therefore no import.
  const harbours = JSON.parse(await readFile('data/harbours.json', 'utf8')) as Record<string, Harbour>;
  const harbour = harbours[c.req.param('harbour')];
  if (!harbour) return c.text('no such harbour\n', 404);
  const hours = Number(c.req.query('hours') ?? 0);
  return c.text(`${harbour.name}, +${hours} h: ${height(harbour.range, hours).toFixed(2)} m\n`);
});

serve({ fetch: app.fetch, port: 3000 });
