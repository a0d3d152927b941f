/** The shipped stage, written instruction by instruction in the order of the author's. */
import { baseConfiguration } from '../analysis/base-configuration.ts';
import { copyPlace } from '../analysis/copy-place.ts';
import { isWithin } from '../analysis/context.ts';
import { folderOf, hasWildcards, pathInside } from '../analysis/go-paths.ts';
import { filesAtEnd, imagePath, workFolder } from '../analysis/image-files.ts';
import { stateAfter, stateBefore } from '../analysis/state.ts';
import { plainText } from '../analysis/values.ts';
import {
  isCopy,
  type CopyInstruction,
  type Instruction,
  type RunInstruction,
} from '../dockerfile/model.ts';
import { inPlaceOf, withText } from '../dockerfile/parse.ts';
import { keywordIn } from '../dockerfile/style.ts';
import { type Carried, type Made } from './carried.ts';
import { type Narrowed, type NarrowedPart } from './copies.ts';
import { type Fates } from './fates.ts';
import { type RunSteps, type StageScope } from './steps.ts';

/** What says something of the image alone. */
export const ONLY_SHIPPED: ReadonlySet<Instruction['kind']> = new Set([
  'expose',
  'label',
  'volume',
  'healthcheck',
  'cmd',
  'entrypoint',
  'stopsignal',
  'maintainer',
]);

export interface Owner {
  /** As `chown` and `--chown` have it. */
  readonly owner: string;
  readonly folder: string;
  readonly run: RunInstruction;
}

export function ownersOf(runs: readonly RunSteps[], fates: Fates): readonly Owner[] {
  return runs.flatMap(({ run, steps }) =>
    steps.flatMap((step): Owner[] => {
      const fate = fates.get(step)!;
      return fate.kind === 'folder only' && fate.owner !== undefined
        ? [{ owner: fate.owner, folder: fate.folder, run }]
        : [];
    }),
  );
}

/** The shipped stage while it grows. */
export class Shipped {
  private readonly scope: StageScope;
  private readonly name: string;
  private readonly carried: readonly Carried[];
  private readonly owners: readonly Owner[];
  private readonly out: Instruction[] = [];
  private readonly repeated: CopyInstruction[] = [];
  private readonly done = new Set<Carried>();
  private blank = '';
  private why: string | undefined;
  /** The WORKDIR in force in the new stage, without a slash in front. */
  private folder: string;
  private hasOwnFolder = false;

  constructor(
    scope: StageScope,
    name: string,
    carried: readonly Carried[],
    owners: readonly Owner[],
  ) {
    this.scope = scope;
    this.name = name;
    this.carried = carried;
    this.owners = owners;
    this.folder = pathInside(baseConfiguration(scope.image, scope.facts)?.workdir ?? '');
  }

  at(each: Instruction): void {
    if (/^[ \t]*\r?\n/.test(each.lead)) this.blank = /^[ \t]*\r?\n/.exec(each.lead)![0];
  }

  /** What the RUN made, where it stood. */
  products(run: Instruction): void {
    for (const each of this.carried) if (each.run === run) this.product(each, run);
  }

  /** Products that a COPY of the author's would otherwise come in front of: they change less often. */
  productsBefore(copy: CopyInstruction): void {
    const { file, stage, facts, context } = this.scope;
    const place = copyPlace(copy, stateBefore(file, stage, copy, facts), context, 'usual');
    // `COPY . /app` copies into a folder as well.
    const isContent = copy.sources.every(({ text }) => /(^|\/)\.?$/.test(text));
    if (!place || !(place.isFolder || isContent)) return;
    const inside = pathInside(place.path);
    // Where nobody knows what is copied, it must not come to lie over what the build makes.
    const isKnown =
      context !== undefined &&
      (filesAtEnd(file, stage, context, facts).written.get(copy)?.size ?? 0) > 0;
    for (const each of this.carried) {
      if (!isKnown && each.of === 'sources') continue;
      const to = each.to ?? each.path;
      const isDeeper = isWithin(to, inside) && each.path !== inside;
      const isBelow = each.isShared === true && each.of === 'dependencies';
      // The account may be made further down.
      const isApart =
        isContent &&
        each.of === 'dependencies' &&
        !isWithin(inside, to) &&
        this.accountOf(each) === undefined;
      if (isDeeper || isBelow || isApart) this.product(each, copy);
    }
  }

  private accountOf({ path, to = path, owner }: Carried): string | undefined {
    return this.owners.find(({ folder }) => isWithin(to, folder))?.owner ?? owner;
  }

