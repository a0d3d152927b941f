import { createServer } from 'node:http';
import kleur from 'kleur';
import { format, total } from '@shop/money';

const prices = { tea: 349, bread: 280, honey: 795 };

createServer((request, response) => {
  const wanted = request.url.split('/').filter(Boolean);
  const unknown = wanted.find((name) => !(name in prices));
  if (unknown) {
    response.writeHead(404).end(`no ${unknown} here\n`);
    return;
  }
  const sum = total(wanted.map((name) => prices[name]));
  response.end(`${wanted.length} goods, ${format(sum)}\n`);
}).listen(3000, () => console.log(kleur.green('shop is open on 3000')));
