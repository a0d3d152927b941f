/** Which COPYs of the author's the shipped image repeats, whole, in part or not at all. */
import { fromOf } from '../analysis/stages.ts';
import { copyPlace } from '../analysis/copy-place.ts';
import { entryAt, isWithin } from '../analysis/context.ts';
import { pathInside } from '../analysis/go-paths.ts';
import { filesAtEnd, type ImageFiles } from '../analysis/image-files.ts';
import { placeCovers, placesMeet, plainPlace, type Place } from '../analysis/places.ts';
import { stateBefore } from '../analysis/state.ts';
import { plainText } from '../analysis/values.ts';
import { isCopy, type CopyInstruction, type Instruction } from '../dockerfile/model.ts';
import { type Call } from '../analysis/calls.ts';
import { liesAt, meets, type Carried } from './carried.ts';
import { narrowed, type InputTest, type Narrowed } from './copies.ts';
import { type Fates } from './fates.ts';
import { type Running } from './running.ts';
import { type RunSteps, type StageScope, type Step } from './steps.ts';

/** What is known of the stage that is divided. */
export interface CopyScope {
  readonly scope: StageScope;
  readonly runs: readonly RunSteps[];
  readonly running: Running;
  /** Of each COPY from the build context, what is no input of the build. */
  readonly narrowings: Map<CopyInstruction, Narrowed>;
  /** Of the COPYs of which somebody asked, whether nothing of them is there in the end. */
  readonly gone: Map<CopyInstruction, boolean>;
  /** Ecosystems whose builds make closed programs. */
  readonly closed: ReadonlySet<string>;
  /** Folders of which nothing is shipped but what is made in them. */
  readonly onlyBuild: readonly string[];
  readonly isInputPath: InputTest;
}

/** What the build writes over need not be brought by a COPY of which only parts are repeated. */
export function leaveOverwritten(
  asked: CopyScope,
  image: ImageFiles,
  carried: readonly Carried[],
): void {
  for (const [copy, { kind }] of asked.narrowings) {
    if (kind === 'same') {
      const places = [...(image.written.get(copy)?.keys() ?? [])];
      const isMade = (place: string): boolean =>
        !isBehindWork(asked, copy, place) &&
        carried.some(
          // A file by itself: what goes into a folder that is carried as a whole is decided below.
          ({ path, to, isShared }) => to === undefined && isShared !== true && path === place,
        );
      // A file that a step behind it changes, such as a script that is made executable.
      if (places.length > 0 && places.every(isMade)) asked.narrowings.set(copy, { kind: 'none' });
    }
    if (kind !== 'some') continue;
    const over = new Set(
      [...(image.written.get(copy) ?? [])].flatMap(([place, path]) =>
        carried.some((each) => liesAt(place, each.to ?? each.path)) ? [path] : [],
      ),
    );
    if (over.size === 0) continue;
    asked.narrowings.set(copy, narrowed(copy, image, asked.scope, asked.isInputPath, over));
  }
}

export function repeatedPlaces(asked: CopyScope, carried: readonly Carried[]): string[] {
  const { file, stage, facts, context } = asked.scope;
  return stage.instructions.flatMap((each) => {
    if (!isCopy(each) || fateOfCopy(asked, each, carried) === 'none') return [];
    const place = copyPlace(each, stateBefore(file, stage, each, facts), context, 'usual');
    return place ? [pathInside(place.path)] : [];
  });
}

/** Whether the place is a file that a repeated COPY puts into a folder which others share. */
export function isCopied(asked: CopyScope, place: Place, carried: readonly Carried[]): boolean {
  const { file, stage, facts, context } = asked.scope;
  const path = plainText(place.path);
  const isShared = carried.some(
    (each) => each.isShared === true && isWithin(pathInside(path ?? ''), each.to ?? each.path),
  );
  if (path === undefined || !isShared) return false;
  return stage.instructions.some((each) => {
    if (!isCopy(each) || fateOfCopy(asked, each, carried) === 'none') return false;
    const to = copyPlace(each, stateBefore(file, stage, each, facts), context, 'usual');
    const inside = to && pathInside(to.path);
    if (!to || !isWithin(pathInside(path), inside!)) return false;
    const below = pathInside(path).slice(inside!.length);
    return below === '' || to.names.includes(below.slice(1));
  });
}

/** Whether it goes into a folder that is carried as a whole: the build has to have it, then. */
export function comesWithBuild(
  asked: CopyScope,
  copy: CopyInstruction,
  carried: readonly Carried[],
): boolean {
  const { file, stage, facts, context } = asked.scope;
  const place = copyPlace(copy, stateBefore(file, stage, copy, facts), context, 'usual');
  if (!place) return false;
  const inside = pathInside(place.path);
  return carried.some(
    (each) =>
      each.work.within === each.path &&
      isWithin(inside, each.path) &&
      // What comes into the folder itself may lie over what was made there.
      (inside === each.path || !isBehindWork(asked, copy, inside)),
  );
}

