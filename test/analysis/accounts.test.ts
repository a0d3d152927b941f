import { describe, expect, it } from 'vitest';
import { accountOf, ROOT, type Who } from '../../src/analysis/accounts.ts';
import { stateBefore } from '../../src/analysis/state.ts';
import { parse } from '../../src/dockerfile/parse.ts';
import { loadFacts } from '../../src/facts/load.ts';

const facts = loadFacts();

/** Who runs the last instruction of the text. */
function who(...lines: readonly string[]): Who {
  const file = parse(`${lines.join('\n')}\nRUN true\n`);
  const stage = file.stages.at(-1)!;
  const state = stateBefore(file, stage, stage.instructions.at(-1)!, facts);
  return accountOf(file, stage, state, facts);
}

describe('root', () => {
  it.each([[], ['USER root'], ['USER 0:0'], ['USER node', 'USER root:root']])('%j', (...lines) => {
    expect(who('FROM node:22', ...lines)).toBe(ROOT);
  });
});

describe('an account of the image', () => {
  it('is known by its name and by its number', () => {
    const node = { uid: 1000, gid: 1000, home: '/home/node', folders: ['/home/node'] };
    expect(who('FROM node:22-alpine', 'USER node')).toMatchObject(node);
    expect(who('FROM node:22', 'USER 1000:1000')).toMatchObject(node);
    expect(who('FROM node:22 AS base', 'USER node', 'FROM base')).toMatchObject(node);
  });

  it('is another one once a RUN has changed it', () => {
    const changed = who('FROM node:22', 'RUN usermod -u 2000 node', 'USER node');
    expect(changed).toMatchObject({ isOfBase: false, refused: expect.stringContaining('"node"') });
  });
});

describe('an account that a RUN makes', () => {
  it.each([
    ['useradd -m -u 1001 app', 1001, undefined, '/home/app'],
    ['groupadd -g 7 app && useradd -rm -d /srv/app -g 7 -u 1001 app', 1001, 7, '/srv/app'],
    ['useradd --uid=1001 --create-home --shell /bin/bash app', 1001, undefined, '/home/app'],
    ['adduser -D -u 1001 app', 1001, undefined, '/home/app'],
    ['adduser -D -h /app -g "the app" -u 1001 app', 1001, undefined, '/app'],
    ['adduser --disabled-password --gecos "" --uid 1001 app', 1001, undefined, '/home/app'],
  ])('%s', (command, uid, gid, home) => {
    const found = who('FROM debian:12', `RUN ${command}`, 'USER app');
    expect(found).toEqual({ uid, gid, home, folders: [home] });
    expect(who('FROM debian:12', `RUN ${command}`, `USER ${uid}`)).toEqual(found);
  });

  it.each([
    ['useradd -m app', 'no number'],
    ['useradd -u 1001 app', 'no home'],
    ['useradd -m -u $ID app', 'a number that nobody knows'],
    ['adduser -D -H -u 1001 app', 'no home'],
    ['adduser --system --uid 1001 app', 'a home on some systems only'],
    ['useradd -m -u 1001 app && usermod -d /x app', 'changed afterwards'],
    ['true', 'made nowhere'],
  ])('%s: %s', (command) => {
    const found = who('FROM debian:12', `RUN ${command}`, 'USER app');
    expect(found).toMatchObject({ refused: expect.stringContaining('"app"') });
  });
});

describe('nothing is known', () => {
  it('of the base', () => {
    expect(who('FROM registry.example.com/a')).toMatchObject({ isOfBase: true });
  });

  it('of a variable that the file gives', () => {
    const given = who('FROM registry.example.com/a', 'ARG NAME', 'USER $NAME');
    expect(given).toMatchObject({ isOfBase: false });
  });
});
