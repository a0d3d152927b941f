/** This machine's Debian: its package sources, for other suites too, and installing what the lab needs. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { escapeLines } from '../../src/report/escape.ts';
import { LabError, programPath } from './engine.ts';

/** Where packages come from; one entry may name several suites. */
export interface Source {
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  readonly signedBy: string | undefined;
}

/** Where an image of Debian has the archive's keys. */
export const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** The parts of a suite that all Debian mirrors have. */
const POCKETS = ['', '-updates', '-security'];

const SOURCE_FILES = ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list'];

/** From here on Debian has an engine that is new enough. */
const ENGINE_SUITE = 'trixie';
/** Its BuildKit is the first of Debian's that knows heredocs. */
const OLDEST_ENGINE = 23;
/** Debian's number of {@link ENGINE_SUITE}. */
const ENGINE_DEBIAN = 13;

/** Both formats of apt: fields, or a line each. Disabled ones and sources of source code are left out. */
export function parseSources(text: string): Source[] {
  return /^Types\s*:/im.test(text) ? parseFields(text) : parseLines(text);
}

function parseFields(text: string): Source[] {
  return text
    .replace(/^#.*\n?/gm, '')
    .split(/\n\s*\n/)
    .flatMap((stanza) => {
      const fields = new Map(
        [...stanza.matchAll(/^([A-Za-z-]+)\s*:((?:.*\n[ \t])*.*)/gm)].map(
          // A key's first line end is part of it.
          ([, name = '', value = '']) => [name.toLowerCase(), value.replace(/^ +| +$/g, '')],
        ),
      );
      const words = (name: string): string[] =>
        (fields.get(name) ?? '').split(/\s+/).filter(Boolean);
      if (!words('types').includes('deb') || /^(no|false)$/i.test(fields.get('enabled') ?? '')) {
        return [];
      }
      return [
        {
          uris: words('uris'),
          suites: words('suites'),
          components: words('components'),
          signedBy: fields.get('signed-by'),
        },
      ];
    });
}

function parseLines(text: string): Source[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line);
    if (!match) return [];
    const [, options = '', uri = '', suite = '', components = ''] = match;
    return [
      {
        uris: [uri],
        suites: [suite],
        components: components.split(/\s+/).filter(Boolean),
        signedBy: /(?:^|\s)signed-by=(\S+)/.exec(options)?.[1],
      },
    ];
  });
}

/** The same sources for another suite; what other mirrors have, such as backports, is left out. */
export function sourcesFor(sources: readonly Source[], from: string, to: string): Source[] {
  return sources.flatMap((source) => {
    const suites = POCKETS.filter((pocket) => source.suites.includes(`${from}${pocket}`));
    if (suites.length === 0 || !source.components.includes('main')) return [];
    return [{ ...source, suites: suites.map((pocket) => `${to}${pocket}`), components: ['main'] }];
  });
}

/** @param keyring instead of the sources' own */
export function printSources(sources: readonly Source[], keyring?: string): string {
  return sources
    .map(({ uris, suites, components, signedBy }) => {
      const key = keyring ?? signedBy;
      const fields = [
        'Types: deb',
        `URIs: ${uris.join(' ')}`,
        `Suites: ${suites.join(' ')}`,
        `Components: ${components.join(' ')}`,
        // A key inside the file is written with its line ends.
        ...(key === undefined ? [] : [`Signed-By:${key.startsWith('\n') ? '' : ' '}${key}`]),
      ];
      return `${fields.join('\n')}\n`;
    })
    .join('\n');
}

/** The mirror that has a whole suite, as debootstrap wants it. */
export function mirrorOf(sources: readonly Source[], suite: string): string | undefined {
  return sources.find(({ suites }) => suites.includes(suite))?.uris[0];
}

/**
 * @returns this machine's own sources for a suite of Debian
 * @throws LabError where this machine is no Debian with sources of its own
 */
