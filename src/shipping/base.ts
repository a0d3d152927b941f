/** The smallest image on which a shipped stage can stand, and what it then must be given. */
import { isGone, isOfKind, originOf, siblings } from '../analysis/images.ts';
import {
  inAlpineRelease,
  onAlpine,
  sharedLibraries,
  sharedLibrariesOnAlpine,
} from '../analysis/system-packages.ts';
import type { Image } from '../facts/image-types.ts';
import type { Facts } from '../facts/types.ts';
import type { Needs } from '../needs/need.ts';
import { provision, type Provision } from '../needs/provide.ts';
import type { Division } from './divide.ts';
import type { StageScope } from './steps.ts';
import { type AskedOf, askedOf, TIME_ZONES, type Draft } from './asked.ts';
import { candidatesFor } from './candidates.ts';
import { configured, lostAccount } from './configured.ts';

export interface Chosen {
  readonly image: Image;
  /** As FROM names it. */
  readonly reference: string;
  readonly provides: Provision;
  /** Packages that it must be given, with what asks for them. */
  readonly packages: readonly { readonly name: string; readonly by: string }[];
  /** Variables of the old base that something reads, and that this one does not set. */
  readonly variables: readonly (readonly [string, string])[];
  readonly needs: Needs;
  readonly assumptions: readonly string[];
  /** Why a smaller one was not chosen, where it is the old one: a sentence without a full stop. */
  readonly refused?: string;
}

export type Choice = Chosen | { readonly why: string };

/** @param only the base that is there: nothing is assumed of another one then */
export function chooseBase(
  draft: Draft,
  division: Division,
  scope: StageScope,
  only?: 'the old base',
): Choice {
  const asked = askedOf(draft, division, scope);
  const candidates = only ? [scope.image] : candidatesFor(scope, asked);
  let refused: string | undefined;
  for (const image of candidates) {
    const choice = tried(image, draft, scope, asked);
    if (!('why' in choice)) {
      return { ...choice, ...(image === scope.image && refused !== undefined && { refused }) };
    }
    // What an image without the runtime lacks is not what people want to know.
    if (refused === undefined || /^\S+ has no (ruby|php|python|node|java)$/.test(refused)) {
      refused = choice.why;
    }
  }
  return { why: refused ?? 'no smaller image is known' };
}

/** Whether both have the runtime in the same version; one that nobody knows may be any. */
function hasSameRuntime(id: string, old: Image, image: Image, facts: Facts): boolean {
  if (old === image) return true;
  const version = image.runtimes.get(id);
  if (version !== old.runtimes.get(id)) return false;
  // Tags without a number move together: `node` and `node:slim`.
  const isSibling = ({ name, tag }: Image): boolean => name === image.name && tag === image.tag;
  if (version === undefined) return image.runtimes.has(id) && siblings(old, facts).some(isSibling);
  // Who makes all of his images himself builds one runtime of each version.
  if (old.publisher !== 'docker' && image.publisher === old.publisher) return true;
  const [origin, other] = [originOf(old, id, facts), originOf(image, id, facts)];
  return origin === other && (origin !== undefined || isOfKind(old, image));
}

function isOtherVersion(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other;
}

