/** What things that a build fetches weigh, where the address says what they are. */
import type { Amount } from '../analysis/amounts.ts';
import type { Call } from '../analysis/calls.ts';
import { ownName } from '../ecosystems/work.ts';

/** @returns nothing where nobody knows what lies there */
export function downloadOf(_url: string): Amount | undefined {
  return undefined;
}

export interface Fetched {
  /** For people: `the download tini-amd64`. */
  readonly what: string;
  readonly amount: Amount | undefined;
}

/** What a call of curl, wget or git fetches; `undefined` for other calls. */
export function fetchedBy(call: Call): Fetched | undefined {
  const name = ownName(call);
  if (!/^(curl|wget|git)$/.test(name)) return undefined;
  if (name === 'git' && call.args[0] !== 'clone') return undefined;
  const url = call.args.find((each) => /^[a-z][a-z+]*:\/\/|^git@/i.test(each ?? ''));
  return {
    what: `what "${name}" fetches`,
    amount: url === undefined ? undefined : downloadOf(url),
  };
}
