/** What the scripts of a Node project make when they build it, followed tool by tool. */
import { plainName, type Call } from '../analysis/calls.ts';
import { entriesIn, entriesOf, isWithin, textOf, type BuildContext } from '../analysis/context.ts';
import { baseName } from '../analysis/go-paths.ts';
import { matchesWhole, rowsOfProgram } from '../analysis/patterns.ts';
import { foldersIn, isUnknownPlace } from '../analysis/shell-folders.ts';
import { wrapperLength } from '../analysis/packages.ts';
import { scriptOf, type SimpleCommand } from '../dockerfile/shell.ts';
import type { ProjectTool } from '../facts/work-types.ts';
import { startFindings, textIn, under, use, type Table } from './findings.ts';
import { installCall } from './node-calls.ts';
import { above, inFolder } from './node-projects.ts';
import { angularOutputs, nestOutputs, readTable, tsconfigOutputs } from './node-outputs.ts';
import { startedByTools } from './started.ts';
import { isCheck, ownName, wordsOf, type Product, type WorkScope } from './work.ts';

/** What building makes: folders that are known, or all of the project, or nobody knows. */
export interface Built {
  readonly makes: readonly Product[];
  /** Some of it may lie anywhere in the project. */
  readonly isWhole: boolean;
  readonly why: string | undefined;
}

/** Scripts that call one another further than this are not followed. */
const DEEPEST = 8;

/** Options that make a manager work in other folders than the one in which it is called. */
const ELSEWHERE =
  /^(-w|-ws|-r|-F|--workspaces?|--workspace=.*|--recursive|--filter|--filter=.*|workspaces?)$/;

/** @param root the folder of the whole project, of the image */
export function builtBy(call: Call, root: string, scope: WorkScope): Built {
  const found = new Builds(root, scope);
  found.call(call, 0);
  return found.result();
}

/** What scripts make that a manager runs by itself, such as `prepare`. */
export function builtByScripts(
  scripts: readonly { readonly text: string; readonly folder: string }[],
  root: string,
  scope: WorkScope,
): Built {
  const found = new Builds(root, scope);
  for (const { text, folder } of scripts) found.script(text, folder, 0);
  return found.result();
}

class Builds {
  private readonly root: string;
  private readonly scope: WorkScope;
  private readonly files: BuildContext;
  private readonly made = new Set<string>();
  /** Paths that are written into, which is fine where they are made as a whole. */
  private readonly into = new Set<string>();
  private isWhole = false;
  private why: string | undefined;

  constructor(root: string, scope: WorkScope) {
    this.root = root;
    this.scope = scope;
    this.files = scope.files!;
  }

  result(): Built {
    const isInside = [...this.into].every((path) =>
      [...this.made].some((each) => isWithin(path, each)),
    );
    const outside = [...this.made, ...this.into].find((path) => !isWithin(path, this.root));
    if (!isInside && outside !== undefined && !this.made.has(outside)) {
      this.why ??= `the build writes to /${outside}`;
    }
    return {
      makes: [...this.made].map((path) => ({ path, of: 'sources' })),
      isWhole: this.isWhole || !isInside,
      why: this.why,
    };
  }

