/** Processes of the bot under test: bundled once, started, killed, started again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { CONFIGURATION, type BotConfiguration } from './configuration.ts';

export interface Program {
  readonly path: string;
  readonly remove: () => Promise<void>;
}

/**
 * Inside node_modules, so that packages are found from where it lies.
 * @param root the project's folder
 */
export async function bundle(root: string): Promise<Program> {
  const folder = join(root, 'node_modules', '.cache', 'dfopt');
  await mkdir(folder, { recursive: true });
  const path = join(folder, `bot-under-test-${process.pid}-${Date.now()}.mjs`);
  await build({
    entryPoints: [join(root, 'test/bot/crash/bot.ts')],
    outfile: path,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
  });
  return { path, remove: () => rm(path, { force: true }) };
}

export interface BotProcess {
  readonly name: string;
  readonly start: () => void;
  /** With no chance to do anything; resolves when it is gone. */
  readonly kill: () => Promise<void>;
  /** SIGTERM; resolves to the exit status, `null` where it had to be killed. */
  readonly stop: () => Promise<number | null>;
  /** What it wrote of late. */
  readonly said: () => string;
}

/** A bot that ends by itself fails the test. */
const LAST_WORDS = 20_000;

export function botProcess(
  name: string,
  program: Program,
  configuration: BotConfiguration,
): BotProcess {
  let child: ChildProcess | undefined;
  let said = '';
  const isRunning = (): boolean =>
    child !== undefined && child.exitCode === null && child.signalCode === null;
  const ended = (): Promise<number | null> =>
    new Promise((resolve) => {
      if (isRunning()) child!.once('exit', resolve);
      else resolve(child?.exitCode ?? null);
    });
  return {
    name,
    start: () => {
      child = spawn(process.execPath, [program.path], {
        env: { PATH: process.env['PATH'], [CONFIGURATION]: JSON.stringify(configuration) },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      for (const stream of [child.stdout!, child.stderr!]) {
        stream.on('data', (chunk: Buffer) => {
          said = `${said}${chunk.toString()}`.slice(-LAST_WORDS);
        });
      }
    },
    kill: async () => {
      if (!isRunning()) throw new Error(`${name} ended by itself:\n${said}`);
      child!.kill('SIGKILL');
      await ended();
    },
    stop: async () => {
      child?.kill('SIGTERM');
      const timer = setTimeout(() => child?.kill('SIGKILL'), 20_000);
      const status = await ended();
      clearTimeout(timer);
      return status;
    },
    said: () => said,
  };
}
