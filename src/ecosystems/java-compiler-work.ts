/** What `javac`, `kotlinc`, `scalac` and `jar` make, as their calls show. */
import type { Call } from '../analysis/calls.ts';
import { isWithin } from '../analysis/context.ts';
import { folderOf, pathInside } from '../analysis/go-paths.ts';
import { javaStart, type JavaStart } from './java-start.ts';
import { javaTraits, type JavaTraits } from './java-traits.ts';
import { ownName, type Product, type WorkAnswer, type WorkScope } from './work.ts';

type Answered = (products: readonly Product[], start: JavaStart, traits: JavaTraits) => WorkAnswer;

/** @param answered with what a Java program asks of the image */
export function compilerWork(
  call: Call,
  scope: WorkScope,
  answered: Answered,
): WorkAnswer | undefined {
  const name = ownName(call);
  if (!/^(javac|kotlinc(-jvm)?|scalac|jar)$/.test(name)) return undefined;
  const start = javaStart(scope.started, scope.variable);
  const made = name === 'jar' ? archiveOf(call) : compiled(call);
  if (made === undefined) return undefined;
  if ('why' in made) return made;
  const isStarted = [...start.paths, ...start.folders].some(
    (path) => isWithin(path, made.path) || (made.isPattern && path === folderOf(made.path)),
  );
  const product: Product = {
    path: made.path,
    of: 'sources',
    ...(!isStarted && { isNamed: true as const }),
  };
  return answered([product], start, javaTraits(scope.files, call.folder));
}

interface Output {
  readonly path: string;
  readonly isPattern: boolean;
}

function compiled(call: Call): Output | { readonly why: string } | undefined {
  const { args, folder } = call;
  const at = args.findIndex((arg) => arg === '-d');
  if (at >= 0) {
    const to = args[at + 1];
    if (to === undefined) return { why: 'nobody knows where the compiler writes' };
    return { path: place(folder, to), isPattern: false };
  }
  if (ownName(call) !== 'javac') return { why: 'nobody can see where the compiler writes' };
  const words = call.command.words.slice(-args.length).map(({ text }) => text);
  const sources = words.filter((text) => /\.java["']?$/.test(text));
  const folders = new Set(sources.map((text) => folderOf(text.replace(/^\.\//, ''))));
  const [own] = folders;
  if (folders.size !== 1 || own === undefined || /[$`*?]/.test(own)) {
    return { why: 'the compiler writes beside each of its sources' };
  }
  const classes = own === '' ? '*.class' : `${own}/*.class`;
  return { path: place(folder, classes), isPattern: true };
}

/** Of `jar cfe x.jar …` and `jar --create --file x.jar …`; nothing where it only looks. */
function archiveOf({ args, folder }: Call): Output | { readonly why: string } | undefined {
  const [first] = args;
  const long = args.findIndex((arg) => arg === '--file' || arg?.startsWith('--file=') === true);
  const isMaking = args.includes('--create') || /^-?[a-zA-Z0]*[cu]/.test(first ?? '');
  if (!isMaking) return undefined;
  if (long >= 0) {
    const word = args[long]!;
    const file = word.includes('=') ? word.slice(word.indexOf('=') + 1) : args[long + 1];
    if (file === undefined) return { why: 'nobody knows which archive jar makes' };
    return { path: place(folder, file), isPattern: false };
  }
  // The letters stand for words in their order: f for the file, m and e for two others.
  const letters = (first ?? '').replace(/^-/, '').replace(/[^fme]/g, '');
  const file = letters.includes('f') ? args[1 + letters.indexOf('f')] : undefined;
  if (file === undefined) return { why: 'nobody knows which archive jar makes' };
  return { path: place(folder, file), isPattern: false };
}

function place(folder: string, text: string): string {
  return pathInside(text.startsWith('/') ? text : `${folder}/${text}`);
}
