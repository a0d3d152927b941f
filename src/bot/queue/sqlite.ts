/**
 * The queue in a file of SQLite, for one machine: any number of processes may share the file. A step
 * is one transaction, and is on the disk when it is done.
 */
import { randomUUID } from 'node:crypto';
import type DatabaseConstructor from 'better-sqlite3';
import { keyOf, type Delivery } from '../delivery.ts';
import { newBell } from './bell.ts';
import { parkedJobOf, RETENTION, type Job, type Queue, type Retention } from './queue.ts';

type Database = DatabaseConstructor.Database;

/** Raised with every change of the tables; a file of another version is refused. */
const VERSION = 1;

/**
 * `lines.due` is when a line may be taken again: its head waits until then, or the lease ends then.
 * A line and an installation are there only as long as something waits in them.
 */
const TABLES = `
  CREATE TABLE jobs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    line TEXT NOT NULL,
    installation INTEGER NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,
    losses INTEGER NOT NULL DEFAULT 0,
    parked_at INTEGER,
    reason TEXT,
    delivery TEXT NOT NULL
  );
  CREATE INDEX jobs_in_line ON jobs (line, seq) WHERE parked_at IS NULL;
  CREATE INDEX jobs_parked ON jobs (parked_at) WHERE parked_at IS NOT NULL;
  CREATE TABLE lines (
    line TEXT PRIMARY KEY,
    installation INTEGER NOT NULL,
    due INTEGER NOT NULL,
    lease TEXT
  ) WITHOUT ROWID;
  CREATE INDEX lines_due ON lines (installation, due);
  CREATE TABLE installations (
    id INTEGER PRIMARY KEY,
    served INTEGER NOT NULL,
    held_until INTEGER NOT NULL DEFAULT 0
  );
  CREATE INDEX installations_served ON installations (served);
  CREATE TABLE seen (id TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX seen_until ON seen (until);
`;

/** How long one process waits for the others' transactions, in milliseconds. */
const BUSY_MS = 10_000;

/** Other processes add without a word to this one: how often it looks, in milliseconds. */
const LOOK_MS = 250;

interface LineRow {
  readonly line: string;
  readonly lease: string | null;
}

interface JobRow {
  readonly seq: number;
  readonly id: string;
  readonly delivery: string;
  readonly failures: number;
  readonly losses: number;
}

interface ParkedRow {
  readonly delivery: string;
  readonly parked_at: number;
  readonly reason: string | null;
}

