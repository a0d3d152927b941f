/**
 * Pull requests of the bot's own in one repository: what could be better on the default branch, what is
 * proposed already, what people closed. The plan is `proposalOf`'s; here it is fed and done.
 */
import { settingsIn } from './base-configuration.ts';
import type { Bot } from './bot.ts';
import { withCommands, type CommandState } from './commands.ts';
import { saidOn, writersOf } from './conversation.ts';
import { dockerfilesIn } from './dockerfiles.ts';
import { GitHubFailure, type GitHub, type PullRequest, type RepositoryName } from './github.ts';
import { branchOf, OWN_BRANCH, proposalOf } from './propose.ts';
import type { OwnPull, ProposalOperation, Proposals, ProposedFile } from './propose-types.ts';
import { BUDGET_OF_ALL, snapshotOf, type Snapshot } from './snapshot.ts';
import { optimize } from '../pipeline.ts';

export interface Wish {
  /** Only this pull request of the bot's own. */
  readonly only: number;
  /** Somebody with write access wants it made anew. */
  readonly isRebase: boolean;
}

export async function proposeIn(
  github: GitHub,
  of: RepositoryName,
  bot: Bot,
  wish?: Wish,
): Promise<Proposals> {
  const { propose, version, sign } = bot.settings;
  if (!propose) return NOTHING;
  const { defaultBranch, isArchived, isFork } = await github.repository(of);
  if (isArchived || isFork) return NOTHING;
  const tip = await github.branch(of, defaultBranch);
  // A repository without a commit.
  if (tip === undefined) return NOTHING;
  const open = (await github.pulls(of, { state: 'open' })).filter((pull) => isOurs(pull, of));
  const look: Looking = { github, of, bot, open, permissionOf: writersOf(github, of) };
  const snapshot = snapshotOf(github, of, tip, { ...BUDGET_OF_ALL });
  const files = await filesOf(snapshot, look);
  const pulls = await pullsOf(files, look, wish);
  const planned = proposalOf({
    files: files.map(({ file }) => file),
    pulls,
    base: defaultBranch,
    settings: { ...propose, version, ...(sign && { sign }) },
  });
  const operations = planned.operations.filter(
    (each) => !wish || (each.kind !== 'open pull' && each.number === wish.only),
  );
  const { skipped } = planned;
  for (const { path, reason } of skipped) bot.tell(`${path}: not proposed: ${reason}`);
  const executables = new Set(
    files.filter(({ isExecutable }) => isExecutable).map(({ file }) => file.path),
  );
  for (const operation of operations) {
    // In the order of the plan.
    // oxlint-disable-next-line no-await-in-loop
    await perform(operation, { github, of, tip, base: defaultBranch, executables });
  }
  return { operations, skipped };
}

const NOTHING: Proposals = { operations: [], skipped: [] };

interface Looking {
  readonly github: GitHub;
  readonly of: RepositoryName;
  readonly bot: Bot;
  /** Pull requests from branches that are named like the bot's. */
  readonly open: readonly PullRequest[];
  readonly permissionOf: (login: string) => Promise<string>;
}

function isOurs({ head }: PullRequest, { owner, name }: RepositoryName): boolean {
  return head.ref.startsWith(OWN_BRANCH) && head.repository === `${owner}/${name}`;
}

interface Proposable {
  readonly file: ProposedFile;
  readonly isExecutable: boolean;
}

async function filesOf(snapshot: Snapshot, look: Looking): Promise<readonly Proposable[]> {
  const { bot } = look;
  const states = statesOf(look);
  const files: Proposable[] = [];
  for (const found of await dockerfilesIn(snapshot, settingsIn(snapshot, bot), bot)) {
    const { path, text, failure, isExecutable, contextFolder } = found;
    if (text === undefined) {
      bot.tell(`${path} ${failure ?? 'was not read'}`);
      continue;
    }
    // oxlint-disable-next-line no-await-in-loop -- a file after the other, as their pull requests come
    const state = await states(path);
    const result = optimize(text, found.facts, withCommands(found.options, state));
    files.push({ file: { path, result, contextFolder }, isExecutable });
  }
  return files;
}

/** What people asked for in the open pull request of a file. */
function statesOf({
  github,
  of,
  bot,
  open,
  permissionOf,
}: Looking): (path: string) => Promise<CommandState> {
  const known = new Map<number, Promise<CommandState>>();
  return async (path) => {
    const branch = branchOf(path, bot.settings.propose?.grouping ?? 'each');
    const pull = open.find(({ head }) => head.ref === branch);
    if (!pull) return { ignored: [], level: undefined };
    const asked =
      known.get(pull.number) ??
      saidOn(github, of, pull.number, permissionOf).then(({ state }) => state);
    known.set(pull.number, asked);
    return asked;
  };
}