export function machineSources(suite: string): Source[] {
  const release = osRelease();
  const codename = release.get('VERSION_CODENAME');
  if (release.get('ID') !== 'debian' || codename === undefined) {
    throw new LabError(
      `stand-ins are made from the package sources of a Debian machine, and this is none (${release.get('PRETTY_NAME') ?? 'unknown'})`,
    );
  }
  const sources = SOURCE_FILES.filter((path) => existsSync(path)).flatMap((path) =>
    parseSources(readFileSync(path, 'utf8')),
  );
  const found = sourcesFor(sources, codename, suite);
  if (mirrorOf(found, suite) === undefined) {
    throw new LabError(`no source of ${codename} in ${SOURCE_FILES.join(' or ')}`);
  }
  return found;
}

function osRelease(): ReadonlyMap<string, string> {
  const text = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  return new Map(
    [...text.matchAll(/^(\w+)=["']?(.*?)["']?$/gm)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  );
}

/**
 * Installs the engine and what makes stand-ins, where it is missing.
 *
 * @returns what was installed
 * @throws LabError where that fails
 */
export function installMissing(): string[] {
  const isOldEngine = engineMajor() < OLDEST_ENGINE;
  const engine = [
    ...(isOldEngine ? ['docker.io'] : []),
    // The package of an older engine takes its command line with it.
    ...(isOldEngine || programPath('docker') === undefined ? ['docker-cli'] : []),
    ...(answer('docker', 'buildx', 'version') === undefined ? ['docker-buildx'] : []),
  ];
  const tools = [
    ...(programPath('debootstrap') === undefined ? ['debootstrap'] : []),
    ...(programPath('ip') === undefined ? ['iproute2'] : []),
    ...(existsSync(KEYRING) ? [] : ['debian-archive-keyring']),
    // For the tests of what asks registries.
    ...(programPath('docker-registry') === undefined ? ['docker-registry'] : []),
  ];
  if (engine.length + tools.length === 0) return [];
  if (process.getuid?.() !== 0 || programPath('apt-get') === undefined) {
    throw new LabError(
      `${[...engine, ...tools].join(', ')} missing, and only root on Debian can install it here`,
    );
  }
  const isOld = Number(osRelease().get('VERSION_ID')) < ENGINE_DEBIAN;
  // The command line is a package of its own from this suite on.
  const isFromOtherSuite = isOld && engine.length > 0;
  if (isFromOtherSuite) addEngineSource();
  apt(['update']);
  apt([
    'install',
    '--yes',
    '--no-install-recommends',
    ...engine.map((each) => (isFromOtherSuite ? `${each}/${ENGINE_SUITE}` : each)),
    ...tools,
    'ca-certificates',
  ]);
  if (engineMajor() < OLDEST_ENGINE) {
    throw new LabError(`dockerd is older than ${OLDEST_ENGINE} even now: ${engineVersion()}`);
  }
  return [...engine, ...tools];
}

function engineVersion(): string {
  return answer(programPath('dockerd') ?? 'dockerd', '--version')?.trim() ?? 'no dockerd';
}

function engineMajor(): number {
  return Number(/version (\d+)\./.exec(engineVersion())?.[1] ?? 0);
}

function answer(command: string, ...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? stdout : undefined;
}

/** A later Debian, at a priority at which nothing is taken from it unless asked for. */
function addEngineSource(): void {
  const sources = machineSources(ENGINE_SUITE);
  writeFileSync('/etc/apt/sources.list.d/dfopt-lab.sources', printSources(sources));
  writeFileSync(
    '/etc/apt/preferences.d/dfopt-lab',
    `Package: *\nPin: release n=${ENGINE_SUITE}*\nPin-Priority: 100\n`,
  );
}

/** Debian's way to keep a package from starting its service. */
const POLICY = '/usr/sbin/policy-rc.d';

function apt(args: readonly string[]): void {
  const hasPolicy = existsSync(POLICY);
  // The engine of this machine is not ours to start.
  if (!hasPolicy) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const { status, stdout, stderr } = spawnSync(programPath('apt-get') ?? 'apt-get', args, {
      encoding: 'utf8',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
      maxBuffer: 64 * 1024 * 1024,
    });
    if (status === 0) return;
    const said = `${stdout}${stderr}`.trimEnd().split('\n').slice(-10).join('\n');
    throw new LabError(`apt-get ${args.join(' ')} failed:\n${escapeLines(said)}`);
  } finally {
    if (!hasPolicy) rmSync(POLICY);
  }
}
