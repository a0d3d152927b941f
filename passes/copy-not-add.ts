/**
 * Writes COPY where ADD does nothing else.
 * Refuses where ADD downloads, unpacks or clones, or where that cannot be seen.
 */
import { resolveWord, stateBefore } from '../src/analysis/state.ts';
import { plainText } from '../src/analysis/values.ts';
import { mapStages, type CopyInstruction } from '../src/dockerfile/model.ts';
import { inPlaceOf } from '../src/dockerfile/parse.ts';
import { definePass } from '../src/pass.ts';

export default definePass({
  id: 'copy-not-add',
  summary: 'Copy local files with COPY instead of ADD.',
  why: 'ADD also downloads and unpacks: a reader has to look at every source to know what happens, and an archive that comes to have that name one day is unpacked without a word.',
  refuses: [
    'a source is a URL or a Git repository, or has the name of an archive: that is what ADD is for',
    'a flag is there that only ADD knows',
    'the name of a source is not known before the build',
    'the name of a file does not say whether it is an archive: then it is offered at level aggressive',
  ],
  level: 'safe',
  improves: ['reliability'],
  references: ['https://docs.docker.com/build/building/best-practices/#add-or-copy'],
  run: (file, scope) =>
    mapStages(file, (stage) =>
      stage.instructions.map((add) => {
        if (add.kind !== 'add') return add;
        const state = stateBefore(file, stage, add, scope.facts);
        const words = localSources(add).map((text) => resolveWord(state, text, add.escape));
        const sources = words.map(({ usual }) => plainText(usual));
        if (sources.includes(undefined)) {
          return scope.missed(add, 'what it adds is not known before the build');
        }
        const names = sources as string[];
        if (names.some((name) => isRemote(name) || isArchive(name)) || hasOwnFlags(add)) return add;
        // A build argument may name something else.
        const isCertain = words.every(({ certain }) => plainText(certain) !== undefined);
        const doubtful = names.filter((name) => !isPlain(name));
        return scope.propose(
          add,
          {
            level: doubtful.length > 0 ? 'aggressive' : isCertain ? 'safe' : 'standard',
            message: 'write COPY: ADD does nothing else here',
            assumptions: doubtful.map((name) => `${name} is no archive that ADD would unpack`),
          },
          add,
          () => inPlaceOf(add, copyKeyword(add.keyword) + add.text.slice(add.keyword.length)),
        );
      }),
    ),
});

/** The sources as written; a heredoc is a file that the Dockerfile holds itself. */
function localSources({ sources }: CopyInstruction): string[] {
  return sources.map(({ text }) => text).filter((text) => !text.startsWith('<<'));
}

function isRemote(name: string): boolean {
  return /^([a-z][a-z0-9+.-]*:\/\/|git@)/i.test(name) || /\.git(#.*)?$/i.test(name);
}

function isArchive(name: string): boolean {
  return /\.(tar|tgz|tbz2?|txz|tlz|tzst|gz|bz2|xz|zst|lzma|z)$/i.test(name);
}

/** A folder, or a file whose name has an ending of its own. */
function isPlain(name: string): boolean {
  const last = name.replace(/\/+$/, '');
  return last !== name || /^\.{0,2}$/.test(name) || /[^/.][^/]*\.[a-z][a-z0-9_-]*$/i.test(last);
}

function hasOwnFlags({ flags }: CopyInstruction): boolean {
  return flags.some(({ name }) => /^(checksum|keep-git-dir|unpack)$/.test(name));
}

/** In the case in which the author writes keywords. */
function copyKeyword(keyword: string): string {
  if (keyword === keyword.toLowerCase()) return 'copy';
  return keyword === keyword.toUpperCase() ? 'COPY' : 'Copy';
}
