/**
 * Which packages the lab's base images hold, so that an estimate of what is installed on them starts
 * from what is there: a stand-in of `python:3.11` is not quite what the public one is. Sizes are not
 * read: they are the catalogue's business. Kept in corpus/stand-ins.json.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { imageOf } from '../../src/analysis/images.ts';
import { imageName } from '../../src/analysis/stages.ts';
import { withOwnImages } from '../../src/facts/own-images.ts';
import type { Facts } from '../../src/facts/types.ts';
import { readBases } from './bases.ts';
import { LabError, PROJECT, type LabEngine } from './engine.ts';

const STAND_INS = join(PROJECT, 'corpus', 'stand-ins.json');

interface StandIns {
  /** Names of packages, with blanks between. */
  readonly packages: string;
  readonly images: readonly StandIn[];
}

interface StandIn {
  readonly tags: readonly string[];
  /** The code name of its Debian. */
  readonly suite: string;
  /** The version of Go, where it is another than that of the public image. */
  readonly go?: string;
  /** Places in `packages`, in base 36, with blanks between. */
  readonly has: string;
}

/** Asks every stand-in that has a shell and dpkg. */
export function writeStandIns({ env }: LabEngine): number {
  const names: string[] = [];
  const images = readBases().flatMap(({ tags }): StandIn[] => {
    const asked = ['--entrypoint', '/bin/sh', '--network', 'none', '--user', '0', tags[0]!];
    const script = `. /etc/os-release; echo "$VERSION_CODENAME"; go version 2>/dev/null || echo; dpkg-query -W -f '\${Package}\\n'`;
    const run = spawnSync('docker', ['run', '--rm', ...asked, '-c', script], {
      env: { ...process.env, ...env },
      encoding: 'utf8',
    });
    const [suite, version = '', ...packages] = run.stdout.trim().split('\n');
    const go = /\bgo(\d+\.\d+)/.exec(version)?.[1];
    if (run.status !== 0 || suite === undefined || packages.length === 0) return [];
    const places = packages.map((name) => {
      if (!names.includes(name)) names.push(name);
      return names.indexOf(name).toString(36);
    });
    return [{ tags, suite, ...(go !== undefined && { go }), has: places.join(' ') }];
  });
  if (images.length === 0) throw new LabError('no base image answers: run "npm run lab:setup"');
  const rows: StandIns = { packages: names.join(' '), images };
  writeFileSync(STAND_INS, `${JSON.stringify(rows, undefined, 2)}\n`);
  return images.length;
}

/** The facts, in which the base images hold what the lab's hold. */
export function withStandIns(facts: Facts): Facts {
  if (!existsSync(STAND_INS)) return facts;
  const { packages, images } = JSON.parse(readFileSync(STAND_INS, 'utf8')) as StandIns;
  const names = packages.split(' ');
  const rows = images.flatMap(({ tags, suite, go, has }) =>
    tags.map((tag) => {
      const image = imageName(tag);
      const known = imageOf(image, facts);
      const runtimes = [...(known?.runtimes ?? [])].flatMap(([name, version]) =>
        version === undefined ? [] : [[name, version]],
      );
      return {
        name: image.name,
        tags: image.tag.replaceAll('.', String.raw`\.`),
        like: image.name === 'debian' ? `debian:${suite}-slim` : `debian:${suite}`,
        packages: has.split(' ').map((place) => names[Number.parseInt(place, 36)]!),
        isExact: true,
        variant: known?.variant ?? 'other',
        runtimes: {
          ...(Object.fromEntries(runtimes) as Record<string, string>),
          ...(go !== undefined && { go }),
        },
      };
    }),
  );
  const own = withOwnImages({ images: rows.filter(({ name }) => name !== 'debian') }, facts);
  if (own.kind === 'problem') throw new LabError(`${STAND_INS}: ${own.why}`);
  // node-gyp takes the headers that are in the image.
  const { npmScripts } = own.facts;
  const headers = { ...npmScripts.headers, bytes: 0, low: 0, high: 0 };
  return { ...own.facts, npmScripts: { ...npmScripts, headers } };
}