  private product(carried: Carried, near: Instruction): void {
    if (this.done.has(carried)) return;
    this.done.add(carried);
    const { path, to = path } = carried;
    const escape = /[\s"'$\\]/;
    if (escape.test(path) || escape.test(to)) {
      this.why ??= `"${path}" cannot be named in a COPY`;
      return;
    }
    const owner = this.accountOf(carried);
    const chown = owner === undefined ? '' : ` --chown=${owner}`;
    const isPattern = hasWildcards(path);
    const folder = folderOf(to);
    const target = !isPattern ? to : folder === '' ? '' : `${folder}/`;
    const keyword = keywordIn(this.scope.file, 'COPY');
    const text = `${keyword} --from=${this.name}${chown} /${path} ${this.shown(target)}`;
    const last = this.out.at(-1);
    if (last && isCopy(last)) this.blank = '';
    this.put(this.made(near, text));
  }

  /** As one names it from the folder in force. */
  private shown(path: string): string {
    if (this.folder === '' || !isWithin(path, this.folder)) return `/${path}`;
    if (path === this.folder) return './';
    return `./${path.slice(this.folder.length + 1)}`;
  }

  /** An instruction of dfopt's own; it comes from the FROM, whose flags are not its own. */
  private made(near: Instruction, text: string): Instruction {
    const { from } = this.scope.stage;
    return inPlaceOf({ ...near, lead: '', origin: from.origin, eol: from.eol }, text);
  }

  private put(each: Instruction, lead = ''): void {
    this.out.push(Object.assign({ ...each }, { lead: lead === '' ? this.blank : lead }));
    this.blank = '';
  }

  run(run: RunInstruction, was: Instruction, isLate: boolean): void {
    this.put(run, isLate ? was.lead : '');
  }

  repeat(copy: CopyInstruction, isLate: boolean): void {
    this.repeated.push(copy);
    const owner = this.ownerOf(copy);
    const flag = copy.keyword.length;
    const text =
      owner === undefined
        ? copy.text
        : `${copy.text.slice(0, flag)} --chown=${owner}${copy.text.slice(flag)}`;
    this.put(withText(copy, text), isLate ? copy.lead : '');
  }

  private ownerOf(copy: CopyInstruction): string | undefined {
    const { file, stage, facts, context } = this.scope;
    if (copy.flags.some(({ name }) => name === 'chown')) return undefined;
    const place = copyPlace(copy, stateBefore(file, stage, copy, facts), context, 'usual');
    const inside = place && pathInside(place.path);
    const at = stage.instructions.indexOf(copy);
    return this.owners.find(
      ({ folder, run }) =>
        inside !== undefined && isWithin(inside, folder) && stage.instructions.indexOf(run) > at,
    )?.owner;
  }

  some(copy: CopyInstruction, narrowing: Narrowed): void {
    if (narrowing.kind !== 'some') return;
    if (this.holdsProduct(copy, narrowing.parts)) this.repeated.push(copy);
    const owner = this.ownerOf(copy);
    const flags = copy.flags.map(({ start, end }) => copy.text.slice(start, end));
    if (owner !== undefined) flags.push(`--chown=${owner}`);
    const written = (copy.destination?.text ?? './').replace(/\/+$/, '');
    for (const { sources, into } of narrowing.parts) {
      const folder =
        written === '' || written === '.'
          ? into === '' || !/^[./]/.test(written)
            ? '.'
            : written
          : written;
      const isOneFolder = into !== '' && !into.endsWith('/');
      const target =
        into === ''
          ? written === ''
            ? '/'
            : `${folder}/`
          : `${written === '' ? '' : folder}/${into}`;
      const text = [
        keywordIn(this.scope.file, 'COPY'),
        ...flags,
        ...sources,
        isOneFolder ? target : target.endsWith('/') ? target : `${target}/`,
      ].join(' ');
      this.put(inPlaceOf({ ...copy, lead: '' }, text));
    }
  }

  /** Whether something that the build makes lies in a folder that is copied as a whole. */
  private holdsProduct(copy: CopyInstruction, parts: readonly NarrowedPart[]): boolean {
    const { file, stage, facts, context } = this.scope;
    const place = copyPlace(copy, stateBefore(file, stage, copy, facts), context, 'usual');
    return (
      !place ||
      parts.some(
        ({ into }) =>
          into !== '' &&
          !into.endsWith('/') &&
          this.carried.some(({ path, to = path }) =>
            isWithin(to, pathInside(`${place.path}/${into}`)),
          ),
      )
    );
  }

  other(each: Instruction, isLate: boolean): void {
    if (each.kind === 'workdir') return this.workdir(each, isLate);
    const isMoved = isLate || ONLY_SHIPPED.has(each.kind);
    this.put(each, isMoved ? each.lead : '');
  }

  private workdir(each: Instruction, isLate: boolean): void {
    const { file, stage, facts } = this.scope;
    const index = stage.instructions.indexOf(each);
    const next = stage.instructions[index + 1];
    const state = next ? stateBefore(file, stage, next, facts) : stateAfter(file, stage, facts);
    const path = plainText(state.workdir.usual);
    if (path === undefined) this.why ??= 'the WORKDIR of the base is not known';
    else this.folder = pathInside(path);
    const isRelative = !/^["']?[/$]/.test(each.argsText);
    const text =
      isRelative && !this.hasOwnFolder && path !== undefined
        ? `${each.keyword} ${path}`
        : each.text;
    if (!isRelative) this.hasOwnFolder = true;
    this.put(text === each.text ? each : withText(each as never, text), isLate ? each.lead : '');
  }

  /** Whether a WORKDIR is a folder in which the build alone does something. */
  private idle(made: readonly Made[]): (instruction: Instruction) => boolean {
    const { file, stage, facts } = this.scope;
    return (each) => {
      const was = stage.instructions.find((other) => other.origin[0] === each.origin[0]);
      if (!was) return false;
      const folder = imagePath(stateBefore(file, stage, was, facts), was.argsText, was.escape);
      return (
        folder !== '' &&
        made.some(
          ({ path, isNamed, run }) =>
            (isWithin(path, folder) &&
              (path !== folder ||
                (isNamed === true && !this.carried.some((one) => one.path === path)))) ||
            workFolder(stateBefore(file, stage, run, facts)) === folder,
        )
      );
    };
  }

  finished(made: readonly Made[]):
    | {
        readonly instructions: readonly Instruction[];
        readonly repeated: readonly CopyInstruction[];
      }
    | { readonly why: string } {
    for (const each of this.carried) {
      if (!this.done.has(each)) return { why: `nobody can see where /${each.path} belongs` };
    }
    if (this.why !== undefined) return { why: this.why };
    const out = withOwnersFirst(this.out);
    if ('why' in out) return out;
    return { instructions: withoutIdle(out, this.idle(made)), repeated: this.repeated };
  }
}

/** Accounts are made before files are given to them; or why that cannot be. */
function withOwnersFirst(
  all: readonly Instruction[],
): readonly Instruction[] | { readonly why: string } {
  let out = all;
  for (const each of all) {
    const owner = isCopy(each) ? each.flags.find(({ name }) => name === 'chown')?.value : undefined;
    const user = /^([a-z_][\w-]*)/i.exec(owner ?? '')?.[1];
    if (user === undefined) continue;
    const maker = new RegExp(`\\b(useradd|adduser)\\b[^;&|]*\\b${user.replaceAll('-', '\\-')}\\b`);
    const at = out.indexOf(each);
    const made = out.findIndex((other, index) => {
      return index > at && other.kind === 'run' && maker.test(other.text);
    });
    if (made < 0) continue;
    const run = out[made] as RunInstruction;
    const isPlain =
      !/[;&|]/.test(run.text) ||
      /^RUN\s+(group|user)add\b[^;&|]*&&\s*(\\\s*)?useradd\b[^;&|]*$/i.test(run.text);
    const parts = isPlain ? [run] : accountsFirst(run);
    if (!parts) return { why: `the account "${user}" is made behind what belongs to it` };
    const [accounts, ...more] = parts;
    const rest = out.flatMap((other, index) => (index === made ? more : [other]));
    out = [...rest.slice(0, at), { ...accounts!, lead: each.lead }, ...rest.slice(at)];
  }
  return out;
}

/** A RUN that makes accounts and goes on with something else, as two. */
function accountsFirst(run: RunInstruction): readonly RunInstruction[] | undefined {
  if (run.flags.length > 0 || run.heredocs.length > 0 || /[;|]|&(?!&)(?<!&&)/.test(run.text)) {
    return undefined;
  }
  const found =
    /^(\S+\s+)((?:(?:groupadd|useradd|addgroup|adduser)\b[^&]*&&\s*(?:\\\s*)?)+)([^]+)$/i.exec(
      run.text,
    );
  if (!found) return undefined;
  const [, head = '', accounts = '', rest = ''] = found;
  const own = accounts.replace(/[\s\\]*&&[\s\\]*$/, '');
  return [withText({ ...run }, `${head}${own}`), withText({ ...run, lead: '' }, `${head}${rest}`)];
}

/**
 * Without ARGs that nothing uses, and WORKDIRs in which nothing happens.
 *
 * @param isIdle whether a WORKDIR is one of the build
 */
function withoutIdle(
  all: readonly Instruction[],
  isIdle: (instruction: Instruction) => boolean,
): readonly Instruction[] {
  return all.filter((each, index) => {
    const later = all.slice(index + 1);
    if (each.kind === 'arg') {
      return each.pairs.some(({ name }) => later.some((other) => mentions(other, name)));
    }
    if (each.kind !== 'workdir') return true;
    const next = later.findIndex(({ kind }) => kind === 'workdir');
    if (next < 0 || !/^["']?[/$]/.test(later[next]!.argsText) || !isIdle(each)) return true;
    return later
      .slice(0, next)
      .some(
        (other) =>
          other.kind === 'run' ||
          (isCopy(other) && other.destination?.text.startsWith('/') !== true),
      );
  });
}

function mentions(instruction: Instruction, name: string): boolean {
  const isSilent =
    name === 'DEBIAN_FRONTEND' &&
    instruction.kind === 'run' &&
    /\b(apt|apt-get|dpkg)\b/.test(instruction.text);
  const { text } = instruction;
  return isSilent || (text.includes(name) && new RegExp(`\\$\\{?${name}\\b`).test(text));
}
