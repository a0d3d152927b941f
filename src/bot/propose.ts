/**
 * Pull requests of the bot's own: which to open, to make anew, to close. What people closed stays closed;
 * where people added commits, nothing is written over unless one of them asks.
 */
import { markerOf, pathName, textName, type ProposalMarker } from './marker.ts';
import { branchOf } from './branch.ts';
import { bodyOf, FAREWELL, messageOf, titleOf } from './proposal-text.ts';
import type {
  FileChange,
  OwnPull,
  ProposalInput,
  ProposalOperation,
  Proposals,
  ProposedFile,
} from './propose-types.ts';
import { folderOf } from './reviewed.ts';

export { branchOf, OWN_BRANCH } from './branch.ts';
export type * from './propose-types.ts';

const MOST_OPEN = 5;

type Skipped = Proposals['skipped'][number];

/** Files that one pull request is about. */
interface Group {
  readonly branch: string;
  /** As its marker has it. */
  readonly name: string;
  readonly files: readonly ProposedFile[];
  readonly changes: readonly FileChange[];
}

export function proposalOf(input: ProposalInput): Proposals {
  const { pulls, settings } = input;
  const skipped: Skipped[] = [];
  const operations: ProposalOperation[] = [];
  const groups = groupsOf(input, skipped);
  const isOwn = (pull: OwnPull): boolean => pull.isOwn && pull.state === 'open';
  const obsolete = pulls.filter(
    (pull) => isOwn(pull) && groups.every(({ branch }) => branch !== pull.branch),
  );
  for (const pull of obsolete) operations.push(...closing(pull, input, skipped));
  let open = pulls.filter(isOwn).length - operations.length;
  for (const group of groups) {
    const operation = operationFor(group, input, open < (settings.mostOpen ?? MOST_OPEN));
    if (operation === undefined) continue;
    if ('why' in operation) {
      skipped.push(...group.files.map(({ path }) => ({ path, reason: operation.why })));
      continue;
    }
    if (operation.kind === 'open pull') open++;
    operations.push(operation);
  }
  return { operations, skipped };
}

/** @returns `undefined` where it is as it should be */
function operationFor(
  { branch, name, files, changes }: Group,
  { pulls, settings: { version, sign } }: ProposalInput,
  isRoom: boolean,
): ProposalOperation | { readonly why: string } | undefined {
  const marker: ProposalMarker = {
    kind: 'proposal',
    path: name,
    input: textName(JSON.stringify(changes.map(({ path, before }) => [path, before ?? null]))),
    output: textName(JSON.stringify(changes.map(({ path, text }) => [path, text]))),
  };
  const commit = {
    branch,
    changes,
    message: messageOf(files),
    title: titleOf(files),
    body: bodyOf(files, marker, version, sign),
  };
  const here = pulls.filter((pull) => pull.branch === branch);
  const open = here.find(({ state }) => state === 'open');
  if (!open) {
    const closed = here.find(
      (pull) => pull.isOwn && pull.state === 'closed' && pull.isClosedByPerson,
    );
    if (closed) return { why: `a person closed #${closed.number}` };
    return isRoom
      ? { kind: 'open pull', ...commit }
      : { why: 'there are enough pull requests open' };
  }
  if (!open.isOwn) return { why: `#${open.number} of somebody else has the branch ${branch}` };
  const rebase = { kind: 'rebase pull', number: open.number, ...commit } as const;
  if (open.isRebaseWanted) return rebase;
  const before = markerOf('proposal', open.body, sign);
  const isSame =
    before?.path === name && before.input === marker.input && before.output === marker.output;
  if (isSame) return undefined;
  return open.isUntouched ? rebase : { why: `people added commits to #${open.number}` };
}

/** Only what the marker shows to be a proposal: a branch of that name may be anything. */
function closing(
  pull: OwnPull,
  { settings }: ProposalInput,
  skipped: Skipped[],
): ProposalOperation[] {
  const { number, branch, body, isUntouched } = pull;
  if (!markerOf('proposal', body, settings.sign)) return [];
  if (!isUntouched) {
    skipped.push({
      path: branch,
      reason: `people added commits to #${number}, which has nothing left to do`,
    });
    return [];
  }
  return [{ kind: 'close pull', number, branch, comment: FAREWELL }];
}

/** What saves most comes first, as not all may find room. */
function groupsOf({ files, settings }: ProposalInput, skipped: Skipped[]): readonly Group[] {
  const { grouping, leastSaved = 0 } = settings;
  const sorted = files
    .filter(({ result }) => result.output !== result.input || result.files.length > 0)
    .toSorted((one, other) => savedBy(other) - savedBy(one) || (one.path < other.path ? -1 : 1));
  const worth = sorted.filter((file) => {
    const isWorth = leastSaved <= 0 || savedBy(file) >= leastSaved;
    if (!isWorth) skipped.push({ path: file.path, reason: 'it saves too little' });
    return isWorth;
  });
  if (grouping === 'each') {
    return worth.map((file) => groupOf(file.path, branchOf(file.path, grouping), [file], skipped));
  }
  const [first] = worth;
  return first ? [groupOf('all', branchOf(first.path, grouping), worth, skipped)] : [];
}

function savedBy({ result }: ProposedFile): number {
  return result.estimate?.saved.bytes ?? 0;
}

function groupOf(
  name: string,
  branch: string,
  files: readonly ProposedFile[],
  skipped: Skipped[],
): Group {
  const changes = new Map<string, FileChange>();
  const kept: ProposedFile[] = [];
  for (const file of files) {
    const own = changesOf(file);
    const clash = own.find(({ path, text }) => (changes.get(path)?.text ?? text) !== text);
    if (clash) {
      skipped.push({ path: file.path, reason: `another Dockerfile changes ${clash.path} too` });
      continue;
    }
    for (const change of own) changes.set(change.path, change);
    kept.push(file);
  }
  const sorted = [...changes.values()].toSorted((one, other) => (one.path < other.path ? -1 : 1));
  return { branch, name: pathName(name), files: kept, changes: sorted };
}

function changesOf({ path, result, contextFolder = folderOf(path) }: ProposedFile): FileChange[] {
  const { input, output, files } = result;
  const own = { path, text: output, before: input };
  const others = files.map(({ path: name, before, after }) => ({
    path: contextFolder + name,
    text: after,
    before,
  }));
  return output === input ? others : [...others, own];
}