export function fateOfCopy(
  asked: CopyScope,
  copy: CopyInstruction,
  carried: readonly Carried[],
): 'same' | 'none' | 'some' {
  const { file, stage, facts, context } = asked.scope;
  const place = copyPlace(copy, stateBefore(file, stage, copy, facts), context, 'usual');
  const inside = place && pathInside(place.path);
  if (comesWithBuild(asked, copy, carried)) return 'none';
  if (inside !== undefined && asked.onlyBuild.some((folder) => isWithin(inside, folder))) {
    return 'none';
  }
  if (isGone(asked, copy) || (inside !== undefined && isForInstalls(asked, inside))) return 'none';
  const narrowing = asked.narrowings.get(copy);
  return narrowing === undefined || narrowing.kind === 'unknown' ? 'same' : narrowing.kind;
}

/** Whether nothing of what it copies is there in the end. */
function isGone(asked: CopyScope, copy: CopyInstruction): boolean {
  let isIt = asked.gone.get(copy);
  if (isIt === undefined) asked.gone.set(copy, (isIt = isDeletedWhole(asked, copy)));
  return isIt;
}

function isDeletedWhole(asked: CopyScope, copy: CopyInstruction): boolean {
  const { file, stage, facts, context } = asked.scope;
  const place = copyPlace(copy, stateBefore(file, stage, copy, facts), context, 'usual');
  if (!place) return false;
  const inside = pathInside(place.path);
  const paths = place.isFolder ? place.names.map((name) => `${inside}/${name}`) : [inside];
  return [[inside], paths].some(
    (all) => all.length > 0 && all.every((path) => isDeletedLater(asked, copy, path)),
  );
}

/** Places of what COPYs bring for the steps behind them alone: it is deleted in the end. */
export function placesGone(asked: CopyScope, image: ImageFiles): readonly string[] {
  return [...asked.narrowings.keys()].flatMap((copy) =>
    isGone(asked, copy)
      ? [...(image.written.get(copy) ?? [])].flatMap(([place, path]) =>
          // Of a folder its files tell.
          entryAt(asked.scope.context!, path)?.kind === 'folder' ? [] : [place],
        )
      : [],
  );
}

/** Files that programs read, and that are none themselves. */
const DATA =
  /\.(json|ya?ml|toml|ini|conf|cfg|env|properties|x?html?|css|sql|txt|md|xml|csv|te?mpl|tpl|crt|pem|key|png|jpe?g|gif|svg|ico|ttf|otf|mo|po|db|sqlite3?|mmdb|proto|graphql)$/;

/** Whether all of the paths that lie in a place are such files. */
export function areData(paths: readonly string[], place: Place): boolean {
  return paths.every(
    (path) => DATA.test(path) || placesMeet(plainPlace(`/${path}`), place) === 'no',
  );
}

/** Whether no step of the build sees what it copies. */
export function isBehindWork(asked: CopyScope, copy: CopyInstruction, inside: string): boolean {
  const { instructions } = asked.scope.stage;
  const at = instructions.indexOf(copy);
  const isChanged = asked.runs.some(
    ({ run, steps }) =>
      instructions.indexOf(run) > at &&
      steps.some(
        ({ role }) =>
          role.kind === 'change' &&
          [...role.effects.writes, ...role.effects.deletes].some((place) => meets(inside, place)),
      ),
  );
  if (isChanged) return false;
  const last = asked.runs.findLast(({ steps }) =>
    steps.some(({ role }) => role.kind === 'work' && role.work.isRepeated !== true),
  );
  return last !== undefined && at > instructions.indexOf(last.run);
}

/**
 * Whether another COPY brings the same files again, before anything in the shipped image reads them.
 *
 * @param isReader whether an instruction of the shipped image runs something that may read files
 */
export function isCopiedAgain(
  asked: CopyScope,
  copy: CopyInstruction,
  carried: readonly Carried[],
  isReader: (instruction: Instruction) => boolean,
): boolean {
  const { file, stage, context, facts } = asked.scope;
  const written = context && filesAtEnd(file, stage, context, facts).written;
  const own = written?.get(copy);
  const isPlain = (each: CopyInstruction): boolean =>
    each.flags.length === 0 &&
    fromOf(each) === undefined &&
    fateOfCopy(asked, each, carried) === 'same';
  if (!own || own.size === 0 || !isPlain(copy)) return false;
  for (const each of stage.instructions.slice(stage.instructions.indexOf(copy) + 1)) {
    if (isReader(each) || each.kind === 'user') return false;
    if (!isCopy(each) || !isPlain(each)) continue;
    const others = written?.get(each);
    if ([...own].every(([place, path]) => others?.get(place) === path)) return true;
  }
  return false;
}

/** Whether it lies in a folder for what is temporary, and only the build speaks of it. */
export function isForInstalls(asked: CopyScope, inside: string): boolean {
  if (!/^(var\/)?tmp(\/|$)/.test(inside)) return false;
  const { stage } = asked.scope;
  const isBuild = ({ role }: Step): boolean =>
    role.kind === 'work' ||
    role.kind === 'check' ||
    role.kind === 'setting' ||
    (role.kind === 'change' && role.effects.writes.length === 0);
  return stage.instructions.every((each) => {
    if (isCopy(each) || !each.text.includes('/tmp')) return true;
    return asked.runs.some(({ run, steps }) => run === each && steps.every(isBuild));
  });
}