/** Open ones, and of the branches that would be proposed the closed ones. */
async function pullsOf(
  files: readonly Proposable[],
  { github, of, bot, open }: Looking,
  wish: Wish | undefined,
): Promise<readonly OwnPull[]> {
  const grouping = bot.settings.propose?.grouping ?? 'each';
  const branches = new Set(
    files
      .filter(({ file: { result } }) => result.output !== result.input || result.files.length > 0)
      .map(({ file }) => branchOf(file.path, grouping)),
  );
  for (const { head } of open) branches.delete(head.ref);
  const closed: PullRequest[] = [];
  for (const branch of branches) {
    // Few, and one after the other is what GitHub asks for.
    // oxlint-disable-next-line no-await-in-loop
    const found = await github.pulls(of, { state: 'all', head: branch });
    closed.push(...found.filter((pull) => isOurs(pull, of) && pull.state === 'closed'));
  }
  const self = await github.self();
  return Promise.all([...open, ...closed].map((pull) => ownPull(pull, github, of, self, wish)));
}

async function ownPull(
  pull: PullRequest,
  github: GitHub,
  of: RepositoryName,
  self: string,
  wish: Wish | undefined,
): Promise<OwnPull> {
  const { number, head, title, body, isMerged } = pull;
  const isOwn = pull.author === self;
  const isOpen = pull.state === 'open';
  const isClosed = !isOpen && !isMerged;
  const commits = isOpen && isOwn ? await github.pullCommits(of, number) : [];
  return {
    number,
    isOwn,
    branch: head.ref,
    state: isOpen ? 'open' : isMerged ? 'merged' : 'closed',
    // Where nobody knows who closed it, it was a person.
    isClosedByPerson: isClosed && (await github.closedBy(of, number)) !== self,
    title,
    body,
    isUntouched: commits.every(({ author }) => author === self),
    isRebaseWanted: wish?.only === number && wish.isRebase,
  };
}

interface Place {
  readonly github: GitHub;
  readonly of: RepositoryName;
  /** The commit that was looked at. */
  readonly tip: string;
  /** The branch that pull requests go to. */
  readonly base: string;
  readonly executables: ReadonlySet<string>;
}

async function perform(operation: ProposalOperation, place: Place): Promise<void> {
  const { github, of, base } = place;
  switch (operation.kind) {
    case 'open pull': {
      await branchWith(operation, place);
      const { title, body, branch: head } = operation;
      try {
        await github.createPull(of, { title, body, head, base });
      } catch (error) {
        // An answer that was lost: the next run finds it.
        const isThere = error instanceof GitHubFailure && error.kind === 'refused';
        const open = isThere ? await github.pulls(of, { state: 'open', head }) : [];
        if (open.length === 0) throw error;
      }
      return;
    }
    case 'rebase pull': {
      const { number, title, body } = operation;
      await branchWith(operation, place);
      await github.updatePull(of, number, { title, body });
      return;
    }
    case 'close pull':
      await close(operation, place);
  }
}

/** The branch stands on one commit on top of the tip, whatever was there before. */
async function branchWith(
  {
    branch,
    changes,
    message,
  }: Pick<Extract<ProposalOperation, { kind: 'open pull' }>, 'branch' | 'changes' | 'message'>,
  { github, of, tip, executables }: Place,
): Promise<void> {
  const files = changes.map(({ path, text }) => ({
    path,
    text,
    isExecutable: executables.has(path),
  }));
  const commit = await github.createCommit(of, { parent: tip, message, files });
  if ((await github.branch(of, branch)) === undefined) {
    await github.createBranch(of, branch, commit);
  } else await github.moveBranch(of, branch, commit);
}

/** The comment once, however often this is begun. */
async function close(
  { number, branch, comment }: Extract<ProposalOperation, { kind: 'close pull' }>,
  { github, of }: Place,
): Promise<void> {
  const self = await github.self();
  const before = await github.comments(of, number);
  if (!before.some(({ author, body }) => author === self && body === comment)) {
    await github.createComment(of, number, comment);
  }
  await github.updatePull(of, number, { state: 'closed' });
  await github.deleteBranch(of, branch);
}
