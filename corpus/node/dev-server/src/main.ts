import { createServer } from 'node:http';
import kleur from 'kleur';
import { team, type Member } from '~/team';

/** Who speaks first changes from day to day, and everybody else follows in the usual order. */
function order(day: number): Member[] {
  const first = day % team.length;
  return [...team.slice(first), ...team.slice(0, first)];
}

const server = createServer((request, response) => {
  const day = Number(new URL(request.url ?? '/', 'http://localhost').searchParams.get('day') ?? 0);
  const lines = order(day).map(({ name, mood }) => `${name} is ${mood}`);
  response.end(lines.join('\n') + '\n');
});

server.listen(3000, () => console.log(kleur.cyan('standup on http://localhost:3000')));
