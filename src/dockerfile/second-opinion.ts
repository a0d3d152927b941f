/**
 * Do our splitter and dockerfile-ast agree on where the instructions begin?
 *
 * Two parsers that fail differently: where they disagree, ours wins if a known wrong result of
 * dockerfile-ast explains it; otherwise the file is left alone.
 */
import type { Dockerfile, Instruction } from 'dockerfile-ast';
import { Parser } from 'dockerfile-ast/lib/parser.js';
import { Util } from 'dockerfile-ast/lib/util.js';
import type { RawInstruction, SplitFile } from './split.ts';

// The library asks Node's Buffer for this, which a browser does not have.
Util.isUTF8BOM = (char) => char === '\ufeff';

type Made = Parameters<OpenParser['createInstruction']>;

/** An instruction of which nothing but its place is asked. */
class Place {
  readonly start: number;
  /** What the library would make it of. */
  readonly made: Made;

  constructor(made: Made) {
    this.start = made[2];
    this.made = made;
  }

  getKeyword(): string {
    return this.made[1].toUpperCase();
  }
}

/** The library's parser with what its types keep to itself. */
interface OpenParser {
  parse(text: string): { getInstructions(): readonly Place[] };
  createInstruction(
    file: Dockerfile,
    keyword: string,
    start: number,
    keywordEnd: number,
    end: number,
  ): Instruction | Place;
  processHeredocs(instruction: Instruction | Place, offset: number): number;
  processComment(file: Dockerfile, start: number): number;
}

const MAY_BE_HEREDOC = /<[<\\`]/;

/** Without any of these an instruction is one line to the library, too: nothing else leads it on. */
const MAY_GO_ON = /[\\\n]|<</;

// The library reads all words of every instruction, twice, and of these only heredocs decide where the
// next one begins. Without two `<`, between which a line may go on, there are none. Nor does anybody ask
// where comments stand, or in which column anything does.
class PlacesParser extends (Parser as unknown as new () => OpenParser) {
  private readonly text: string;
  private last: Place | undefined;

  constructor(text: string) {
    super();
    this.text = text;
  }

  override createInstruction(...made: Made): Place {
    // Made once to look for heredocs, and once more when its end is known.
    if (this.last?.start !== made[2]) this.last = new Place(made);
    return this.last;
  }

  override processHeredocs({ start, made }: Place, offset: number): number {
    return MAY_BE_HEREDOC.test(this.text.slice(start, offset))
      ? super.processHeredocs(super.createInstruction(...made), offset)
      : offset;
  }

  override processComment(_: Dockerfile, start: number): number {
    const length = this.text.slice(start).search(/[\r\n]/);
    return length < 0 ? this.text.length : start + length;
  }

  /** Offsets. */
  starts(): number[] {
    return this.parse(this.text)
      .getInstructions()
      .map(({ start }) => start);
  }
}

const known = new Map<string, boolean>();

/** The files of a project have many instructions alike, and most of a result is as it was. */
const MOST = 1024;

/** Characters: what is longer is hardly there twice. */
const LONGEST = 4096;

/** Blanks on which the two may differ, lone carriage returns among them. */
const ODD_BLANKS = /[\r\v\f\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]/;

/**
 * Whether both read the instruction alike, whatever is around it. The library goes from left to right:
 * where another instruction begins in the line below when there is nothing else, one may begin there in
 * every file with the same escape character. So with heredocs: the library found where they end before it
 * came to the line below.
 */
function isAgreedAlone(instruction: string): boolean {
  if (!MAY_GO_ON.test(instruction)) return true;
  let isAgreed = known.get(instruction);
  if (isAgreed === undefined) {
    const starts = startsOfTheirs(`${instruction}\nX`);
    isAgreed = starts.length === 2 && starts[0] === 0 && starts[1] === instruction.length + 1;
    if (instruction.length > LONGEST) return isAgreed;
    const oldest = known.keys().next();
    if (known.size >= MOST && oldest.done === false) known.delete(oldest.value);
    known.set(instruction, isAgreed);
  }
  return isAgreed;
}

/** Whether they agree on each instruction by itself, and on all that lies between: blank lines and comments. */
function isAgreedByEach(text: string, split: SplitFile, instructions: readonly string[]): boolean {
  const raws = split.instructions;
  if (split.escape !== '\\' || ODD_BLANKS.test(text)) return false;
  // The library knows more directives, and sees two in one line.
  if (/escape|#.*#/i.test(text.slice(0, raws[0]?.start))) return false;
  let at = 0;
  for (const { eol } of raws) {
    if (eol !== '\n' || !isAgreedAlone(instructions[at++]!)) return false;
  }
  return true;
}

/**
 * The line (0-based) of the first disagreement that nothing explains, or `undefined`.
 *
 * @param instructions their texts
 */
export function unexplainedDisagreement(
  text: string,
  split: SplitFile,
  instructions: readonly string[],
): number | undefined {
  return isAgreedByEach(text, split, instructions) ? undefined : firstDisagreement(text, split);
}

function firstDisagreement(text: string, split: SplitFile): number | undefined {
  const { bom, instructions } = split;
  const body = text.slice(bom.length);
  const starts = startsOfTheirs(body);
  // To the library a lone carriage return is a line end.
  const hasReturns = /\r(?!\n)/.test(body);
  const lineEnd = hasReturns ? /\r\n?|\n/ : '\n';
  const isAsOurs = (raw: RawInstruction, at: number): boolean =>
    raw.start === bom.length + starts[at]!;
  if (!hasReturns && starts.length === instructions.length && instructions.every(isAsOurs)) {
    return undefined;
  }
  const ours = instructions.map((raw) => raw.line);
  const theirs = starts.map((start) => body.slice(0, start).split(lineEnd).length - 1);
  let index = 0;
  while (index < ours.length && ours[index] === theirs[index]) index++;
  if (index === ours.length && index === theirs.length) return undefined;
  const line = Math.min(ours[index] ?? Infinity, theirs[index] ?? Infinity);
  // The instruction before the first difference is the one that was cut in two ways.
  const from = index === 0 ? 0 : instructions[index - 1]!.start;
  const last = instructions[index];
  const region = text.slice(from, last ? last.end : text.length);
  return isKnownTrap(region, split) ? undefined : line;
}

function startsOfTheirs(text: string): readonly number[] {
  try {
    return new PlacesParser(text).starts();
  } catch {
    // It throws on a few inputs; no opinion is no disagreement that could be explained.
    return [];
  }
}
function isKnownTrap(region: string, split: SplitFile): boolean {
  return (
    // An escaped escape at a line's end does not continue the line.
    /(\\\\|``)[ \t]*\r?(\n|$)/.test(region) ||
    // An escaped character right before a continuation.
    /[\\`][ \t]+[\\`][ \t]*\r?\n/.test(region) ||
    // Heredocs: any digits before, blanks after, quoted words, `<<` inside quotes.
    region.includes('<<') ||
    // A lone carriage return is no line end.
    /\r(?!\n)/.test(region) ||
    // An unknown directive ends the directives, and `escape` after it means nothing.
    /^[ \t]*#[ \t]*escape[ \t]*=/im.test(region) ||
    /^\s*#[ \t]*escape[ \t]*=/im.test(split.directives.length === 0 ? region : '') ||
    // Blanks that Go takes for white space and JavaScript does not, or the other way round.
    /[\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff\v\f]/.test(region)
  );
}
