/**
 * What a call of a program does to files, by its row of facts.
 *
 * A row names places in terms of the call: `all` operands, the `first` or `last`, `others` (all but
 * the last), `rest` (all but the first), `paths` (those that look like paths), `names` (files in the
 * current folder called as the operands end), `name` (as the first ends, without `.git`), `siblings`
 * (what begins as the operands do, their extension aside), `folder` (the current one), `value -o|--out`
 * (of these options; `value* -f`: whatever begins so), `./x`, `/x`, `~/x`, and `${NAME|x}`: the
 * variable's value, or what stands behind the bar where it is not set.
 */
import type { CommandCase, CommandRow, PlaceTerms } from '../facts/types.ts';
import { matchesAny, matchesWhole } from './patterns.ts';
import { resolvePath } from './paths.ts';
import { placeAt, placesAt, somewhere, type Place } from './places.ts';
import type { Argument } from './shell-expansion.ts';
import { plainText, prefixOf, textOf, type Reading, type Text } from './values.ts';

/** A call's words after the program, told apart by what its row says of options. */
export interface Call {
  readonly options: readonly CallOption[];
  readonly operands: readonly Argument[];
  /** Some words may be any number of others. */
  readonly isOpen: boolean;
}

export interface CallOption {
  readonly name: string;
  readonly value: Argument | undefined;
}

/** Where a call runs. */
export interface Surroundings {
  readonly folder: Text;
  readonly read: (name: string) => Reading;
  readonly home: (user: string) => Text;
}

export interface RowEffects {
  readonly reads: readonly Place[];
  readonly writes: readonly Place[];
  readonly deletes: readonly Place[];
  readonly changes: 'owner' | 'mode' | undefined;
  readonly network: 'yes' | 'no' | 'unknown';
  /** Why the call may do more; `undefined` where it does not. */
  readonly may: string | undefined;
}

type Grammar = Pick<
  CommandRow,
  'style' | 'valueOptions' | 'attached' | 'dashOperands' | 'folderOption'
>;

export function readCall(args: readonly Argument[], row: Grammar): Call {
  return new Reader(args, row).call();
}

class Reader {
  private readonly options: CallOption[] = [];
  private readonly operands: Argument[] = [];
  private at = 0;
  private readonly args: readonly Argument[];
  private readonly row: Grammar;
  private readonly withValue: ReadonlySet<string>;

  constructor(args: readonly Argument[], row: Grammar) {
    this.args = args;
    this.row = row;
    this.withValue = new Set([...(row.valueOptions ?? []), row.folderOption ?? '']);
  }

  call(): Call {
    if (this.row.style === 'bundled') this.bundle();
    while (this.at < this.args.length) this.word(this.args[this.at++]!);
    const isOpen = this.args.some((each) => each.isOpen);
    return { options: this.options, operands: this.operands, isOpen };
  }

  /** `tar xzf file`: letters without a dash, and their values behind them in order. */
  private bundle(): void {
    const letters = this.args[0] && plainText(this.args[0].text);
    if (letters === undefined || !/^[A-Za-z]+$/.test(letters)) return;
    this.at++;
    for (const letter of letters) this.option(`-${letter}`, true);
  }

  private option(name: string, takesNext: boolean): void {
    const takes = takesNext && this.withValue.has(name);
    this.options.push({ name, value: takes ? this.args[this.at++] : undefined });
  }

  private word(word: Argument): void {
    const start = prefixOf(word.text);
    const { style = 'posix', dashOperands } = this.row;
    if (style === 'assignments') {
      const [whole, name] = /^(\w+)=/.exec(start) ?? [];
      if (whole === undefined) this.operands.push(word);
      else this.options.push({ name: name!, value: cut(word, whole.length) });
    } else if (!start.startsWith('-') || start === '-') {
      this.operands.push(word);
    } else if (dashOperands !== undefined && matchesWhole(dashOperands, start)) {
      this.operands.push(word);
    } else if (start === '--' && plainText(word.text) === '--') {
      this.operands.push(...this.args.slice(this.at));
      this.at = this.args.length;
    } else if (start.startsWith('--') || style === 'long') {
      this.long(word, start);
    } else {
      this.cluster(word, start);
    }
  }

