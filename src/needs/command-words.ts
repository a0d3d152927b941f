/** What the words of commands tell of what they ask, whatever the image. */
import { type Call } from '../analysis/calls.ts';
import type { CommandForm, Instruction } from '../dockerfile/model.ts';

/** Whether it gives words to an ENTRYPOINT, of which the first is no program. */
export function givesOptions(cmd: Instruction): boolean {
  return (
    cmd.kind === 'cmd' &&
    cmd.command.form === 'exec' &&
    cmd.command.exec[0]?.startsWith('-') === true
  );
}

export function isPlainShell(form: CommandForm): boolean {
  const words = form.form === 'exec' ? form.exec : [];
  return (
    words.length > 0 &&
    words.length <= 2 &&
    (words[1] ?? '-').startsWith('-') &&
    /^(\/(usr\/)?bin\/)?(ba|z|a|da)?sh$/.test(words[0]!)
  );
}

export function isLocal(address: string): boolean {
  return /^(https?:\/\/)?(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])([:/]|$)/.test(address);
}

export function readsCertificates(name: string, call: Call, readers: readonly string[]): boolean {
  if (!readers.includes(name) && !readers.includes(`${name} ${call.args[0] ?? ''}`)) return false;
  if (
    name === 'git' &&
    !/^(clone|fetch|pull|submodule|ls-remote|remote)$/.test(call.args[0] ?? '')
  ) {
    return false;
  }
  const texts = call.args.map((each) => each ?? 'https://');
  const addresses = texts.filter((each) => /^[a-z+]+:\/\/|^localhost|^127\.|^\[::1\]/.test(each));
  return addresses.length === 0
    ? texts.some((each) => /\.[a-z]{2,}\//.test(each))
    : addresses.some((each) => !/^(http|git|ssh|file):/.test(each) && !isLocal(each));
}
