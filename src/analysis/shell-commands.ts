/**
 * Commands that a shell has itself, or in a way of its own: without a shell there would be no such
 * program, or another. From the manuals of dash and bash.
 */
export const SHELL_COMMANDS: ReadonlySet<string> = new Set(
  (
    '. : [ [[ alias bg break builtin caller case cd command compgen complete continue declare dirs ' +
    'disown echo enable eval exec exit export false fc fg getopts hash help history jobs kill let ' +
    'local logout mapfile popd printf pushd pwd read readarray readonly return set shift shopt ' +
    'source suspend test time times trap true type typeset ulimit umask unalias unset wait'
  ).split(' '),
);
