/** What in a Dockerfile looks like a secret that the image, or its history, would hand out. */
import {
  type CopyInstruction,
  type Instruction,
  type PairsInstruction,
  type Stage,
} from '../dockerfile/model.ts';
import type { Advice } from '../facts/types.ts';
import { textOf, type BuildContext } from './context.ts';
import { copiedBy, readsOf } from './copied.ts';
import { matchesAny, occursIn } from './patterns.ts';

/** Names of variables that an ENV or ARG gives a secret as a value of its own. */
export function secretsSetBy(instruction: PairsInstruction, advice: Advice): string[] {
  const names = instruction.pairs.flatMap(({ name, value }) =>
    isSecretName(name, advice) && isSecretValue(value ?? '', advice) ? [name] : [],
  );
  return [...new Set(names)];
}

function isSecretName(name: string, { secretNames, openNames }: Advice): boolean {
  const upper = name.toUpperCase();
  return matchesAny(secretNames, upper) && !matchesAny(openNames, upper);
}

/** One that is filled in is not in the file; the ARG that it comes from may be. */
function isSecretValue(written: string, { openValues }: Advice): boolean {
  const value = written.replace(/^(["'])(.*)\1$/s, '$2');
  return (
    value !== '' &&
    !value.includes('$') &&
    !/^<.*>$/.test(value) &&
    !matchesAny(openValues, value.toLowerCase())
  );
}

/** An ARG without a value that is named like a secret, and what reads it: RUN or ENV. */
export function secretArgument(
  stage: Stage,
  instruction: PairsInstruction,
  advice: Advice,
): { readonly name: string; readonly by: Instruction } | undefined {
  const below = stage.instructions.slice(stage.instructions.indexOf(instruction) + 1);
  for (const { name, value } of instruction.pairs) {
    if ((value ?? '') !== '' || !isSecretName(name, advice)) continue;
    const reads = new RegExp(`\\$(${name}\\b|\\{${name}\\b)`);
    const by = below.find(
      ({ kind, text }) => (kind === 'run' || kind === 'env') && reads.test(text),
    );
    if (by) return { name, by };
  }
  return undefined;
}

/** A user and a password in front of a host; the password is not filled in. */
const CREDENTIALS =
  /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@'"$<{]*:[^\s/@'"$<{]+@(?!localhost\b|127\.)[\w.-]+/i;

/** Placeholders that examples have in the place of a password. */
const PLACEHOLDER = /:\/\/[^\s/:@]*:(pass(word|wd)?|secret|x+|\*+|\.+|token|example|changeme)@/i;

const forms = new WeakMap<Advice['secretForms'], readonly string[]>();

/** All in one list: nearly no instruction has any of them. */
function formsOf({ secretForms }: Advice): readonly string[] {
  let patterns = forms.get(secretForms);
  if (!patterns) forms.set(secretForms, (patterns = secretForms.map(({ pattern }) => pattern)));
  return patterns;
}

/** What in an instruction is a secret by its form, in words; never the secret itself. */
export function secretIn(instruction: Instruction, advice: Advice): string | undefined {
  if (instruction.kind === 'from') return undefined;
  const { text } = instruction;
  if (occursIn(formsOf(advice), text)) {
    return advice.secretForms.find(({ pattern }) => new RegExp(pattern).test(text))!.what;
  }
  if (!text.includes('://')) return undefined;
  const found = CREDENTIALS.exec(text);
  return found && !PLACEHOLDER.test(found[0]) ? 'a URL with a password' : undefined;
}

/** Names of files with secrets that a COPY brings into the image. */
export function secretFiles(
  copy: CopyInstruction,
  context: BuildContext | undefined,
  advice: Advice,
): string[] {
  const reads = readsOf(copy);
  if (!reads) return [];
  if (!context)
    return copy.sources.map(({ text }) => text).filter((path) => isSecretFile(path, advice));
  const paths: string[] = [];
  for (const source of reads.sources) {
    for (const { entry } of copiedBy(context, source, reads).entries) {
      const { kind, path } = entry;
      if (kind !== 'file' || !isSecretFile(path, advice)) continue;
      if (!isCertificate(context, path)) paths.push(path);
    }
  }
  return paths;
}

function isSecretFile(path: string, { secretFiles: names, openFiles }: Advice): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  return (
    matchesAny(names, name) &&
    !matchesAny(openFiles, name) &&
    !/(^|\/)(tests?|fixtures?|testdata|examples?|samples?|spec|node_modules)\//i.test(path)
  );
}

/** `server.key` may hold what everybody may read. */
function isCertificate(context: BuildContext, path: string): boolean {
  const text = textOf(context, path);
  return text.kind === 'text' && /-----BEGIN (CERTIFICATE|PUBLIC KEY|PGP PUBLIC)/.test(text.text);
}