  script(text: string, start: string, depth: number): void {
    if (depth > DEEPEST) return this.whole();
    const script = scriptOf(text);
    if (script.kind !== 'script') return this.whole();
    const folders = foldersIn(script.body, start, this.scope.variable);
    for (const command of script.commands) {
      const folder = folders.get(command) ?? start;
      if (isUnknownPlace(folder)) {
        this.whole();
        continue;
      }
      this.redirections(command, folder);
      const words = command.words.slice(wrapperLength(command.words));
      const program = words[0]?.literal;
      if (words.length === 0) continue;
      if (program === undefined) {
        this.whole();
        continue;
      }
      if (/^(cd|pushd|popd|exit|set|export|:|true|echo|printf|test|\[|sleep)$/.test(program))
        continue;
      const args = words
        .slice(1)
        .map(({ literal, expands, text: raw }) => literal ?? (expands ? undefined : raw));
      this.call({ program, args, folder, command: { ...command, words }, by: '' }, depth);
    }
  }

  private redirections({ redirections }: SimpleCommand, folder: string): void {
    for (const { operator, target } of redirections) {
      if (!operator.includes('>') || /^(\/dev\/\w+|&?\d|-)$/.test(target?.text ?? '')) continue;
      if (target?.literal === undefined) this.whole();
      else this.into.add(under(folder, target.literal));
    }
  }

  call(given: Call, depth: number): void {
    if (this.why !== undefined || depth > DEEPEST) return;
    const call = { ...given, args: this.valuesOf(given) };
    const { facts } = this.scope;
    const name = ownName(call);
    if (isCheck(call, facts)) return;
    if (/^(npm|yarn|yarnpkg|pnpm|bun)$/.test(name)) return this.manager(call, depth);
    const started = startedByTools(call, { files: this.files, facts, runs: startedByTools });
    if (started) {
      for (const { text } of started.scripts) this.script(text, call.folder, depth + 1);
      const inner = started.skips === undefined ? undefined : this.inner(call, started.skips);
      if (inner) return this.call(inner, depth + 1);
      if (started.scripts.length === 0) this.whole();
      return;
    }
    this.tool(call, name);
  }

  /** Its arguments, with the values of variables where they are known and one word each. */
  private valuesOf({ args, command }: Call): Call['args'] {
    const words = command.words.slice(-args.length);
    return args.map((arg, index) => {
      const parts = words[index]?.pieces.map((piece) => {
        if (piece.kind === 'text') return piece.text;
        const isPlain = piece.kind === 'variable' && piece.operator === '';
        const value = isPlain ? this.scope.variable(piece.name) : undefined;
        return value !== undefined && /^[\w./@:+-]+$/.test(value) ? value : undefined;
      });
      return arg ?? (parts && !parts.includes(undefined) ? parts.join('') : undefined);
    });
  }

  private inner(call: Call, skips: number): Call | undefined {
    const program = call.args[skips];
    if (program === undefined) return undefined;
    const at = call.command.words.findIndex(({ literal }) => literal === program);
    const words = at < 0 ? call.command.words : call.command.words.slice(at);
    return {
      ...call,
      program: program.replace(/(?<=\w)@[\w.^~-]+$/, ''),
      args: call.args.slice(skips + 1),
      command: { ...call.command, words },
    };
  }

  private manager(call: Call, depth: number): void {
    const { facts } = this.scope;
    if (call.args.some((arg) => ELSEWHERE.test(arg ?? ''))) return this.whole();
    const at = call.args.findIndex((arg) => /^(--prefix|-C|--cwd|--dir)$/.test(arg ?? ''));
    const to = at < 0 ? '.' : call.args[at + 1];
    if (to === undefined) return this.whole();
    // An install inside a build: what it puts in place lies in the project.
    if (installCall(call.command, facts)) return this.whole();
    const scope = { files: this.files, facts, runs: startedByTools };
    const started = startedByTools(call, scope);
    if (!started) {
      const bin = call.args.find((arg) => arg?.startsWith('-') === false);
      const isOwn = /^(yarn|pnpm)$/.test(ownName(call)) && bin !== undefined;
      if (isOwn && this.rowOf(bin, '')) {
        const inner = this.inner(call, call.args.indexOf(bin));
        if (inner) return this.call(inner, depth + 1);
      }
      return this.whole();
    }
    const folder = under(call.folder, to);
    if (started.scripts.length === 0 && started.skips === undefined) return this.whole();
    // What stands behind `--` is for the last of the scripts.
    const rest = call.args.slice(call.args.indexOf('--') + 1);
    const extra = call.args.includes('--') ? ` ${rest.map((arg) => arg ?? '$x').join(' ')}` : '';
    for (const { text } of started.scripts) this.script(text + extra, folder, depth + 1);
    const inner = started.skips === undefined ? undefined : this.inner(call, started.skips);
    if (inner) this.call({ ...inner, folder }, depth + 1);
  }

  private rowOf(name: string, words: string, folder = ''): ProjectTool | undefined {
    return rowsOfProgram(this.scope.facts.work.projectTools, name).find(
      (row) =>
        row.ecosystem === 'node' &&
        (words === '' || matchesWhole(row.words, words)) &&
        (row.when === undefined || this.has(row.when, folder)),
    );
  }

  private has(
    { package: name, version }: NonNullable<ProjectTool['when']>,
    folder: string,
  ): boolean {
    const manifest = this.table(inFolder(folder, 'package.json'));
    const asked = ['dependencies', 'devDependencies'].map((field) => textIn(manifest, field, name));
    return asked.some((each) => each !== undefined && matchesWhole(version, each));
  }

  private table(path: string): Table | undefined {
    return readTable(this.files, path);
  }

  private tool(call: Call, name: string): void {
    const { facts } = this.scope;
    const { folder } = call;
    if (name === 'node' || name === 'nodejs') return this.program(call);
    const words = wordsOf(call);
    const row =
      this.rowOf(name, words === '' ? ' ' : words, folder) ?? this.rowOf(name, '', folder);
    const fits = row && matchesWhole(row.words, words);
    if (row?.why !== undefined && fits) {
      this.why ??= `"${name}" ${row.why}`;
      return;
    }
    const step = rowsOfProgram(facts.installSteps.commands, name).find(
      (each) => each.words === undefined || matchesWhole(each.words, words),
    );
    if (step) {
      const found = startFindings({
        files: this.files,
        folder,
        facts,
        variable: this.scope.variable,
      });
      use(found, folder, step, name, this.table(inFolder(folder, 'package.json')));
      // What cannot be read decides nothing: it writes into the project.
      if (found.why !== undefined) return this.whole();
      for (const path of found.writes) this.made.add(path);
      return;
    }
    const outputs = row && fits ? this.outputs(row, call) : undefined;
    if (!outputs) return this.anywhere(call);
    for (const path of outputs) (row!.isInto === undefined ? this.made : this.into).add(path);
    const isMixed =
      row!.isEmptied !== true && outputs.some((path) => holdsFilesOfAuthor(path, this.files));
    if (isMixed) this.whole();
  }

  /** What a row says that a call makes; `undefined` where it does not say. */
  private outputs(row: ProjectTool, call: Call): readonly string[] | undefined {
    const { args, folder } = call;
    if (args.includes(undefined)) return undefined;
    const place = (path: string): string => under(folder, path);
    if (row.isInto === 'last operand') {
      const last = args.findLast((arg) => arg?.startsWith('-') === false);
      if (/[*?{]/.test(last ?? '*')) return undefined;
      return [place(last!)];
    }
    for (const option of row.outputOptions ?? []) {
      const at = args.indexOf(option);
      const joined = args.find((arg) => arg!.startsWith(`${option}=`));
      const value = at >= 0 ? args[at + 1] : joined?.slice(option.length + 1);
      if (value !== undefined) return [place(value)];
    }
    const names = row.variables ?? [];
    const own = call.command.assignments.find((each) => names.includes(each.name));
    if (own) {
      const value = own.value?.replace(/^(["'])(.*)\1$/, '$2');
      const isPlain = value !== undefined && /^[\w./@-]+$/.test(value);
      return isPlain && row.makes?.length === 1 && names.length === 1 ? [place(value)] : undefined;
    }
    const isSet = (name: string): boolean =>
      this.scope.variable(name) !== '' ||
      call.command.words.some(({ text }) => text.includes(name));
    if (names.some(isSet) || this.isNamedIn(folder, '\\.env.*', names)) return undefined;
    const scope = { files: this.files, folder };
    if (row.outputIn === 'tsconfig') return tsconfigOutputs(args as readonly string[], scope);
    if (row.outputIn === 'nest') return nestOutputs(args as readonly string[], scope);
    if (row.outputIn === 'angular') return angularOutputs(scope);
    const { settings } = row;
    if (!row.makes) return undefined;
    if (!settings) return row.makes.map(place);
    const texts = this.textsOf(folder, settings.files);
    if (texts.includes(undefined)) return undefined;
    if (settings.odd !== undefined && texts.some((text) => new RegExp(settings.odd!).test(text!))) {
      return undefined;
    }
    const named = texts.flatMap((text) =>
      settings.output === undefined ? [] : [...text!.matchAll(new RegExp(settings.output, 'g'))],
    );
    if (named.length > 1) return undefined;
    return named.length === 1 ? [place(named[0]![1]!)] : row.makes.map(place);
  }

  private isNamedIn(folder: string, pattern: string, names: readonly string[]): boolean {
    const texts = names.length === 0 ? [] : this.textsOf(folder, pattern);
    return texts.some((text) => names.some((name) => text?.includes(name) === true));
  }

  private textsOf(folder: string, pattern: string): readonly (string | undefined)[] {
    return entriesIn(this.files, folder).flatMap(({ path }) => {
      if (!matchesWhole(pattern, baseName(path))) return [];
      const text = textOf(this.files, path);
      return [text.kind === 'text' ? text.text : undefined];
    });
  }

  /** A program of the project's own: it writes in the project, unless its text names another place. */
  private program(call: Call): void {
    const file = call.args.find((arg) => arg?.startsWith('-') !== true);
    const path = file === undefined ? undefined : under(call.folder, file);
    const text = path === undefined ? undefined : textOf(this.files, path);
    if (
      text?.kind === 'text' &&
      /['"`]\/(var|usr|etc|opt|srv|home|root|data|www)\//.test(text.text)
    ) {
      this.why ??= `/${path} may write outside the project`;
    }
    this.anywhere(call);
  }

  /** A tool of which only this is known: it works in the project, and where its words say. */
  private anywhere(call: Call): void {
    const outside = call.args.find(
      (arg) =>
        arg !== undefined &&
        /^(-[\w-]+=)?(\/(?!dev\/)|\.\.?\/)/.test(arg) &&
        !isWithin(under(call.folder, arg.replace(/^-[\w-]+=/, '')), this.root),
    );
    const place = outside ?? unknownOutput(call);
    if (place !== undefined) this.why ??= `"${plainName(call.program)}" may write to ${place}`;
    this.whole();
  }

  private whole(): void {
    this.isWhole = true;
  }
}

/** What tools that compile write. */
const COMPILED = /\.([cm]?js|map|d\.[cm]?ts|css|json|tsbuildinfo|LICENSE\.txt)$/;

/** Whether files lie in the folder that no compiler makes, such as the page beside a script, and that Git has. */
function holdsFilesOfAuthor(path: string, files: BuildContext): boolean {
  const found = entriesOf(files).some(
    (each) => each.kind === 'file' && isWithin(each.path, path) && !COMPILED.test(each.path),
  );
  return found && !isIgnoredByGit(path, files);
}

function isIgnoredByGit(path: string, files: BuildContext): boolean {
  return above(path).some((folder) => {
    const text = textOf(files, inFolder(folder, '.gitignore'));
    if (text.kind !== 'text') return false;
    const inside = folder === '' ? path : path.slice(folder.length + 1);
    return text.text.split(/\r?\n/).some((line) => {
      const name = line
        .trim()
        .replace(/^(\*\*)?\//, '')
        .replace(/\/(\*{1,2})?$/, '');
      return name !== '' && (name === inside || name === baseName(path));
    });
  });
}

/** What an option says that is called like those for a place to write to, where nobody knows its value. */
function unknownOutput({ args, command }: Call): string | undefined {
  const words = command.words.slice(-args.length);
  const at = words.findIndex((word, index) => {
    const option = word.text.includes('=') ? word.text : (words[index - 1]?.text ?? '');
    return (
      args[index] === undefined && /^(-o|-d|--?(out|dest|dist|target)[\w-]*)(=|$)/i.test(option)
    );
  });
  return words[at]?.text;
}
