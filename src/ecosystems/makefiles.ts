/** What a Makefile says: its rules, with variables filled in, and what `make install` puts where. */
import { baseName, folderOf, pathInside } from '../analysis/go-paths.ts';

interface Rule {
  readonly targets: readonly string[];
  readonly needs: readonly string[];
  readonly recipe: readonly string[];
}

export interface Makefile {
  readonly rules: readonly Rule[];
  /** Fills in variables; what nobody sets is empty, as make has it; `undefined` for functions. */
  readonly filled: (text: string) => string | undefined;
}

/** @param given variables of the command line and the environment, which win */
export function readMakefile(text: string, given: ReadonlyMap<string, string>): Makefile {
  const lines = text.replaceAll(/\\\r?\n/g, ' ').split(/\r?\n/);
  const variables = new Map<string, string>();
  const rules: { targets: string[]; needs: string[]; recipe: string[] }[] = [];
  for (const line of lines) {
    if (line.startsWith('\t')) {
      rules.at(-1)?.recipe.push(line.trim());
      continue;
    }
    const bare = line.replace(/(^|\s)#.*$/, '').trim();
    const [, name, operator, value] =
      /^(?:export\s+|override\s+)?([\w.-]+)\s*(\?=|\+=|::?=|=|!=)\s*(.*)$/.exec(bare) ?? [];
    if (name !== undefined) {
      const old = variables.get(name);
      if (operator === '+=') variables.set(name, `${old ?? ''} ${value!}`.trim());
      else if (operator === '!=') variables.set(name, '$(shell)');
      else if (operator !== '?=' || old === undefined) variables.set(name, value!);
      continue;
    }
    const [, targets, needs] = /^([^:=\t]+):{1,2}(?!=)([^=]*)$/.exec(bare) ?? [];
    if (targets === undefined) continue;
    const [first = '', ...inline] = needs!.split(';');
    const words = (each: string): string[] => each.split(/\s+/).filter((word) => word !== '');
    rules.push({
      targets: words(targets),
      needs: words(first.replaceAll('|', ' ')),
      recipe: inline.map((each) => each.trim()),
    });
  }
  const filled = (code: string, depth = 0): string | undefined => {
    if (depth > DEEPEST) return undefined;
    let isKnown = true;
    const out = code.replaceAll(
      /\$(?:\(([^()]*)\)|\{([^{}]*)\}|(.))/g,
      (whole, a?: string, b?: string, c?: string) => {
        if (whole === '$$') return '$';
        const name = a ?? b ?? c ?? '';
        const value = given.get(name) ?? variables.get(name) ?? BUILT_IN.get(name) ?? '';
        if (!/^[\w.-]+$/.test(name)) isKnown = false;
        const inner = filled(value, depth + 1);
        if (inner === undefined) isKnown = false;
        return inner ?? '';
      },
    );
    return isKnown ? out : undefined;
  };
  return { rules, filled };
}

/** Variables that name one another further than this go round in circles. */
const DEEPEST = 8;

/** What make itself sets, as far as an install may use it. */
const BUILT_IN: ReadonlyMap<string, string> = new Map([
  ['CC', 'cc'],
  ['CXX', 'g++'],
  ['AR', 'ar'],
  ['RM', 'rm -f'],
  ['MAKE', 'make'],
]);

/** The targets of making the goals, or without one the first. */
function closureOf({ rules }: Makefile, goals: readonly string[]): ReadonlySet<string> {
  const first = rules.flatMap(({ targets }) => targets).find((each) => !/^\.|[%$]/.test(each));
  const wanted = goals.length > 0 ? [...goals] : first === undefined ? [] : [first];
  const seen = new Set<string>();
  for (let goal = wanted.pop(); goal !== undefined; goal = wanted.pop()) {
    if (seen.has(goal)) continue;
    seen.add(goal);
    for (const { targets, needs } of rules) if (targets.includes(goal)) wanted.push(...needs);
  }
  return seen;
}

/** Whether a target among them says by its name that it installs. */
export function installs(makefile: Makefile, goals: readonly string[]): boolean {
  return [...closureOf(makefile, goals)].some((each) => INSTALL.test(each));
}

/** Programs of recipes that compile, or handle files and text; what others write nobody can see. */
const OF_RECIPES =
  /^(\$[({]\w+[)}]|cc|c99|gcc|g\+\+|c\+\+|clang(\+\+)?|ld|ar|ranlib|as|nasm|strip|objcopy|go|gofmt|cargo|rustc|mkdir|rmdir|rm|cp|mv|ln|touch|echo|printf|cat|sed|awk|grep|tr|cut|head|tail|sort|test|true|false|:|cd|set|export|chmod|chown|install|date|uname|pwd|which|command|exit|if|then|else|elif|fi|for|do|done|while|case|esac|\[|\{|\}|\(|make|cmake|ctest|pkg-config|git|env|exec|sleep|tput|docker|dirname|basename|xargs|find|ldconfig|upx|windres|bison|yacc|flex|lex|m4|python3?|perl|sh|bash|valgrind|gdb)$/;

/** Whether a recipe of the goals calls a program that may write anything beside what is compiled. */
export function callsOthers(makefile: Makefile, goals: readonly string[]): boolean {
  return commandsOf(makefile, goals).some((each) => {
    const program = /^[\w./+-]+|^\$[({]\w+[)}]/.exec(each)?.[0];
    return program !== undefined && !OF_RECIPES.test(program) && !program.includes('/');
  });
}

/** What a recipe of the goals installs packages with, or makes an environment for them. */
export function installerIn(makefile: Makefile, goals: readonly string[]): string | undefined {
  return commandsOf(makefile, goals)
    .map((each) => INSTALLER.exec(each)?.[0])
    .find((each) => each !== undefined);
}

const INSTALLER =
  /^(\S*\/)?(pip[\d.]*|python[\d.]* -m (venv|pip|virtualenv)|virtualenv|poetry|pipenv|uv|conda|npm|npx|yarn|pnpm|bun|bundle|gem|composer|apt-get|apt|apk|yum|dnf)\b/;

/** The commands of recipes, one by one, without what make itself reads in front. */
function commandsOf(makefile: Makefile, goals: readonly string[]): readonly string[] {
  const closure = closureOf(makefile, goals);
  const lines = makefile.rules.flatMap(({ targets, recipe }) =>
    targets.some((each) => closure.has(each)) ? recipe : [],
  );
  return lines.flatMap((line) =>
    line.split(/&&|\|\||[;|]/).flatMap((each) => {
      const bare = each
        .trim()
        .replace(/^[@+({-]+\s*/, '')
        .replace(/^(?:\w+=\S*\s+)+/, '');
      return bare === '' || bare.startsWith('#') ? [] : [bare];
    }),
  );
}

/** Whether several files come out that are no objects: a program may read the others where they lie. */
export function makesMore(makefile: Makefile, goals: readonly string[]): boolean {
  return programsIn(makefile, goals).length > 1;
}

/** The files that come out, apart from objects, libraries and sources; names as the rules write them. */
export function programsIn(makefile: Makefile, goals: readonly string[]): readonly string[] {
  const { rules } = makefile;
  const phony = new Set(rules.flatMap((each) => (each.targets[0] === '.PHONY' ? each.needs : [])));
  return [...closureOf(makefile, goals)].filter(
    (each) =>
      !phony.has(each) &&
      !COMMON_GOALS.test(each) &&
      !/[%]|\.(o|a|d|h|hpp|c|cc|cpp|cxx|lo|la)$/.test(each) &&
      rules.some(({ targets, recipe }) => targets.includes(each) && recipe.length > 0),
  );
}

const COMMON_GOALS =
  /^(all|default|build|release|debug|main|dirs?|directories|prepare|init|setup|clean|test|check|run|help|\$[({]\w*(OBJ|DIR|BUILD)\w*[)}])$/i;

const INSTALL = /^install([-_.]|$)/;

export interface Installed {
  /** Files and links that it makes, without a slash in front. */
  readonly paths: readonly string[];
  /** Whether that is all; else it writes more below folders named in `folders`, or nobody can tell. */
  readonly isAll: boolean;
  /** All absolute folders and files that the recipes name. */
  readonly folders: readonly string[];
}

/** What `make install` writes, run in a folder of the image. */
export function installedBy({ rules, filled }: Makefile, folder: string): Installed | undefined {
  const own = rules.filter(({ targets }) => targets.some((each) => INSTALL.test(each)));
  if (own.every(({ recipe }) => recipe.length === 0)) return undefined;
  const paths: string[] = [];
  const made = new Set<string>();
  const folders: string[] = [];
  let isAll = true;
  const at = (path: string): string =>
    pathInside(path.startsWith('/') ? path : `${folder}/${path}`);
  for (const { targets, recipe } of own) {
    for (const written of recipe) {
      const line = filled(written.replaceAll('$@', targets[0]!));
      if (line === undefined) {
        isAll = false;
        continue;
      }
      folders.push(
        ...[...line.matchAll(/(?<![\w.$"'-])["']?(\/[\w./+-]+)/g)].map(([, path]) => path!),
      );
      for (const command of line.replace(/^[@+-]+/, '').split(/&&|;/)) {
        const found = placed(command.trim(), made, at);
        if (found === undefined) isAll = false;
        else paths.push(...found);
      }
    }
  }
  return { paths: [...new Set(paths)], isAll, folders: folders.map(pathInside) };
}

/** The paths that a command of a recipe writes; `undefined` where that does not show. */
function placed(
  command: string,
  made: Set<string>,
  at: (path: string) => string,
): readonly string[] | undefined {
  if (/[*?`|<>(){}[\]]/.test(command)) return undefined;
  const words = command.split(/\s+/).map((word) => word.replace(/^(["'])(.*)\1$/, '$2'));
  const [program = '', ...args] = words;
  const name = baseName(program);
  const operands: string[] = [];
  let into: string | undefined;
  const options: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    if (!arg.startsWith('-')) operands.push(arg);
    else if (name === 'install' && /^-[a-zA-Z]*t$/.test(arg)) into = args[++index];
    else if (name === 'install' && /^-[a-zA-Z]*[mogS]$/.test(arg)) index++;
    else options.push(arg);
  }
  switch (name) {
    case '':
    case 'echo':
    case 'true':
    case ':':
    case 'make':
    case 'test':
      return name === 'make' ? undefined : [];
    case 'mkdir':
    case 'strip':
    case 'chmod':
      if (name === 'mkdir') for (const each of operands) made.add(at(each));
      return [];
    case 'install':
    case 'cp':
    case 'ln': {
      if (options.some((each) => /^-[a-zA-Z]*d/.test(each) && name === 'install')) {
        for (const each of operands) made.add(at(each));
        return [];
      }
      if (options.some((each) => /^-[a-zA-Z]*[rRa]/.test(each))) return undefined;
      const target = into ?? operands.pop();
      if (target === undefined || operands.length === 0) return undefined;
      const isFile = into === undefined && options.some((each) => /^-[a-zA-Z]*D/.test(each));
      const path = at(target);
      const isFolder =
        into !== undefined ||
        operands.length > 1 ||
        (!isFile &&
          (target.endsWith('/') ||
            made.has(path) ||
            (FOLDERS.test(path) && baseName(path) !== baseName(operands[0]!))));
      // Whether it is a folder decides the name, so that its place must be known.
      const isPlain = isFile || FOLDERS.test(folderOf(path)) || made.has(folderOf(path));
      if (!isFolder) return isPlain ? [path] : undefined;
      return operands.map((each) => `${path}/${baseName(each)}`);
    }
    default:
      return undefined;
  }
}

/** Folders that every system has. */
const FOLDERS =
  /^((usr\/(local\/)?)?(s?bin|lib|include|share|etc|src|libexec)|usr\/(local\/)?share\/man(\/man\d)?|etc|opt|var\/lib)$/;
