/** What the project's own scripts refuse. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

function run(...args: readonly string[]): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  return { status, stderr };
}

describe('new-pass', () => {
  it.each([
    [[], /usage/],
    [['one-two', 'three-four'], /usage/],
    [['sort'], /no name for a pass/],
    [['Sort-Names'], /no name for a pass/],
    [['../sort-names'], /no name for a pass/],
    [['sort_names'], /no name for a pass/],
    [['assume-yes'], /exists already/],
  ])('refuses %j', (args, message) => {
    const { status, stderr } = run('scripts/new-pass.mjs', ...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });
});

it('wild asks for a folder', () => {
  const { status, stderr } = run('scripts/wild.mjs');
  expect(status).toBe(2);
  expect(stderr).toMatch(/usage/);
});
