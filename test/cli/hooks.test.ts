/** Do the hooks of .pre-commit-hooks.yaml do what they say, on files as pre-commit names them? */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { dfopt, DIRTY, folderWith } from './support.ts';

interface Hook {
  readonly id: string;
  readonly entry: string;
  readonly language: string;
  readonly types: readonly string[];
}

const ROOT = join(import.meta.dirname, '../..');
const hooks = parse(readFileSync(join(ROOT, '.pre-commit-hooks.yaml'), 'utf8')) as Hook[];

async function runHook(id: string): Promise<{ status: number; text: string }> {
  const hook = hooks.find((each) => each.id === id)!;
  expect(hook).toMatchObject({ language: 'node', types: ['dockerfile'] });
  const [program, ...args] = hook.entry.split(' ');
  expect(program).toBe('dfopt');
  const cwd = folderWith({ 'app/Dockerfile': DIRTY });
  const { status } = await dfopt([...args, 'app/Dockerfile'], { cwd });
  return { status, text: readFileSync(join(cwd, 'app/Dockerfile'), 'utf8') };
}

it('one fails and leaves the file, the other changes it', async () => {
  expect(hooks.map(({ id }) => id)).toEqual(['dfopt', 'dfopt-write']);
  expect(await runHook('dfopt')).toEqual({ status: 1, text: DIRTY });
  const { status, text } = await runHook('dfopt-write');
  expect(status).toBe(0);
  expect(text).not.toBe(DIRTY);
});
