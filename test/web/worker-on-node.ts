/** The built worker without a browser: its scripts as they are, in a thread of Node. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, Script } from 'node:vm';
import { Worker } from 'node:worker_threads';
import type { Order, PageCore, Report } from '../../src/web/page/protocol.ts';

/** The first script, the facts that it begins with, and the others that it may load. */
export function workerScripts(assets: string): {
  readonly first: string;
  readonly facts: string;
  readonly pieces: string[];
} {
  const scripts = readdirSync(assets).filter((name) => /^(worker|facts)-.*\.js$/.test(name));
  const only = (pattern: RegExp): string => {
    const [name, ...more] = scripts.filter((each) => pattern.test(each));
    if (name === undefined || more.length > 0) throw new Error(`not one ${pattern} in ${assets}`);
    return name;
  };
  const [first, facts] = [only(/^worker-[^-]+\.js$/), only(/^facts-start-/)];
  return { first, facts, pieces: scripts.filter((name) => name !== first && name !== facts) };
}

/** The same scripts as the page runs them: in a scope of their own, where nothing can be loaded. */
export function builtPageCore(assets: string): PageCore {
  const { first, facts } = workerScripts(assets);
  const world: Record<string, unknown> = { performance, console };
  world['self'] = world['window'] = createContext(world);
  for (const name of [facts, first]) {
    new Script(readFileSync(join(assets, name), 'utf8'), { filename: name }).runInContext(world);
  }
  return world['dfoptCore'] as PageCore;
}

export interface BuiltWorker {
  /** @returns its answer; a context has none */
  readonly tell: (order: Order) => Promise<Report | undefined>;
  /** The scripts that it was asked for, in order. */
  readonly asked: readonly string[];
  readonly end: () => Promise<number>;
}

/** What a browser has for workers, as far as the page's one uses it. */
const BROWSER = `
  const { readFileSync } = require('node:fs');
  const { join } = require('node:path');
  const { Script } = require('node:vm');
  const { parentPort, workerData } = require('node:worker_threads');
  const { assets, first, missing } = workerData;
  const load = (name) => {
    parentPort.postMessage({ asked: name });
    if (missing.includes(name)) throw new Error('no answer for ' + name);
    new Script(readFileSync(join(assets, name), 'utf8'), { filename: name }).runInThisContext();
  };
  globalThis.self = globalThis;
  globalThis.importScripts = load;
  globalThis.addEventListener = (_, hear) => parentPort.on('message', (data) => hear({ data }));
  globalThis.postMessage = (report) => parentPort.postMessage({ report });
  load(first);
`;

/** @param missing scripts that cannot be loaded */
export function builtWorker(assets: string, missing: readonly string[] = []): BuiltWorker {
  const { first } = workerScripts(assets);
  const thread = new Worker(BROWSER, { eval: true, workerData: { assets, first, missing } });
  const asked: string[] = [];
  let settle: ((report: Report) => void) | undefined;
  let fail: ((error: Error) => void) | undefined;
  thread.on('message', (message: { readonly asked?: string; readonly report?: Report }) => {
    if (message.asked !== undefined) asked.push(message.asked);
    if (message.report) settle?.(message.report);
  });
  thread.on('error', (error: Error) => fail?.(error));
  return {
    asked,
    end: () => thread.terminate(),
    tell: async (order) => {
      const answer = new Promise<Report>((resolve, reject) => {
        settle = resolve;
        fail = reject;
      });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have none
      thread.postMessage(order);
      return order.kind === 'context' ? undefined : answer;
    },
  };
}
