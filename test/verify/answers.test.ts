/** Whether two runs or answers are the same, and what is held against them. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  ask,
  describeAnswer,
  differencesOfAnswers,
  isTaken,
  seenAnswer,
  type Answer,
} from '../../src/verify/request.ts';
import { judge } from '../../src/verify/steady.ts';
import { excerptOf, firstDifference } from '../../src/verify/text.ts';

it.each([
  ['a\nb\n', 'a\nc\n', 'stdout, line 2: "b" → "c"'],
  ['a\n', 'a\nb', 'stdout, line 2: "" → "b"'],
  ['a', 'a\nb', 'stdout, line 2: nothing → "b"'],
  ['a', 'a', 'stdout differs far behind'],
])('firstDifference %#', (before, after, text) => {
  expect(firstDifference('stdout', before, after)).toBe(text);
});

it('an excerpt is the beginning, with the size of all', () => {
  const { text, bytes } = excerptOf({ text: 'x'.repeat(100_000), bytes: 100_000 });
  expect([text.length, bytes]).toEqual([16_384, 100_000]);
});

describe('judge', () => {
  const never = (): Promise<never> => Promise.reject(new Error('not to be asked for'));

  it('does not run again what is the same', async () => {
    expect(await judge(new Map(), never)).toEqual({ sameness: 'same', details: [] });
  });

  it('counts what differs though the image before does not vary', async () => {
    const found = new Map([['stdout', 'a → b']]);
    const judged = await judge(found, () => Promise.resolve(new Map()));
    expect(judged).toEqual({ sameness: 'different', details: ['a → b'] });
  });

  it('does not count what varies anyway, but the rest', async () => {
    const found = new Map([
      ['stdout', 'a → b'],
      ['stderr', 'c → d'],
    ]);
    const varies = (what: string) => () => Promise.resolve(new Map([[what, 'x → y']]));
    expect(await judge(found, varies('stdout'))).toEqual({
      sameness: 'different',
      details: ['c → d', 'stdout: differs from run to run of the same image, so not compared'],
    });
    expect(await judge(new Map([['stdout', 'a → b']]), varies('stdout'))).toMatchObject({
      sameness: 'varies',
    });
  });
});

async function answerOf(listener: RequestListener, path = '/'): Promise<Answer | undefined> {
  const server = createServer(listener);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  onTestFinished(() => {
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return ask(port, 8080, path, 5000, new AbortController().signal);
}

describe('ask', () => {
  it('sees status, body, the headers that matter and the names of cookies', async () => {
    const answer = await answerOf((request, response) => {
      response.setHeader('Content-Type', 'text/html');
      response.setHeader('Cache-Control', 'no-store');
      response.setHeader('X-Request-Id', '5');
      response.setHeader('Set-Cookie', ['b=secret; Path=/', 'a=1']);
      response.writeHead(201).end(`${request.url} ${request.headers.host}`);
    }, '/x?y=1');
    expect(answer).toMatchObject({
      status: 201,
      headers: { 'content-type': 'text/html', 'cache-control': 'no-store', 'set-cookie': 'a, b' },
      text: '/x?y=1 localhost:8080',
      bytes: 21,
    });
    expect(JSON.stringify(answer)).not.toMatch(/secret|request-id/);
    expect(seenAnswer(answer!)).toMatchObject({
      kind: 'answer',
      status: 201,
      contentType: 'text/html',
      body: { text: '/x?y=1 localhost:8080', bytes: 21 },
    });
    expect(describeAnswer(answer!)).toBe('status 201, text/html, 21 bytes');
  });

  it('does not follow a redirection', async () => {
    const answer = await answerOf((_, response) => {
      response.writeHead(302, { location: '/login' }).end();
    });
    expect(answer).toMatchObject({ status: 302, headers: { location: '/login' } });
  });

  it('is nothing where nobody answers', async () => {
    expect(await answerOf((request) => request.destroy())).toBeUndefined();
  });

  it('isTaken tells whether somebody listens', async () => {
    const server = createServer();
    await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
    const { port } = server.address() as AddressInfo;
    expect(await isTaken(port)).toBe(true);
    await new Promise((resolve) => server.close(resolve));
    expect(await isTaken(port)).toBe(false);
  });
});

it('differencesOfAnswers names what differs', () => {
  const answer: Answer = {
    kind: 'answer',
    status: 200,
    headers: { 'content-type': 'a/b', location: '/' },
    bytes: 1,
    hash: 'x',
    text: 'a',
  };
  const other: Answer = {
    ...answer,
    status: 500,
    headers: { 'content-type': 'c/d', 'content-encoding': 'gzip' },
    hash: 'y',
    text: 'b',
  };
  expect(differencesOfAnswers(answer, answer).size).toBe(0);
  expect([...differencesOfAnswers(answer, other).values()]).toEqual([
    'status: 200 → 500',
    'content-encoding: not set → gzip',
    'content-type: a/b → c/d',
    'location: / → not set',
    'body, line 1: "a" → "b"',
  ]);
  expect([...differencesOfAnswers(answer, { kind: 'none', why: 'it ended' }).values()]).toEqual([
    'after: it ended',
  ]);
});
