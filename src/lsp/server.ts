/** The language server: an editor's documents in, and what dfopt finds in them out. */
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createConnection, TextDocuments, type Connection } from 'vscode-languageserver';
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type InitializeParams,
  type ServerCapabilities,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { BuildContext } from '../analysis/context.ts';
import { isDockerfileName } from '../analysis/context-texts.ts';
import type { Diagnostic } from '../dockerfile/model.ts';
import { bugReport } from '../cli/bug-report.ts';
import type { Contexts, Found } from '../cli/contexts.ts';
import type { Level } from '../pass.ts';
import type { Result } from '../pipeline.ts';
import { fixOf } from '../report/fixes.ts';
import type { RunReport } from '../report/formats/format.ts';
import {
  actionsOf,
  diagnosticsOf,
  FIX_ALL,
  hoverOf,
  lookAt,
  workspaceEdit,
  type Abilities,
  type Beside,
  type Look,
} from './answers.ts';

/** How one document is looked at, by the words of the command line and the configuration above it. */
export interface Settled {
  readonly level: Level;
  readonly optimize: (
    text: string,
    context: BuildContext | undefined,
    deny: readonly string[],
    isPriced: boolean,
  ) => Result;
  /** The configuration is not right, and the document is looked at without it. */
  readonly problem?: string;
}

export interface Serving {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  /**
   * Anew for each look, like the contexts: what is on the disk may have changed.
   *
   * @param path absolute; `undefined` of a text that has no name yet
   */
  readonly settle: (path: string | undefined) => Promise<Settled>;
  readonly newContexts: () => Contexts;
  readonly run: Omit<RunReport, 'reports' | 'verbose' | 'quiet' | 'level'>;
  /** Milliseconds without a change after which a document is looked at. */
  readonly delay: number;
}

const CAPABILITIES: ServerCapabilities = {
  textDocumentSync: { openClose: true, change: 2, save: true },
  hoverProvider: true,
  codeActionProvider: { codeActionKinds: ['quickfix', FIX_ALL] },
};

/** How often it is asked whether the editor still lives, in milliseconds. */
const WATCH = 3000;

/** A look, and what it was made from. */
interface Kept extends Look {
  readonly settled: Settled;
  readonly found: Found;
  readonly fixes: Map<string, Result | undefined>;
}

/** @returns the exit status, once the editor is done with the server */
export function serve(serving: Serving): Promise<0 | 1> {
  return new Promise((resolve) => {
    const { input, output } = serving;
    const watchDog = {
      shutdownReceived: false,
      initialize: ({ processId }: InitializeParams) => {
        if (processId !== null) watch = setInterval(() => isAlive(processId) || end(1), WATCH);
      },
      exit: (code: number) => end(code === 0 ? 0 : 1),
    };
    let watch: NodeJS.Timeout | undefined;
    const connection = createConnection(
      (logger) =>
        createProtocolConnection(
          new StreamMessageReader(input),
          new StreamMessageWriter(output),
          logger,
        ),
      watchDog,
    );
    const stop = answer(connection, serving);
    let hasEnded = false;
    const end = (status: 0 | 1): void => {
      if (hasEnded) return;
      hasEnded = true;
      clearInterval(watch);
      stop();
      connection.dispose();
      resolve(status);
    };
    for (const event of ['end', 'close'])
      input.on(event, () => end(watchDog.shutdownReceived ? 0 : 1));
    connection.listen();
  });
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}

/** @returns what stops all that is under way */
function answer(connection: Connection, serving: Serving): () => void {
  const { delay } = serving;
  const documents = new TextDocuments(TextDocument);
  const looks = new Map<string, Kept>();
  const timers = new Map<string, NodeJS.Timeout>();
  let abilities: Abilities = { hasVersions: false, canCreate: false };

  let hasStopped = false;

  const look = async (document: TextDocument): Promise<Kept> => {
    const known = (): Kept | undefined => {
      const kept = looks.get(document.uri);
      return kept?.document.version === document.version && isFresh(kept) ? kept : undefined;
    };
    const before = known();
    if (before) return before;
    const settled = await serving.settle(pathOf(document.uri));
    // Somebody else who asked meanwhile may have looked.
    const made = known() ?? lookNow(document, documents.all(), settled, serving);
    if (documents.get(document.uri) === document) looks.set(document.uri, made);
    return made;
  };
  const publish = (uri: string): Promise<void> =>
    guarded(connection, async () => {
      const document = documents.get(uri);
      if (!document) return;
      const made = await look(document);
      // The server ends, or the document was closed or goes on, in the meantime.
      if (hasStopped || documents.get(uri)?.version !== made.document.version) return;
      const { version } = made.document;
      await connection.sendDiagnostics({ uri, version, diagnostics: diagnosticsOf(made) });
    });
  const later = (uri: string): void => {
    clearTimeout(timers.get(uri));
    timers.set(
      uri,
      setTimeout(() => void publish(uri), delay),
    );
  };
  const againAll = (): void => {
    looks.clear();
    for (const document of documents.all()) if (isDockerfile(document)) later(document.uri);
  };

  connection.onInitialize(({ capabilities }) => {
    const edits = capabilities.workspace?.workspaceEdit;
    abilities = {
      hasVersions: edits?.documentChanges === true,
      canCreate: edits?.resourceOperations?.includes('create') === true,
    };
    const { version } = serving.run;
    return { capabilities: CAPABILITIES, serverInfo: { name: 'dfopt', version } };
  });
  documents.onDidChangeContent(({ document }) => {
    if (isDockerfile(document)) later(document.uri);
    // What is ignored decides about the Dockerfiles beside it.
    else if (isIgnoreFile(document)) againAll();
  });
  documents.onDidSave(againAll);
  connection.onDidChangeWatchedFiles(againAll);
  documents.onDidClose(({ document: { uri } }) => {
    clearTimeout(timers.get(uri));
    timers.delete(uri);
    looks.delete(uri);
    void connection.sendDiagnostics({ uri, diagnostics: [] });
  });
  const dockerfile = (uri: string): TextDocument | undefined => {
    const document = documents.get(uri);
    return document && isDockerfile(document) ? document : undefined;
  };
  connection.onHover(({ textDocument, position }) => {
    const document = dockerfile(textDocument.uri);
    return document && guarded(connection, async () => hoverOf(await look(document), position));
  });
  connection.onCodeAction(({ textDocument, range, context: { only } }) => {
    const document = dockerfile(textDocument.uri);
    if (!document) return [];
    return guarded(connection, async () => {
      const kept = await look(document);
      return actionsOf(
        kept,
        { range, only },
        (id) => fixOfLook(id, kept),
        (result) => editOf(result, kept, documents),
        abilities,
      );
    });
  });
  documents.listen(connection);
  return () => {
    hasStopped = true;
    for (const timer of timers.values()) clearTimeout(timer);
  };
}

