/** Whether an image says of itself what the program reads of the one that it takes the place of. */
import { baseConfiguration, type BaseConfiguration } from '../analysis/base-configuration.ts';
import { filesAtEnd } from '../analysis/image-files.ts';
import { originOf } from '../analysis/images.ts';
import { matchesAny, matchesWhole } from '../analysis/patterns.ts';
import { isInvariant } from '../ecosystems/dotnet-projects.ts';
import { isCopy, type Stage } from '../dockerfile/model.ts';
import type { Image } from '../facts/image-types.ts';
import type { Facts } from '../facts/types.ts';
import type { StageScope } from './steps.ts';

/** Variables whose mere presence changes what programs do. */
const ALWAYS_READ = /^(LANG|LANGUAGE|LC_\w+|TZ|TERM)$/;

/** Without cultures a program of .NET writes dates and numbers in another way. */
const CULTURES = 'DOTNET_SYSTEM_GLOBALIZATION_INVARIANT';

const LISTENS: readonly string[] = ['ASPNETCORE_URLS', 'ASPNETCORE_HTTP_PORTS'];

/** What the new base must be told that the old one said; or in what they differ. */
export function configured(
  image: Image,
  shipped: Stage,
  scope: StageScope,
): readonly (readonly [string, string])[] | { readonly why: string } {
  const { facts } = scope;
  const old = baseConfiguration(scope.image, facts);
  const next = baseConfiguration(image, facts);
  if (!old || !next) return { why: 'what one of the images says of itself is not known' };
  const kinds = new Set(shipped.instructions.map(({ kind }) => kind));
  if (!kinds.has('entrypoint')) {
    if (!passesOn(scope.image, old, facts))
      return { why: 'the ENTRYPOINT of the old base may do something of its own' };
    if (!passesOn(image, next, facts)) return { why: 'its ENTRYPOINT may do something of its own' };
  }
  const { entrypoint, cmd } = old;
  const isInherited = !kinds.has('entrypoint') && !kinds.has('cmd');
  if (isInherited && [entrypoint, cmd].join() !== [next.entrypoint, next.cmd].join()) {
    return { why: 'it starts something else' };
  }
  const asRoot = (user: string | undefined): string =>
    /^(|root|0)$/.test(user ?? '') ? 'root' : user!;
  if (!kinds.has('user')) {
    const isUnknown = (old.user === undefined) !== (next.user === undefined);
    if (isUnknown) return { why: 'nobody knows whether it runs as the same user' };
    if (asRoot(old.user) !== asRoot(next.user)) return { why: 'it runs as another user' };
  }
  if (!kinds.has('stopsignal') && (old.stopSignal ?? '') !== (next.stopSignal ?? '')) {
    return { why: 'it is stopped by another signal' };
  }
  const volumes = (old.volumes ?? []).filter((path) => !matchesAny(facts.work.leavings, path));
  if (volumes.join() !== (next.volumes ?? []).join()) return { why: 'it has other volumes' };
  if ((next.onbuild ?? []).length > 0) return { why: 'it has triggers' };
  const own = new Set(
    shipped.instructions.flatMap((each) =>
      each.kind === 'env' ? each.pairs.map((pair) => pair.name) : [],
    ),
  );
  const { why, told } = listening(image, old, next, shipped, scope);
  if (why !== undefined) return { why };
  const variables: (readonly [string, string])[] = [...told];
  for (const [name, value] of old.env) {
    if (
      name === 'PATH' ||
      own.has(name) ||
      LISTENS.includes(name) ||
      (next.env.get(name) === value && next.env.has(name))
    )
      continue;
    const isRead =
      ALWAYS_READ.test(name) ||
      (name === CULTURES && !(scope.context && isInvariant(scope.context))) ||
      isMentioned(name, shipped, scope);
    if (!isRead) continue;
    if (next.env.has(name) && value === undefined) continue;
    // Both stand on images of one vendor, whose rows leave it open: C.UTF-8 on all of their Debians.
    if (value === undefined && next.maybeEnv.has(name) && isSameVendor(scope.image, image, facts)) {
      continue;
    }
    if (value === undefined) return { why: `something reads ${name}, which it does not set` };
    variables.push([name, value]);
  }
  return variables;
}