/** @throws an error whose message is for people: the package is missing, the file is no queue */
export async function openSqliteQueue(
  file: string,
  retention: Retention = RETENTION,
): Promise<Queue> {
  const database = open(await sqlite(), file);
  const bell = newBell();
  const sql = statementsOf(database);
  const now = (): number => Date.now();

  /** The head is gone: the next one may be taken, or the line is done. */
  const advance = (line: string, installation: number): void => {
    if (sql.head.get(line)) sql.release.run(now(), line);
    else {
      sql.deleteLine.run(line);
      sql.deleteIdle.run(installation, now());
    }
  };

  const join = (line: string, installation: number): void => {
    sql.join.run(installation);
    sql.addLine.run(line, installation, now());
  };

  const add = database.transaction((delivery: Delivery): boolean => {
    const { id, installation = 0 } = delivery;
    if (sql.known.get(id, id)) return false;
    const line = keyOf(delivery);
    sql.addJob.run(id, line, installation, JSON.stringify(delivery));
    join(line, installation);
    return true;
  });

  const take = database.transaction((leaseMs: number): Job | undefined => {
    const installation = sql.nextInstallation.get(now(), now())?.id;
    if (installation === undefined) return undefined;
    const { line, lease: lost } = sql.nextLine.get(installation, now())!;
    const { seq, delivery, failures, losses } = sql.head.get(line)!;
    if (lost !== null) sql.addLoss.run(seq);
    const lease = randomUUID();
    sql.lease.run(lease, now() + leaseMs, line);
    sql.serve.run(installation);
    return {
      delivery: JSON.parse(delivery) as Delivery,
      key: line,
      failures,
      losses: losses + (lost === null ? 0 : 1),
      lease,
    };
  });

  /** @returns the job in the hands of whoever asks */
  const held = ({ key, lease }: Job): (JobRow & { installation: number }) | undefined => {
    const line = sql.leased.get(key, lease);
    return line && { ...sql.head.get(key)!, installation: line.installation };
  };

  const finish = database.transaction((job: Job): boolean => {
    const row = held(job);
    if (!row) return false;
    sql.deleteJob.run(row.seq);
    sql.see.run(row.id, now() + retention.seenMs);
    advance(job.key, row.installation);
    return true;
  });

  const retry = database.transaction((job: Job, again: Parameters<Queue['retry']>[1]): boolean => {
    const row = held(job);
    if (!row) return false;
    const due = now() + again.afterMs;
    sql.fail.run(again.isFailure ? 1 : 0, again.reason, row.seq);
    sql.release.run(due, job.key);
    if (again.isForInstallation) sql.hold.run(due, row.installation);
    return true;
  });

  const park = database.transaction((job: Job, reason: string): boolean => {
    const row = held(job);
    if (!row) return false;
    sql.park.run(now(), reason, row.seq);
    advance(job.key, row.installation);
    return true;
  });

  const unpark = database.transaction((id: string): boolean => {
    const row = sql.parkedOne.get(id);
    if (!row) return false;
    sql.deleteJob.run(row.seq);
    sql.addJob.run(id, row.line, row.installation, row.delivery);
    join(row.line, row.installation);
    return true;
  });

  const sweep = database.transaction((): void => {
    sql.sweepSeen.run(now());
    sql.sweepParked.run(now() - retention.parkedMs);
    sql.sweepIdle.run(now());
  });

  // Immediate: a transaction that only finds out later that it writes would fail beside another one.
  return {
    add: async (delivery) => {
      const isNew = add.immediate(delivery);
      if (isNew) bell.ring();
      return isNew;
    },
    take: async (leaseMs) => take.immediate(leaseMs),
    renew: async ({ key, lease }, leaseMs) =>
      sql.renew.run(now() + leaseMs, key, lease).changes === 1,
    finish: async (job) => finish.immediate(job),
    retry: async (job, again) => retry.immediate(job, again),
    park: async (job, reason) => park.immediate(job, reason),
    parked: async (limit) =>
      sql.parked
        .all(limit)
        .map(({ delivery, parked_at, reason }) =>
          parkedJobOf(JSON.parse(delivery) as Delivery, parked_at, reason ?? ''),
        ),
    unpark: async (id) => {
      const isThere = unpark.immediate(id);
      if (isThere) bell.ring();
      return isThere;
    },
    counts: async () => sql.counts.get(now())!,
    sweep: async () => {
      sweep.immediate();
      database.pragma('incremental_vacuum');
    },
    changed: (ms) => bell.heard(Math.min(ms, LOOK_MS)),
    wake: bell.ring,
    close: async () => {
      bell.ring();
      database.close();
    },
  };
}

async function sqlite(): Promise<typeof DatabaseConstructor> {
  try {
    return (await import('better-sqlite3')).default;
  } catch {
    throw new Error(
      'the package better-sqlite3 is not there or was built for another Node: install it (npm install better-sqlite3), or use --redis',
    );
  }
}

function open(Constructor: typeof DatabaseConstructor, file: string): Database {
  let database: Database | undefined;
  try {
    database = new Constructor(file, { timeout: BUSY_MS });
    // Has an effect only on a new file, and only before all else.
    database.pragma('auto_vacuum = INCREMENTAL');
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('journal_size_limit = 16777216');
    create(database);
    return database;
  } catch (error) {
    database?.close();
    const what = error instanceof Error ? error.message : String(error);
    throw new Error(`the queue cannot be opened: ${what}`, { cause: error });
  }
}

function create(database: Database): void {
  database
    .transaction(() => {
      const version = database.pragma('user_version', { simple: true });
      if (version === VERSION) return;
      const isEmpty = database.prepare('SELECT 1 FROM sqlite_schema').get() === undefined;
      if (version !== 0 || !isEmpty) {
        throw new Error('the file was written by another program or another version of dfopt');
      }
      database.exec(TABLES);
      database.pragma(`user_version = ${VERSION}`);
    })
    .immediate();
}

