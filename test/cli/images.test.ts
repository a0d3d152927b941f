/** `dfopt images`: what it prints for people and programs, and what it refuses. */
import { describe, expect, it } from 'vitest';
import { dfopt, folderWith } from './support.ts';

const cwd = process.cwd();

describe('dfopt images', () => {
  it('says what is known of an image', async () => {
    const { status, stdout, stderr } = await dfopt(['images', 'python:3.12-bookworm'], { cwd });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^python:3\.12-bookworm\n/);
    expect(stdout).toMatch(/system +debian 12 \(bookworm\)/);
    expect(stdout).toMatch(/libc +glibc 2\.36/);
    expect(stdout).toMatch(/size +[\d.]+ MB \([\d.]+ MB to [\d.]+ MB; \w+, 20\d\d-\d\d\)/);
    expect(stdout).toMatch(/ends +Python 3\.12: 2028-10-31/);
    expect(stdout).toMatch(/python:3\.12-slim-bookworm/);
    expect(stdout).toMatch(/CMD +\["python3"\]/);
    expect(stdout).toContain('endoflife.date');
  });

  it('says the same to programs', async () => {
    const args = ['images', 'node:20', '--format', 'json'];
    const { status, stdout } = await dfopt(args, { cwd });
    expect(status).toBe(0);
    const image = JSON.parse(stdout) as Record<string, unknown>;
    expect(image).toMatchObject({
      name: 'node',
      tag: '20',
      sameAs: 'node:20-bookworm',
      runtimes: { node: '20' },
      commands: { git: 'yes', sh: 'yes' },
      configuration: { cmd: ['node'] },
      users: [{ name: 'node', uid: 1000 }],
    });
    expect((image['siblings'] as { tag: string }[]).map(({ tag }) => tag)).toEqual([
      '20-slim',
      '20-alpine',
    ]);
    expect(image['packages']).toContain('git');
  });

  it('says that it knows nothing', async () => {
    const { status, stdout, stderr } = await dfopt(['images', 'acme/\u001b[31mbase'], { cwd });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toBe(
      'dfopt: nothing is known of the image "acme/\\u001b[31mbase"\ndfopt images --help shows how it is used\n',
    );
  });

  it('needs an image', async () => {
    const { status, stderr } = await dfopt(['images'], { cwd });
    expect(status).toBe(2);
    expect(stderr).toContain('an argument is missing');
  });
});

describe('--images', () => {
  const rows = { images: [{ name: 'acme/node', like: 'node:20-slim', note: 'Ours \u001b[2J.' }] };

  it('adds rows of one’s own', async () => {
    const folder = folderWith({ 'images.json': JSON.stringify(rows) });
    const args = ['images', 'acme/node:7', '--images', 'images.json'];
    const { status, stdout } = await dfopt(args, { cwd: folder });
    expect(status).toBe(0);
    expect(stdout).toMatch(/runtimes +node 20/);
    expect(stdout).toContain('Ours \\u001b[2J.');
    expect((await dfopt(['images', 'acme/node:7'], { cwd: folder })).status).toBe(2);
  });

  it('says what is wrong with a file', async () => {
    const folder = folderWith({
      'shape.json': '{"images":[{"name":"a"}]}',
      'text.json': 'images: none',
    });
    const say = async (file: string) =>
      (await dfopt(['images', 'node', '--images', file], { cwd: folder })).stderr.split('\n')[0];
    expect(await say('shape.json')).toMatch(/^dfopt: shape\.json: images\.0\.like: /);
    expect(await say('text.json')).toMatch(/^dfopt: text\.json is no JSON: /);
    expect(await say('none.json')).toMatch(/^dfopt: none\.json cannot be read: /);
  });

  it('is an option of rewrite, too', async () => {
    const folder = folderWith({
      'images.json': '[]',
      Dockerfile: 'FROM acme/node\n',
    });
    const { status, stderr } = await dfopt(['rewrite', '--images', 'images.json'], { cwd: folder });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^dfopt: images\.json: /);
  });
});