function tried(image: Image, draft: Draft, scope: StageScope, asked: AskedOf): Choice {
  const { facts, image: old } = scope;
  const { needs, libraries } = asked;
  const plain = image.tag === 'latest' ? image.name : `${image.name}:${image.tag}`;
  const name = `${mirrorOf(old, image, facts)}${plain}`;
  const isOld = image === old;
  const changed = isOld ? [] : configured(image, draft.shipped, scope);
  if ('why' in changed) return { why: `${name}: ${changed.why}` };
  const lost = asked.runtimes.find(
    (id) => old.runtimes.has(id) && !hasSameRuntime(id, old, image, facts),
  );
  if (lost !== undefined) return { why: `${name} has no ${lost}` };
  // What comes from elsewhere, such as an archive of Java, was made for the version that was there.
  const changedRuntime = [...image.runtimes].find(([id, version]) =>
    isOtherVersion(version, old.runtimes.get(id)),
  );
  if (changedRuntime) return { why: `${name} has another ${changedRuntime[0]}` };
  const account = isOld ? undefined : lostAccount(image, draft.shipped);
  if (account !== undefined) return { why: `${name} has no account "${account}"` };
  const suite = image.distribution?.suite ?? '';
  const provides = provision(needs, old, image, facts, asked.hasLost);
  const [unmet] = provides.unmet;
  if (unmet) return { why: `${name}: ${unmet.need.by} needs more: ${unmet.why}` };
  const [unknown] = provides.unknown;
  if (unknown && !isOld) return { why: `${name}: ${unknown.need.by}: ${unknown.why}` };
  // What the base lacked all the time is missed by nobody, but what packages with headers brought along.
  const missing = provides.missing.filter(
    ({ need }) => !isOld || (need.kind === 'packages' && need.isLinked === true),
  );
  const packages = missing.map((each) => ({ name: each.name, by: each.need.by }));
  // Go brings time zones of its own, which its programs find where it lies.
  const zones = needs.needs.some((need) => need.kind === 'packages' && need.what === TIME_ZONES);
  const own = zones && old.runtimes.has('go') && !isOld ? ['tzdata'] : [];
  for (const each of [...libraries, ...own]) {
    const isThere = image.hasPackage(each) === 'yes' || needs.installed.includes(each);
    if (isThere || packages.some((other) => other.name === each)) continue;
    const there = image.packageManager === 'apk' ? onAlpine(each, facts) : undefined;
    const names =
      there?.kind === 'packages' ? inAlpineRelease(there.names, suite, facts) : undefined;
    if (image.packageManager !== 'apt' && !names) return { why: `${name} has no ${each}` };
    for (const one of names ?? [each]) {
      if (packages.some((other) => other.name === one)) continue;
      packages.push({ name: one, by: 'the program' });
    }
  }
  const unsure: string[] = [];
  for (const each of asked.headers) {
    const behind =
      image.packageManager === 'apk'
        ? sharedLibrariesOnAlpine(each, suite, facts)
        : sharedLibraries(each, suite, facts);
    if (!behind) unsure.push(`what is compiled links no library of ${each}`);
    for (const one of behind ?? []) {
      const isThere = image.hasPackage(one) === 'yes' || needs.installed.includes(one);
      if (isThere || packages.some((other) => other.name === one)) continue;
      packages.push({ name: one, by: 'what is compiled' });
    }
  }
  if (packages.length > 0 && image.packageManager === undefined) {
    return { why: `${name} has no package manager` };
  }
  const gone = packages.length > 0 && needs.installed.length === 0 && archivedOf(image, facts);
  if (gone) return { why: `the packages of ${name} ${gone}` };
  const doubts = isOld || needs.doubts.length === 0 || hasAll(image, old) ? [] : needs.doubts;
  return {
    image,
    reference: isOld ? (scope.stage.from.image?.text ?? name) : name,
    provides,
    packages: packages.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    variables: changed,
    needs,
    assumptions: [
      ...asked.assumptions,
      ...(!isOld && isGone(image, facts) ? [`${name} can be pulled where the old base can`] : []),
      ...unsure,
      ...shortened(doubts.map(({ by, why }) => `${by} needs nothing that ${name} lacks (${why})`)),
    ],
  };
}

/** Whether all packages of the other image are there as well, as with `debian` and `debian:…-slim`. */
function hasAll({ packages, distribution }: Image, other: Image): boolean {
  const isSame =
    distribution?.suite !== undefined && distribution.suite === other.distribution?.suite;
  if (!isSame || !packages || !other.packages) return false;
  return [...other.packages].every((each) => packages.has(each));
}

/** The registry, or the platform, from which the official images come: `arm32v7/`. */
function mirrorOf(old: Image, image: Image, { baseImages }: Facts): string {
  const prefix = baseImages.mirrors.find((each) => old.name.startsWith(each));
  const isOfficial = image.publisher === 'docker' && !image.name.includes('/');
  return prefix !== undefined && isOfficial ? prefix : '';
}

/** What has become of the packages of a suite that is too old: nobody could install one any more. */
function archivedOf({ distribution }: Image, { advice }: Facts): string | undefined {
  return advice.archives.find(
    (row) => row.distribution === distribution?.id && row.suites.includes(distribution.suite ?? ''),
  )?.what;
}

/** More than that nobody reads. */
const MOST = 3;

function shortened(texts: readonly string[]): readonly string[] {
  const all = [...new Set(texts)];
  if (all.length <= MOST) return all;
  return [...all.slice(0, MOST), `the same of ${all.length - MOST} more`];
}
