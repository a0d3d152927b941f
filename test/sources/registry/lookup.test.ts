/** Looking images up in a registry that behaves: by tag and digest, again, and with a login. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheFolder, diskCache } from '../../../src/sources/registry/cache.ts';
import { folderWith } from '../../cli/support.ts';
import {
  described,
  fakeRegistry,
  lookUp,
  lookUpAll,
  lookedUp,
  madeImage,
  madeIndex,
  sha256,
  shelfOf,
} from '../../support/registry.ts';

const intel = madeImage({ config: { User: 'intel' } });
const arm = madeImage({ architecture: 'arm64', config: { User: 'arm' } });
const index = madeIndex([
  { ...described(intel.manifest), platform: { os: 'linux', architecture: 'amd64' } },
  { ...described(arm.manifest), platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
]);
const shelf = shelfOf({ '1': index, plain: arm.manifest }, [intel, arm]);

describe('an image is looked up', () => {
  it('from its tag to its configuration', async () => {
    const { host, asked, headers } = await fakeRegistry(shelf);
    const image = await lookedUp(`${host}/team/app:1`);
    expect(image).toMatchObject({
      name: `${host}/team/app:1`,
      digest: index.digest,
      manifest: intel.manifest.digest,
      isOtherPlatform: false,
      configuration: { user: 'intel' },
      layers: [{ compressed: 3 }, { compressed: 10 }],
      seen: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    });
    expect(asked).toEqual([
      'HEAD /v2/team/app/manifests/1',
      `GET /v2/team/app/manifests/${index.digest}`,
      `GET /v2/team/app/manifests/${intel.manifest.digest}`,
      `GET /v2/team/app/blobs/${intel.config.digest}`,
    ]);
    expect(headers[0]).toMatchObject({ 'user-agent': 'dfopt/0.0.0' });
    expect(headers[0]!.accept).toContain('application/vnd.oci.image.index.v1+json');
    expect(headers[0]!.accept).not.toContain('distribution.manifest.v1');
    expect(headers.every((each) => !('authorization' in each))).toBe(true);
  });

  it('for the platform that is asked for', async () => {
    const { host } = await fakeRegistry(shelf);
    const platform = { os: 'linux', architecture: 'arm64' };
    expect(await lookedUp(`${host}/app:1`, { platform })).toMatchObject({
      configuration: { user: 'arm' },
    });
    const other = { os: 'linux', architecture: 'riscv64' };
    expect(await lookUp(`${host}/app:1`, { platform: other })).toMatchObject({
      why: 'there is no image for linux/riscv64, only for "linux/amd64, linux/arm64"',
      advice: 'name one that there is with --platform',
    });
  });

  it('for the only platform there is', async () => {
    const { host } = await fakeRegistry(shelf);
    expect(await lookedUp(`${host}/app:plain`)).toMatchObject({
      digest: arm.manifest.digest,
      isOtherPlatform: true,
      platform: { architecture: 'arm64' },
    });
  });

  it('on a host with an IPv6 address', async () => {
    const { host } = await fakeRegistry(shelf, undefined, '::1');
    expect(host).toMatch(/^\[::1\]:\d+$/);
    expect(await lookedUp(`${host}/app:1`)).toMatchObject({ configuration: { user: 'intel' } });
  });

  it('where HEAD is not known, or tells no digest', async () => {
    for (const status of [400, 405, 501]) {
      const { host } = await fakeRegistry(shelf, (request, response, next) => {
        if (request.method === 'HEAD') response.writeHead(status).end();
        else next();
      });
      expect(await lookedUp(`${host}/app:1`)).toMatchObject({ digest: index.digest });
    }
    const { host, asked } = await fakeRegistry(shelf, (request, response, next) => {
      if (!request.url!.endsWith('/1')) next();
      else response.writeHead(200).end(request.method === 'HEAD' ? undefined : index.bytes);
    });
    expect(await lookedUp(`${host}/app:1`)).toMatchObject({ digest: index.digest });
    expect(asked.slice(0, 2)).toEqual(['HEAD /v2/app/manifests/1', 'GET /v2/app/manifests/1']);
  });

  it('through an index of indexes, up to a point', async () => {
    const outer = madeIndex([
      { ...described(index), platform: { os: 'linux', architecture: 'amd64' } },
    ]);
    const outermost = madeIndex([
      { ...described(outer), platform: { os: 'linux', architecture: 'amd64' } },
    ]);
    const { host } = await fakeRegistry(shelfOf({ outer, outermost, index }, [intel, arm]));
    expect(await lookedUp(`${host}/app:outer`)).toMatchObject({ digest: outer.digest });
    expect(await lookUp(`${host}/app:outermost`)).toMatchObject({
      why: 'the registry has an index of indexes without end',
    });
  });

  it('once each, a few at a time, and not without end', async () => {
    let now = 0;
    let most = 0;
    const { host, asked } = await fakeRegistry(shelf, (_request, _response, next) => {
      most = Math.max(most, ++now);
      setTimeout(() => {
        now--;
        next();
      }, 2);
    });
    const names = Array.from({ length: 12 }, (_, number) => `${host}/app${number}:1`);
    const { looked } = await lookUpAll([...names, ...names]);
    expect([...looked.keys()]).toHaveLength(12);
    expect([...looked.values()].every(({ kind }) => kind === 'image')).toBe(true);
    expect(asked.filter((each) => each.startsWith('HEAD'))).toHaveLength(12);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
    const many = Array.from({ length: 205 }, (_, number) => `NoName${number}`);
    const all = await lookUpAll(many);
    expect(all.looked.get('NoName204')).toMatchObject({
      why: 'only 200 images are looked up in one run',
    });
  });
});

describe('what was looked up is kept', () => {
  it('by digest: a tag costs one HEAD, a digest nothing', async () => {
    const { host, asked } = await fakeRegistry(shelf);
    const cache = diskCache(folderWith({}));
    const first = await lookedUp(`${host}/app:1`, { cache });
    asked.length = 0;
    expect(await lookedUp(`${host}/app:1`, { cache })).toEqual(first);
    expect(asked).toEqual(['HEAD /v2/app/manifests/1']);
    asked.length = 0;
    expect(await lookedUp(`${host}/app@${index.digest}`, { cache })).toMatchObject({
      configuration: { user: 'intel' },
    });
    expect(asked).toEqual([]);
  });

  it('and a tag that has moved is seen', async () => {
    const moved = new Map(shelf);
    const { host } = await fakeRegistry(moved);
    const cache = diskCache(folderWith({}));
    expect(await lookedUp(`${host}/app:1`, { cache })).toMatchObject({ digest: index.digest });
    moved.set('1', intel.manifest);
    expect(await lookedUp(`${host}/app:1`, { cache })).toMatchObject({
      digest: intel.manifest.digest,
    });
  });

  it('for its user alone, below the XDG cache folder', async () => {
    const home = folderWith({});
    const { host } = await fakeRegistry(shelf);
    const { registriesOf } = await import('../../../src/sources/registry.ts');
    const platform = { os: 'linux', architecture: 'amd64' };
    const registries = registriesOf({ env: {}, home, platform, version: '0' });
    await registries.lookUp([`${host}/app:1`]);
    await registries.close();
    const folder = join(home, '.cache', 'dfopt', 'registry');
    expect(readdirSync(folder).toSorted()).toEqual(
      [index, intel.manifest, intel.config]
        .map(({ digest }) => digest.replace(':', '-'))
        .toSorted(),
    );
    const modes = [folder, join(folder, index.digest.replace(':', '-'))].map(
      (path) => statSync(path).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o600]);
    expect(cacheFolder({ XDG_CACHE_HOME: '/x' }, '/home/me')).toBe('/x/dfopt/registry');
    expect(cacheFolder({ XDG_CACHE_HOME: 'x' }, '/home/me')).toBe('/home/me/.cache/dfopt/registry');
  });

  it('but not believed when it is broken', async () => {
    const folder = folderWith({});
    const { host, asked } = await fakeRegistry(shelf);
    const cache = diskCache(folder);
    const first = await lookedUp(`${host}/app:1`, { cache });
    const path = join(folder, intel.config.digest.replace(':', '-'));
    for (const broken of [
      JSON.stringify({ os: 'linux', architecture: 'evil' }),
      '',
      'x'.repeat(5e6),
    ]) {
      writeFileSync(path, broken);
      asked.length = 0;
      // oxlint-disable-next-line no-await-in-loop -- they all break the same file
      expect(await lookedUp(`${host}/app:1`, { cache })).toEqual(first);
      expect(asked).toHaveLength(2);
      expect(readFileSync(path)).toEqual(intel.config.bytes);
    }
  });

  it('within limits, and not at all where nothing can be written', async () => {
    const folder = folderWith({});
    const documents = Array.from({ length: 8 }, (_, number) => Buffer.from(`${number}`));
    for (const bytes of documents) {
      // Another run each: pruned is once in a run.
      // oxlint-disable-next-line no-await-in-loop -- the oldest go first
      await diskCache(folder, 3).write(sha256(bytes), bytes);
    }
    expect(readdirSync(folder)).toHaveLength(3);
    const { host } = await fakeRegistry(shelf);
    const nowhere = diskCache(join(folderWith({ file: '' }), 'file', 'below'));
    expect(await lookedUp(`${host}/app:1`, { cache: nowhere })).toMatchObject({
      digest: index.digest,
    });
  });
});