  private long(word: Argument, start: string): void {
    const equals = start.indexOf('=');
    if (equals > 0) {
      this.options.push({ name: start.slice(0, equals), value: cut(word, equals + 1) });
      return;
    }
    const isWhole = plainText(word.text) !== undefined;
    if (isWhole && this.withValue.has(start)) return this.option(start, true);
    // `-ofile`, `-I/usr/include`: only single letters have their value attached.
    const short = start.slice(0, 2);
    if (this.row.style === 'long' && !start.startsWith('--') && this.withValue.has(short)) {
      this.options.push({ name: short, value: cut(word, 2) });
      return;
    }
    this.options.push({ name: start, value: undefined });
  }

  /** `-xzf file`, `-ofile`. */
  private cluster(word: Argument, start: string): void {
    for (let index = 1; index < start.length; index++) {
      const name = `-${start[index]!}`;
      if (this.row.attached?.includes(name)) {
        this.options.push({ name, value: cut(word, index + 1) });
        return;
      }
      if (this.withValue.has(name)) {
        const rest = cut(word, index + 1);
        if (rest.text.length > 0) this.options.push({ name, value: rest });
        else this.option(name, true);
        return;
      }
      this.options.push({ name, value: undefined });
    }
  }
}

/** The argument without its first characters, which are known. */
function cut(word: Argument, length: number): Argument {
  const [first, ...rest] = word.text;
  return { ...word, text: textOf((first as string).slice(length), rest) };
}

export function hasOption({ options }: Call, patterns: readonly string[]): boolean {
  return options.some(({ name }) => matchesAny(patterns, name));
}

/** What a program's call does, or `undefined` where its form is not known. */
export function effectsOfRow(
  row: CommandRow,
  call: Call,
  surroundings: Surroundings,
): RowEffects | undefined {
  for (const each of row.cases) {
    const operands = operandsOf(each, call);
    if (!operands) continue;
    // A variable of which nothing is known may hold options, too.
    const mayHoldOptions = call.isOpen && row.cases.some((one) => dependsOnOptions(one));
    return effectsOfTerms(each, { ...call, operands, isOpen: mayHoldOptions }, surroundings);
  }
  return undefined;
}

function dependsOnOptions({ options, needs, reads, writes, deletes }: CommandCase): boolean {
  const terms = [...(reads ?? []), ...(writes ?? []), ...(deletes ?? [])];
  return Boolean(options ?? needs) || terms.some((term) => term.startsWith('value'));
}

/** The operands that are left when the case holds. */
function operandsOf(each: CommandCase, call: Call): readonly Argument[] | undefined {
  if (each.options && !hasOption(call, each.options)) return undefined;
  if (each.needs && !hasOption(call, each.needs)) return undefined;
  let { operands } = call;
  if (each.first !== undefined) {
    const length = each.first.split(' ').length;
    const words = operands.slice(0, length).map(({ text }) => plainText(text));
    if (words.includes(undefined) || !matchesWhole(each.first, words.join(' '))) return undefined;
    operands = operands.slice(length);
  }
  if (operands.length < (each.least ?? 0) || operands.length > (each.most ?? Infinity)) {
    return undefined;
  }
  return operands;
}

export function effectsOfTerms(
  terms: PlaceTerms & Pick<CommandCase, 'changes'>,
  call: Call,
  surroundings: Surroundings,
): RowEffects {
  const places = (list: readonly string[] | undefined): Place[] =>
    (list ?? []).flatMap((term) => placesOf(term, call, surroundings));
  const open = call.isOpen ? 'a variable of which nothing is known may be any words' : undefined;
  return {
    reads: places(terms.reads),
    writes: places(terms.writes),
    deletes: places(terms.deletes),
    changes: terms.changes,
    network: terms.network ?? 'no',
    may: terms.may ?? open,
  };
}

const fixed = new Map<string, readonly Place[]>();

