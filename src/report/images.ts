/** What is known of an image, for a person at a terminal and for programs. */
import type { Colors } from 'picocolors/types.js';
import type { BaseConfiguration } from '../analysis/base-configuration.ts';
import type { Bytes, Image } from '../facts/image-types.ts';
import { escapeLine } from './escape.ts';
import { toJson } from './json.ts';
import { megabytes } from './units.ts';

export interface KnownImage {
  readonly image: Image;
  readonly configuration: BaseConfiguration | undefined;
  readonly siblings: readonly Image[];
  /** The same by the tag that names the suite. */
  readonly exact: Image | undefined;
}

/** What people ask of a base before they change it. */
const COMMANDS = [
  'sh',
  'bash',
  'curl',
  'wget',
  'git',
  'make',
  'gcc',
  'g++',
  'python3',
  'perl',
  'ps',
];

export function imageText({ image, configuration, siblings, exact }: KnownImage, colors: Colors) {
  const lines = [
    colors.bold(`${image.name}:${image.tag}`),
    ...facts(image).map(([name, value]) => `  ${name.padEnd(13)}${value}`),
    ...(exact && exact !== image ? [`  ${'same as'.padEnd(13)}${exact.name}:${exact.tag}`] : []),
    '',
    colors.bold('Programs'),
    ...programs(image),
    ...section('Configuration', configurationLines(configuration), colors),
    ...section('In its place', [image, ...siblings].map(sibling), colors),
    ...section('Notes', [...new Set([...image.notes, ...figureNotes(image)])], colors),
  ];
  return `${lines.map(lineFor(colors)).join('\n')}\n`;
}

/** Text of rows is escaped; colours are dfopt's own. */
function lineFor(colors: Colors): (line: string) => string {
  return (line) => (line.includes('\u001b[') && colors.isColorSupported ? line : escapeLine(line));
}

function facts(image: Image): readonly (readonly [string, string])[] {
  const { distribution, libc, packageManager } = image;
  const runtimes = [...image.runtimes].map(
    ([name, version]) => `${name} ${version ?? '(not said)'}`,
  );
  return [
    ['publisher', `${image.publisher}, ${image.variant}`],
    [
      'system',
      distribution
        ? `${distribution.id} ${distribution.version} (${distribution.suite})`
        : image.os,
    ],
    ['libc', libc ? `${libc.kind} ${libc.version ?? ''}`.trim() : 'unknown'],
    ['shell', image.hasShell],
    [
      'packages',
      `${packageManager ?? 'no manager'}, ${image.packages?.size ?? 'an unknown number'} installed`,
    ],
    ['runtimes', runtimes.join(', ') || 'none'],
    ['certificates', image.hasCertificates],
    ['time zones', image.hasTimeZones],
    ['locales', image.hasLocales],
    [
      'users',
      image.users.map(({ name, uid, gid }) => `${name} (${uid}:${gid})`).join(', ') || 'root only',
    ],
    ['size', size(image.size)],
    ['compressed', size(image.compressed)],
    ...[...image.platforms].map(
      ([platform, sizes]) =>
        [platform, `${size(sizes.size)}; compressed ${size(sizes.compressed)}`] as const,
    ),
    ...image.endsOfLife.map(({ what, date }) => ['ends', `${what}: ${date}`] as const),
  ];
}

function size(bytes: Bytes | undefined): string {
  if (!bytes) return 'unknown';
  const range = `${megabytes(bytes.low).trim()} to ${megabytes(bytes.high).trim()}`;
  return `${megabytes(bytes.bytes).trim()} (${range}; ${bytes.basis}, ${bytes.date})`;
}

function programs(image: Image): readonly string[] {
  return (['yes', 'no', 'unknown'] as const).flatMap((answer) => {
    const names = COMMANDS.filter((name) => image.hasCommand(name) === answer);
    return names.length > 0 ? [`  ${answer.padEnd(13)}${names.join(' ')}`] : [];
  });
}

function section(title: string, lines: readonly string[], colors: Colors): readonly string[] {
  return lines.length === 0 ? [] : ['', colors.bold(title), ...lines.map((line) => `  ${line}`)];
}

function configurationLines(configuration: BaseConfiguration | undefined): readonly string[] {
  if (!configuration) return ['unknown'];
  const { env, workdir, user, entrypoint, cmd, exposes } = configuration;
  const list = (words: readonly string[] | undefined): string | undefined =>
    words && words.length > 0 ? JSON.stringify(words) : undefined;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ...[...env].map(([name, value]) => ['ENV', `${name}=${value ?? '…'}`] as const),
    ['WORKDIR', workdir || undefined],
    ['USER', user || undefined],
    ['ENTRYPOINT', list(entrypoint)],
    ['CMD', list(cmd)],
    ['EXPOSE', exposes?.join(' ') || undefined],
  ];
  return rows.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name.padEnd(11)}${value}`],
  );
}

function sibling(image: Image): string {
  const { tag, distribution } = image;
  const bytes = image.size ? megabytes(image.size.bytes) : '     unknown';
  return `${bytes}  ${image.name}:${tag}${distribution ? `  ${distribution.suite}` : ''}`;
}

function figureNotes({ size: bytes, compressed, endsOfLife }: Image): readonly string[] {
  return [
    ...(bytes ? [`Size: ${bytes.source}.`] : []),
    ...(compressed ? [`Compressed size: ${compressed.source}.`] : []),
    ...endsOfLife.map(({ source }) => `End of life: ${source}.`),
  ];
}

export function imageJson({ image, configuration, siblings, exact }: KnownImage): string {
  return toJson({
    ...plain(image),
    ...(exact && { sameAs: `${exact.name}:${exact.tag}` }),
    ...(configuration && {
      configuration: {
        ...configuration,
        env: Object.fromEntries([...configuration.env].map(([key, value]) => [key, value ?? null])),
        maybeEnv: [...configuration.maybeEnv],
      },
    }),
    siblings: siblings.map(plain),
  });
}

function plain(image: Image): Readonly<Record<string, unknown>> {
  const { hasCommand, hasPackage: _hasPackage, packages, runtimes, platforms, ...rest } = image;
  return {
    ...rest,
    runtimes: Object.fromEntries([...runtimes].map(([key, value]) => [key, value ?? null])),
    platforms: Object.fromEntries(platforms),
    commands: Object.fromEntries(COMMANDS.map((name) => [name, hasCommand(name)])),
    ...(packages && { packages: [...packages].toSorted() }),
  };
}
