/** Texts that were read before: asked for once, bounded, and nobody else's. */
import { expect, it } from 'vitest';
import { blobCache } from '../../src/bot/blob-cache.ts';
import type { GitHub } from '../../src/bot/github.ts';

const OF = { owner: 'acme', name: 'shop' };

function counted(size: number): { readonly github: GitHub; readonly asked: string[] } {
  const asked: string[] = [];
  const github: Pick<GitHub, 'blob'> = {
    blob: ({ name }, sha) => {
      asked.push(`${name} ${sha}`);
      return Promise.resolve(new Uint8Array(size));
    },
  };
  return { github: github as GitHub, asked };
}

it('asks once for each text of an installation', async () => {
  const { github, asked } = counted(10);
  const cache = blobCache();
  for (const installation of [1, 1, 2]) await cache.before(github, installation).blob(OF, 'a');
  await cache.before(github, 1).blob({ ...OF, name: 'other' }, 'a');
  expect(asked).toEqual(['shop a', 'shop a', 'other a']);
});

it('keeps no more than so many bytes, and what was asked for last', async () => {
  const { github, asked } = counted(10);
  const cache = blobCache(30);
  const client = cache.before(github, 1);
  for (const sha of ['a', 'b', 'c', 'a', 'd', 'a', 'b']) await client.blob(OF, sha);
  expect(asked.map((each) => each.slice(5))).toEqual(['a', 'b', 'c', 'd', 'b']);
  for (let count = 0; count < 100; count++) await client.blob(OF, `${count}`);
  expect(cache.bytes()).toBe(30);
});

it('keeps nothing that is too large', async () => {
  const { github, asked } = counted(2_000_000);
  const client = blobCache().before(github, 1);
  for (const sha of ['a', 'a']) await client.blob(OF, sha);
  expect(asked).toHaveLength(2);
});

it('keeps no failure', async () => {
  let count = 0;
  const blob = (): Promise<Uint8Array> =>
    count++ === 0 ? Promise.reject(new Error('not now')) : Promise.resolve(new Uint8Array(1));
  const client = blobCache().before({ blob } as Partial<GitHub> as GitHub, 1);
  await expect(client.blob(OF, 'a')).rejects.toThrow('not now');
  expect(await client.blob(OF, 'a')).toHaveLength(1);
});