function placesOf(
  term: string,
  { options, operands }: Call,
  where: Surroundings,
): readonly Place[] {
  if (term.startsWith('/')) {
    let places = fixed.get(term);
    if (!places) fixed.set(term, (places = [placeAt([term])]));
    return places;
  }
  const all = (list: readonly Argument[]): Place[] =>
    list.flatMap((each) => placesOfArgument(each, where.folder));
  switch (term) {
    case 'all':
      return all(operands);
    case 'first':
      return all(operands.slice(0, 1));
    case 'last':
      return all(operands.slice(-1));
    case 'others':
      return all(operands.slice(0, -1));
    case 'rest':
      return all(operands.slice(1));
    case 'paths':
      return all(operands.filter(looksLikePath));
    case 'names':
      return operands.map((each) => named(each, where.folder));
    case 'name':
      return operands.slice(0, 1).map((each) => named(each, where.folder));
    case 'siblings':
      return all(operands).map(sibling);
    case 'folder':
      return [placeAt(where.folder)];
  }
  const value = /^value(\*?) (.*)$/.exec(term);
  if (value) {
    const names = value[2]!.split('|');
    const found = options.flatMap(({ name, value: of }) =>
      of && names.includes(name) ? placesOfArgument(of, where.folder) : [],
    );
    return value[1] === '*' ? found.map((place) => beginning(place)) : found;
  }
  return placesAt(fixedPath(term, where));
}

/** The place that an argument names; none for `-` and for URLs. */
export function placesOfArgument(
  { text, isPattern, isOpen, isGuess }: Argument,
  folder: Text,
): readonly Place[] {
  const plain = plainText(text);
  if (plain === '-' || plain === '' || /^(\w+:\/\/|[\w.-]+@[\w.-]+:)/.test(prefixOf(text))) {
    return [];
  }
  if (/^\/dev\/(null|zero|u?random|tty|stdin|stdout|stderr|full|fd\/\d+)$/.test(plain ?? '')) {
    return [];
  }
  if (isOpen) return [somewhere(describe(text))];
  const places = placesAt(resolvePath(folder, text), isPattern);
  return isGuess ? places.map((place) => ({ ...place, isGuess })) : places;
}

function describe(text: Text): string {
  return text.map((part) => (typeof part === 'string' ? part : part.unknown)).join('');
}

function looksLikePath({ text }: Argument): boolean {
  const start = prefixOf(text);
  return (
    /^(\.{0,2}\/|\.{1,2}$|~)/.test(start) ||
    typeof text[0] !== 'string' ||
    /\.(deb|rpm|apk|whl|tgz|tar\.\w+|zip|gem|conda)$/.test(plainText(text) ?? '')
  );
}

/** A file in the current folder, called as the argument's last part. */
function named({ text }: Argument, folder: Text): Place {
  const last = text.at(-1);
  const end = typeof last === 'string' ? last.replace(/[?#].*$/, '').replace(/\/+$/, '') : '';
  const slash = end.lastIndexOf('/');
  // `$URL` and `$URL/x-$VERSION` end in something unknown, but in one file of this folder.
  const isKnown = end !== '' && (slash >= 0 || text.length === 1);
  const name = end
    .slice(slash + 1)
    .replace(/^.*:/, '')
    .replace(/\.git$/, '');
  if (!isKnown || name === '') return placeAt(textOf(folder, '/', { unknown: describe(text) }));
  return placeAt(textOf(folder, '/', name));
}

/** `dir/file.gz`: whatever begins with `dir/file`. */
function sibling(place: Place): Place {
  const last = place.path.at(-1);
  if (typeof last !== 'string') return place;
  const stem = last.replace(/(?<=[^/])\.[^./]*$/, '');
  return beginning({ ...place, path: textOf(place.path.slice(0, -1), stem) });
}

function beginning({ path }: Place): Place {
  return { path: textOf(path, '*'), isPattern: true };
}

function fixedPath(term: string, { folder, read, home }: Surroundings): Text {
  const variable = /^\$\{(\w+)\|([^}]+)\}(.*)$/.exec(term);
  if (variable) {
    const { isSet, text } = read(variable[1]!);
    const rest = variable[3]!;
    if (isSet === true && text.length > 0) return textOf(resolvePath(folder, text), rest);
    const usual = fixedPath(variable[2]!, { folder, read, home });
    return isSet === false ? textOf(usual, rest) : [{ unknown: `\${${variable[1]!}}` }];
  }
  if (term.startsWith('~')) return textOf(home(''), term.slice(1));
  return resolvePath(folder, [term]);
}
