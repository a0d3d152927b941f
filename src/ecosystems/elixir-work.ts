/**
 * What `mix release` and `rebar3 release` make: a folder with the program and the machine that runs it,
 * which is linked with libraries of the system.
 */
import type { Call } from '../analysis/calls.ts';
import { isWithin, textOf } from '../analysis/context.ts';
import { pathInside } from '../analysis/go-paths.ts';
import { ownName, type Work, type WorkAnswer, type WorkScope } from './work.ts';

/** Tasks whose results go into the release, or that look at things. */
const BEFORE =
  /^(do|local\.(hex|rebar)|deps\.(get|compile)|compile|phx\.digest|assets\.(deploy|setup|build)|phx\.gen\.release|sentry\.package_source_code)$/;

/** Debian's names of what the machine links: for keys, for terminals, and for C++. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  buster: ['libssl1.1', 'libncurses6', 'libtinfo6', 'libstdc++6'],
  bullseye: ['libssl1.1', 'libncurses6', 'libtinfo6', 'libstdc++6'],
  bookworm: ['libssl3', 'libncurses6', 'libtinfo6', 'libstdc++6'],
  trixie: ['libssl3t64', 'libncurses6', 'libtinfo6', 'libstdc++6'],
};

export function elixirWork(call: Call, scope: WorkScope): WorkAnswer | undefined {
  const name = ownName(call);
  if (name !== 'mix' && name !== 'rebar3') return undefined;
  const words = call.args.filter((arg) => arg?.startsWith('-') !== true);
  const isRelease = (args: readonly (string | undefined)[]): boolean => args.includes('release');
  if (!isRelease(words)) {
    const releases = scope.later.some((each) => ownName(each) === name && isRelease(each.args));
    const isBefore = name === 'rebar3' || BEFORE.test(words[0] ?? '');
    return releases && isBefore ? { ecosystem: 'elixir', makes: [] } : undefined;
  }
  if (call.args.some((arg) => arg === undefined || /^--(path|output|relname)/.test(arg))) {
    return { why: 'nobody knows where the release lies' };
  }
  const environment = name === 'mix' ? scope.variable('MIX_ENV') : profileOf(words);
  if (environment === undefined || environment === '') {
    return { why: `nothing says for which environment "${name} release" builds` };
  }
  const suite = scope.image?.distribution?.suite ?? '';
  const libraries = LIBRARIES[suite];
  if (!libraries) return { why: 'nobody knows which libraries the machine of Erlang links there' };
  const manifest = name === 'mix' ? 'mix.exs' : 'rebar.config';
  const text = scope.files && textOf(scope.files, pathInside(`${call.folder}/${manifest}`));
  if (text?.kind !== 'text') return { why: `nothing that is copied before it is a ${manifest}` };
  if (/include_erts[:,]\s*false|dev_mode,\s*true|apps_path|\bpath:\s*"\/|steps:/.test(text.text)) {
    return { why: `${manifest} makes the release in another way` };
  }
  const top = pathInside(`${call.folder}/_build/${environment}/rel`);
  const started = scope.started
    .map(({ program, folder }) =>
      pathInside(program.startsWith('/') ? program : `${folder}/${program}`),
    )
    .find((path) => isWithin(path, top) && path !== top);
  const whole = {
    path: pathInside(`${call.folder}/_build`),
    of: 'sources',
    isNamed: true,
  } as const;
  if (started === undefined) {
    // Where nobody asks what is started, all that it makes is in there.
    if (scope.started.length === 0) return { ecosystem: 'elixir', makes: [whole] };
    return { why: 'the container does not start the release where it is made' };
  }
  const own = `${top}/${started.slice(top.length + 1).split('/')[0]!}`;
  const lock = textOf(scope.files!, pathInside(`${call.folder}/mix.lock`));
  const isNative = lock.kind !== 'absent' && !(lock.kind === 'text' && !NATIVE.test(lock.text));
  const work: Work = {
    ecosystem: 'elixir',
    makes: [{ path: own, of: 'sources' }, whole],
    links: 'by headers',
    libraries,
    packages: [{ what: 'CA certificates', names: () => ['ca-certificates'] }],
    ...(isNative && {
      assumptions: ['native parts of the dependencies link no further library of the system'],
    }),
  };
  return work;
}

const NATIVE = /"(elixir_make|rustler\w*|cc_precompiler|exqlite|zigler|nif\w*)"|:make\b/;

/** Of `rebar3 as prod release`. */
function profileOf(words: readonly (string | undefined)[]): string | undefined {
  return words[0] === 'as' ? words[1] : undefined;
}