function statementsOf(database: Database) {
  return {
    known: database.prepare<[string, string]>(
      'SELECT 1 FROM jobs WHERE id = ? UNION ALL SELECT 1 FROM seen WHERE id = ?',
    ),
    addJob: database.prepare<[string, string, number, string]>(
      'INSERT INTO jobs (id, line, installation, delivery) VALUES (?, ?, ?, ?)',
    ),
    addLine: database.prepare<[string, number, number]>(
      'INSERT INTO lines (line, installation, due) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    // At the end of the round: who came and went could otherwise always be the next.
    join: database.prepare<[number]>(
      `INSERT INTO installations (id, served)
       SELECT ?, coalesce(max(served), 0) + 1 FROM installations WHERE true ON CONFLICT DO NOTHING`,
    ),
    nextInstallation: database.prepare<[number, number], { id: number }>(
      `SELECT id FROM installations AS i WHERE held_until <= ?
       AND EXISTS (SELECT 1 FROM lines WHERE installation = i.id AND due <= ?)
       ORDER BY served LIMIT 1`,
    ),
    nextLine: database.prepare<[number, number], LineRow>(
      'SELECT line, lease FROM lines WHERE installation = ? AND due <= ? ORDER BY due LIMIT 1',
    ),
    head: database.prepare<[string], JobRow>(
      `SELECT seq, id, delivery, failures, losses FROM jobs
       WHERE line = ? AND parked_at IS NULL ORDER BY seq LIMIT 1`,
    ),
    lease: database.prepare<[string, number, string]>(
      'UPDATE lines SET lease = ?, due = ? WHERE line = ?',
    ),
    leased: database.prepare<[string, string], { installation: number }>(
      'SELECT installation FROM lines WHERE line = ? AND lease = ?',
    ),
    renew: database.prepare<[number, string, string]>(
      'UPDATE lines SET due = ? WHERE line = ? AND lease = ?',
    ),
    release: database.prepare<[number, string]>(
      'UPDATE lines SET lease = NULL, due = ? WHERE line = ?',
    ),
    deleteLine: database.prepare<[string]>('DELETE FROM lines WHERE line = ?'),
    serve: database.prepare<[number]>(
      'UPDATE installations SET served = (SELECT max(served) + 1 FROM installations) WHERE id = ?',
    ),
    hold: database.prepare<[number, number]>(
      'UPDATE installations SET held_until = max(held_until, ?) WHERE id = ?',
    ),
    deleteIdle: database.prepare<[number, number]>(
      `DELETE FROM installations WHERE id = ? AND held_until <= ?
       AND NOT EXISTS (SELECT 1 FROM lines WHERE installation = installations.id)`,
    ),
    sweepIdle: database.prepare<[number]>(
      `DELETE FROM installations WHERE held_until <= ?
       AND NOT EXISTS (SELECT 1 FROM lines WHERE installation = installations.id)`,
    ),
    addLoss: database.prepare<[number]>('UPDATE jobs SET losses = losses + 1 WHERE seq = ?'),
    fail: database.prepare<[number, string, number]>(
      'UPDATE jobs SET failures = failures + ?, reason = ? WHERE seq = ?',
    ),
    deleteJob: database.prepare<[number]>('DELETE FROM jobs WHERE seq = ?'),
    see: database.prepare<[string, number]>(
      'INSERT OR REPLACE INTO seen (id, until) VALUES (?, ?)',
    ),
    sweepSeen: database.prepare<[number]>('DELETE FROM seen WHERE until <= ?'),
    park: database.prepare<[number, string, number]>(
      'UPDATE jobs SET parked_at = ?, reason = ? WHERE seq = ?',
    ),
    parked: database.prepare<[number], ParkedRow>(
      `SELECT delivery, parked_at, reason FROM jobs WHERE parked_at IS NOT NULL
       ORDER BY parked_at DESC, seq DESC LIMIT ?`,
    ),
    parkedOne: database.prepare<
      [string],
      { seq: number; line: string; installation: number; delivery: string }
    >('SELECT seq, line, installation, delivery FROM jobs WHERE id = ? AND parked_at IS NOT NULL'),
    sweepParked: database.prepare<[number]>('DELETE FROM jobs WHERE parked_at <= ?'),
    counts: database.prepare<
      [number],
      { waiting: number; running: number; parked: number; seen: number }
    >(
      `SELECT jobs.free - lines.leased AS waiting, lines.leased AS running, jobs.parked AS parked,
       (SELECT count(*) FROM seen) AS seen
       FROM (SELECT count(*) - count(parked_at) AS free, count(parked_at) AS parked FROM jobs) AS jobs,
       (SELECT count(*) AS leased FROM lines WHERE lease IS NOT NULL AND due > ?) AS lines`,
    ),
  };
}