/** Whether a step behind it deletes all that it copies. */
export function isDeletedLater(asked: CopyScope, copy: CopyInstruction, inside: string): boolean {
  const { instructions } = asked.scope.stage;
  const at = instructions.indexOf(copy);
  return asked.runs.some(
    ({ run, steps }) =>
      instructions.indexOf(run) > at &&
      steps.some(
        ({ role }) =>
          role.kind === 'change' &&
          role.effects.program !== 'mv' &&
          role.effects.certainty !== 'may run' &&
          role.effects.deletes.some((place) => place.isGuess !== true && deletesAll(place, inside)),
      ),
  );
}

/** What programs that fetch read without being told: certificates, keys, settings of the system. */
const READ_BY_TOOLS =
  /^(usr\/(local\/)?share\/(pki|ca-certificates)|etc\/(ssl|pki|ca-certificates|apt|apk|pip\.conf|gitconfig|npmrc|ssh|resolv\.conf|hosts)|(root|home\/[^/]+)\/\.[^/]+)(\/|$)/;

/** Whether a COPY brings nothing that a build of closed programs reads. */
export function isForProgram(asked: CopyScope, copy: CopyInstruction): boolean {
  const { context, file, stage, facts } = asked.scope;
  if (!context || asked.narrowings.get(copy)?.kind !== 'same' || asked.closed.size === 0)
    return false;
  // Tools of other languages look for their own files: `npm ci` for its lockfile.
  const isMixed = asked.runs.some(({ steps }) =>
    steps.some(({ role }) => role.kind === 'work' && !asked.closed.has(role.work.ecosystem)),
  );
  if (isMixed) return false;
  const image = filesAtEnd(file, stage, context, facts);
  const written = [...(image.written.get(copy) ?? [])];
  if (written.some(([place]) => READ_BY_TOOLS.test(place))) return false;
  const files = written.map(([, path]) => path);
  const texts = [...context.texts].filter(
    ([path]) => asked.isInputPath(path) && path !== context.dockerfile,
  );
  return (
    files.length > 0 &&
    files.every((path) => !asked.isInputPath(path)) &&
    texts.every(([path, text]) => !takesIn(path, text, files)) &&
    asked.runs.every(({ run }) => files.every((path) => !run.text.includes(path)))
  );
}

/** What comes from another image: a tool of the build, or a part of the program. */
export function fateOfForeign(
  asked: CopyScope,
  copy: CopyInstruction,
  fates: Fates,
): 'same' | 'none' {
  const { file, stage, facts, context } = asked.scope;
  const place = copyPlace(copy, stateBefore(file, stage, copy, facts), context, 'usual');
  if (!place) return 'same';
  const isProgram = /^\/(usr\/(local\/)?)?s?bin(\/|$)/.test(place.path);
  if (!isProgram) return 'same';
  const names = [...place.names, place.path.slice(place.path.lastIndexOf('/') + 1)];
  const isCalled = (calls: readonly { readonly program: string }[]): boolean =>
    calls.some(({ program }) => names.includes(program.slice(program.lastIndexOf('/') + 1)));
  const steps = asked.runs.flatMap((each) => each.steps);
  const shipped = steps.filter((step) => fates.get(step)?.kind === 'ship');
  const callsOf = (some: readonly Step[]): readonly Call[] =>
    some.flatMap(({ call }) => call ?? []);
  const isOfImage = isCalled(asked.running.calls) || isCalled(callsOf(shipped));
  return isCalled(callsOf(steps)) && !isOfImage ? 'none' : 'same';
}

function deletesAll(place: Place, path: string): boolean {
  return placeCovers(place, plainPlace(`/${path}`)) === 'yes';
}

/** Code that takes other files into the program while it is compiled. */
const EMBEDS = /go:(embed|generate)|\binclude(_str|_bytes|_dir)?!|\bincbin\b|#embed\b/;

/** Languages whose compilers read no file but those that such code names. */
const NAMES_NO_FILES = /\.(go|java|kt)$/;

/** Where macros of Rust look for files that nothing names: migrations, templates, answers of a database. */
const OF_MACROS = /^(migrations|templates|views|i18n|locales|protos?|\.sqlx)$/;

/** Whether a file of a build may read one of the others. */
function takesIn(path: string, text: string, files: readonly string[]): boolean {
  if (EMBEDS.test(text)) return true;
  if (NAMES_NO_FILES.test(path)) return false;
  if (path.endsWith('.rs')) {
    // Macros are programs that run while the compiler does.
    const parts = new Set(files.flatMap((each) => each.split('/')));
    return [...parts].some((part) => OF_MACROS.test(part) || text.includes(part));
  }
  return files.some((each) => text.includes(each.slice(each.lastIndexOf('/') + 1)));
}