/** A bug that one document brings to light does not end the server. */
async function guarded<T>(connection: Connection, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    connection.console.error(bugReport(error, false));
    return undefined;
  }
}

function isDockerfile({ uri, languageId }: TextDocument): boolean {
  return languageId === 'dockerfile' || isDockerfileName(nameOf(uri));
}

function isIgnoreFile({ uri }: TextDocument): boolean {
  return nameOf(uri).endsWith('.dockerignore');
}

function nameOf(uri: string): string {
  return basename(pathOf(uri) ?? uri);
}

/** `undefined` of what is no file on this machine: a text without a name, one of another machine. */
function pathOf(uri: string): string | undefined {
  try {
    return fileURLToPath(uri);
  } catch {
    return undefined;
  }
}

function lookNow(
  document: TextDocument,
  all: readonly TextDocument[],
  settled: Settled,
  { newContexts, run }: Serving,
): Kept {
  const text = document.getText();
  const contexts = newContexts();
  for (const each of all) {
    const path = pathOf(each.uri);
    if (path !== undefined && isIgnoreFile(each)) contexts.edited(path, each.getText(), false);
  }
  const found = contexts.of(pathOf(document.uri), text);
  const { level, optimize, problem } = settled;
  const result = optimize(text, found.context, [], true);
  const diagnostics = [
    ...(problem === undefined ? [] : [ofConfiguration(problem)]),
    ...result.diagnostics,
    ...found.diagnostics,
  ];
  // The document of the editor changes in place.
  const { uri, languageId, version } = document;
  const snapshot = TextDocument.create(uri, languageId, version, text);
  const seen = lookAt(snapshot, { ...result, diagnostics }, { ...run, level });
  return { ...seen, settled, found, fixes: new Map() };
}

function ofConfiguration(message: string): Diagnostic {
  const advice = 'correct the configuration; until then the file is looked at without it';
  return { severity: 'warning', line: 1, column: 1, message, advice };
}

/** The ignore file, which edits may change, is still the one that was read. */
function isFresh({ found: { context, at, ignoreSeen } }: Kept): boolean {
  if (!context) return true;
  const path = at(context.ignore?.path ?? '.dockerignore');
  if (!ignoreSeen) return !existsSync(path);
  try {
    return readFileSync(path).equals(ignoreSeen.bytes);
  } catch {
    return false;
  }
}

function fixOfLook(id: string, kept: Kept): Result | undefined {
  const { fixes, result, found, settled } = kept;
  if (!fixes.has(id)) {
    const again = (deny: readonly string[]): Result =>
      settled.optimize(result.input, found.context, deny, false);
    fixes.set(id, fixOf(id, result, again));
  }
  return fixes.get(id);
}

function editOf(
  result: Result,
  kept: Kept,
  documents: TextDocuments<TextDocument>,
): ReturnType<typeof workspaceEdit> {
  const others = result.files.map(({ path, before, after }): Beside | undefined => {
    const uri = pathToFileURL(kept.found.at(path)).href;
    const open = documents.all().find((each) => pathOf(each.uri) === kept.found.at(path));
    const text = before ?? '';
    if (open) {
      return open.getText() === text ? { document: open, version: open.version, after } : undefined;
    }
    const document = TextDocument.create(uri, 'ignore', 0, text);
    return { document, version: before === undefined ? undefined : null, after };
  });
  const known = others.filter((each) => each !== undefined);
  return known.length === others.length ? workspaceEdit(kept, result, known) : undefined;
}
