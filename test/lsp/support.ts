/** A real client of the protocol, with the server in this process or in one of its own. */
import { PassThrough } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type CodeAction,
  type ClientCapabilities,
  type Hover,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  type Range,
} from 'vscode-languageserver-protocol/node';
import { passes } from '../../passes/index.ts';
import { contextsOf } from '../../src/cli/contexts.ts';
import type { Io } from '../../src/cli/io.ts';
import { settler } from '../../src/cli/lsp.ts';
import { loadFacts } from '../../src/facts/load.ts';
import { serve } from '../../src/lsp/server.ts';

export const ABLE: ClientCapabilities = {
  workspace: { workspaceEdit: { documentChanges: true, resourceOperations: ['create'] } },
};

export interface Client {
  readonly uri: (name: string) => string;
  readonly open: (name: string, text: string, languageId?: string) => Promise<void>;
  /** The whole text anew. */
  readonly change: (name: string, version: number, text: string) => Promise<void>;
  readonly close: (name: string) => Promise<void>;
  /** What was published last, of this version. */
  readonly diagnostics: (name: string, version: number) => Promise<PublishDiagnosticsParams>;
  readonly published: readonly PublishDiagnosticsParams[];
  readonly actions: (name: string, range: Range, only?: string[]) => Promise<CodeAction[]>;
  readonly hover: (name: string, line: number) => Promise<Hover | null>;
  readonly connection: ProtocolConnection;
}

export async function clientOf(
  folder: string,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  capabilities: ClientCapabilities = ABLE,
): Promise<Client> {
  const connection = createProtocolConnection(
    new StreamMessageReader(input),
    new StreamMessageWriter(output),
  );
  const published: PublishDiagnosticsParams[] = [];
  const waiting = new Set<() => void>();
  connection.onNotification(
    'textDocument/publishDiagnostics',
    (params: PublishDiagnosticsParams) => {
      published.push(params);
      for (const each of waiting) each();
    },
  );
  connection.listen();
  await connection.sendRequest('initialize', { processId: null, rootUri: null, capabilities });
  await connection.sendNotification('initialized', {});
  const uri = (name: string): string => pathToFileURL(join(folder, name)).href;
  return {
    uri,
    published,
    connection,
    open: (name, text, languageId = 'dockerfile') =>
      connection.sendNotification('textDocument/didOpen', {
        textDocument: { uri: uri(name), languageId, version: 1, text },
      }),
    change: (name, version, text) =>
      connection.sendNotification('textDocument/didChange', {
        textDocument: { uri: uri(name), version },
        contentChanges: [{ text }],
      }),
    close: (name) =>
      connection.sendNotification('textDocument/didClose', { textDocument: { uri: uri(name) } }),
    diagnostics: (name, version) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = published.findLast(
            (each) => each.uri === uri(name) && each.version === version,
          );
          if (!found) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    actions: (name, range, only) =>
      connection.sendRequest('textDocument/codeAction', {
        textDocument: { uri: uri(name) },
        range,
        context: { diagnostics: [], ...(only && { only }) },
      }),
    hover: (name, line) =>
      connection.sendRequest('textDocument/hover', {
        textDocument: { uri: uri(name) },
        position: { line, character: 0 },
      }),
  };
}

export interface Served extends Client {
  /** The exit status. */
  readonly ended: Promise<number>;
}

/** Nothing is written beside the protocol. */
function quiet(cwd: string): Io {
  const nowhere = { write: (text: string) => Promise.reject(new Error(text)) };
  return { stdout: nowhere, stderr: nowhere, stdin: process.stdin, cwd, env: {} };
}

export async function served(
  folder: string,
  capabilities: ClientCapabilities = ABLE,
): Promise<Served> {
  const [toServer, toClient] = [new PassThrough(), new PassThrough()];
  const facts = loadFacts();
  const ended = serve({
    input: toServer,
    output: toClient,
    settle: settler({}, passes, facts, quiet(folder)),
    newContexts: () => contextsOf(undefined, facts.manifests),
    run: { passes, version: '0' },
    delay: 10,
  });
  const client = await clientOf(folder, toClient, toServer, capabilities);
  onTestFinished(() => {
    toServer.end();
  });
  return { ...client, ended };
}
