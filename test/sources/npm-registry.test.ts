/** Is a registry asked for what is missing, once, with what is its own, and only for that? */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { npmSizesOf } from '../../src/sources/npm-registry.ts';

let server: Server;
let home: string;
let asked: { path: string; authorization: string | undefined }[];
let answer: (request: IncomingMessage) => { status: number; body: string };

beforeEach(async () => {
  asked = [];
  answer = () => ({ status: 200, body: '{"dist":{"unpackedSize":12345}}' });
  server = createServer((request, response) => {
    asked.push({ path: request.url!, authorization: request.headers.authorization });
    const { status, body } = answer(request);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  home = mkdtempSync(join(tmpdir(), 'npm-registry-'));
  settings('');
});

afterEach(async () => {
  rmSync(home, { recursive: true, force: true });
  await new Promise((resolve) => server.close(resolve));
});

const host = (): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;

function settings(more: string): void {
  writeFileSync(join(home, '.npmrc'), `registry = http://${host()}/npm\n${more}`);
}

const find = (...names: string[]) =>
  npmSizesOf(
    names.map((each) => {
      const at = each.lastIndexOf('@');
      return { name: each.slice(0, at), version: each.slice(at + 1) };
    }),
    { env: {}, home, version: '0', patience: { pauseMs: 1 } },
  );

it('asks for the document of a release, and never again', async () => {
  const found = await find('left@1.0.0', '@a/right@2.0.0-rc.1', 'left@1.0.0');
  expect(found).toEqual({
    sizes: new Map([
      ['left@1.0.0', 12345],
      ['@a/right@2.0.0-rc.1', 12345],
    ]),
    problems: [],
  });
  expect(asked.map(({ path }) => path).toSorted()).toEqual([
    '/npm/@a%2fright/2.0.0-rc.1',
    '/npm/left/1.0.0',
  ]);
  expect((await find('left@1.0.0')).sizes.get('left@1.0.0')).toBe(12345);
  expect(asked).toHaveLength(2);
});

it('shows a token to the registry for which it is, and to no other', async () => {
  settings(`//${host()}/npm/:_authToken=\${SECRET}own\n`);
  await find('left@1.0.0');
  expect(asked[0]!.authorization).toBe('Bearer own');
  settings(`//${host()}/other/:_authToken=own\n`);
  await find('left@1.0.1');
  expect(asked[1]!.authorization).toBeUndefined();
});

it('asks for nothing that is no name or no version', async () => {
  const found = await find('../../etc@1.0.0', 'left@../x', 'a/b/c@1.0.0', 'left@latest');
  expect(found.sizes.size).toBe(0);
  expect(asked).toEqual([]);
});

it('takes no figure that cannot be one, and stops where the registry names none', async () => {
  answer = () => ({ status: 200, body: '{"dist":{}}' });
  const names = Array.from({ length: 50 }, (_, at) => `left@1.0.${at}`);
  const { sizes, problems } = await find(...names);
  expect(sizes.size).toBe(0);
  expect(problems).toEqual([`${host()} does not say how large packages are`]);
  expect(asked.length).toBeLessThan(10);
  answer = () => ({ status: 200, body: '{"dist":{"unpackedSize":-1}}' });
  expect((await find('left@3.0.0')).sizes.size).toBe(0);
});

it('asks for no more than a limit, and says so', async () => {
  const names = Array.from({ length: 250 }, (_, at) => `left@1.0.${at}`);
  const { sizes, problems } = await find(...names);
  expect(sizes.size).toBe(200);
  expect(problems).toEqual(['only 200 of 250 packages were asked for']);
});

it('goes on behind a package that is not there', async () => {
  answer = ({ url }) =>
    url!.includes('left')
      ? { status: 404, body: '{}' }
      : { status: 200, body: '{"dist":{"unpackedSize":7}}' };
  const { sizes, problems } = await find('left@1.0.0', 'right@1.0.0');
  expect([...sizes]).toEqual([['right@1.0.0', 7]]);
  expect(problems).toEqual([`${host()} answers with status 404`]);
});

it('sends nothing where a registry would be asked without TLS', async () => {
  writeFileSync(join(home, '.npmrc'), 'registry=http://registry.example/\n');
  const { sizes, problems } = await find('left@1.0.0');
  expect(sizes.size).toBe(0);
  expect(problems).toHaveLength(1);
});