/** A call that says where a server listens, whatever the environment says. */
const SAYS_WHERE =
  /\.UseUrls\(|\.Listen(AnyIP|Localhost|UnixSocket)?\(|\bUrls\.Add\(|\.Run(Async)?\(\s*\$?@?"https?:/;

/** Code that starts a server. */
const SERVES = /\bWebApplication\b|\bWebHost|\bConfigureWebHost|UseKestrel|\bwebHost\b|AspNetCore/;

/** What a server of .NET must be told so that it listens where it did; what the author says wins over both. */
function listening(
  image: Image,
  old: BaseConfiguration,
  next: BaseConfiguration,
  shipped: Stage,
  { context, file, stage, facts }: StageScope,
): { readonly why?: string; readonly told: readonly (readonly [string, string])[] } {
  const nothing = { told: [] };
  if (!image.runtimes.has('aspnetcore')) return nothing;
  if (shipped.instructions.some(({ text }) => /ASPNETCORE_URLS|--urls/.test(text))) return nothing;
  const { texts } = context ? filesAtEnd(file, stage, context, facts).files : { texts: new Map() };
  const code = [...texts].filter(([path]) => /\.(cs|fs|vb)$/.test(path)).map(([, text]) => text);
  if (code.some((text) => SAYS_WHERE.test(text))) return nothing;
  const isWhole = code.some((text) => /\bMain\s*\(|CreateBuilder\(|EntryPoint/.test(text));
  if (isWhole && !code.some((text) => SERVES.test(text))) return nothing;
  const differing = LISTENS.filter(
    (name) => next.env.has(name) && (next.env.get(name) ?? '?') !== old.env.get(name),
  );
  const told: [string, string][] = [];
  for (const name of differing) {
    const isKnown = old.env.has(name) ? old.env.get(name) !== undefined : old.isEnvComplete;
    if (!isKnown || old.maybeEnv.has(name)) {
      return { why: `it sets another ${name}, and a server would listen elsewhere`, ...nothing };
    }
    // An empty one is none.
    told.push([name, old.env.get(name) ?? '']);
  }
  return { told };
}

function isSameVendor(one: Image, other: Image, facts: Facts): boolean {
  const isSlimOrFull = other.packageManager === 'apt';
  return (
    isSlimOrFull &&
    [...other.runtimes.keys()].some((id) => {
      const origin = originOf(one, id, facts);
      return origin !== undefined && origin === originOf(other, id, facts);
    })
  );
}

function isMentioned(
  name: string,
  shipped: Stage,
  { context, facts, file, stage }: StageScope,
): boolean {
  const isWord = (text: string): boolean => new RegExp(`\\b${name}\\b`).test(text);
  const isValue = (text: string): boolean => new RegExp(`\\$\\{?${name}\\b`).test(text);
  // Most texts have no such word at all.
  for (const { text } of shipped.instructions) {
    if (text.includes(name) && isValue(text)) return true;
  }
  if (!context) return false;
  // Sources that are compiled are not shipped; who needs the tools' own variables, asks in a script.
  const isOfTools = matchesAny(facts.smallImages.versionVariables, name);
  const { files } = filesAtEnd(file, isOfTools ? shipped : stage, context, facts);
  const isRead = isOfTools ? isValue : isWord;
  for (const text of files.texts.values()) if (text.includes(name) && isRead(text)) return true;
  return false;
}

/** Whether what CMD says is what runs. */
function passesOn({ name, tag }: Image, { entrypoint }: BaseConfiguration, facts: Facts): boolean {
  if (entrypoint?.length === 0) return true;
  // Where it changed over time, it is the one of the rows or none.
  return facts.smallImages.passOn.some(
    (row) =>
      matchesWhole(row.images, `${name}:${tag}`) &&
      (entrypoint === undefined || row.entrypoint.join('\0') === entrypoint.join('\0')),
  );
}

/** Accounts of Debian and Ubuntu that programs run as. */
const SYSTEM_ACCOUNTS = new Set([
  'root',
  'nobody',
  'daemon',
  'www-data',
  'nogroup',
  'mail',
  'bin',
  'sys',
  'games',
  'man',
]);

/** A name that USER or a flag has and nothing makes. */
export function lostAccount(image: Image, { instructions }: Stage): string | undefined {
  const words = instructions.flatMap((each) => {
    if (each.kind === 'user') return [each.argsText];
    if (!isCopy(each)) return [];
    return each.flags.flatMap(({ name, value }) => (name === 'chown' ? [value ?? ''] : []));
  });
  const names = words.flatMap((word) => word.trim().split(':'));
  const runs = instructions.filter(({ kind }) => kind === 'run').map(({ text }) => text);
  const isSystem = (name: string): boolean =>
    image.packageManager === 'apt' ? SYSTEM_ACCOUNTS.has(name) : /^(root|nobody)$/.test(name);
  return names.find(
    (name) =>
      name !== '' &&
      !/^\d+$/.test(name) &&
      !isSystem(name) &&
      !image.users.some((user) => user.name === name) &&
      !runs.some((text) =>
        new RegExp(
          `(add(user|group)|(user|group)add)\\b[^]*\\b${name.replace(/\W/g, '.')}\\b`,
        ).test(text),
      ),
  );
}
