/** What is wrong with a file, and what to do about it. */
import type { Diagnostic } from '../../dockerfile/model.ts';
import { el } from './dom.ts';

export function problemList(diagnostics: readonly Diagnostic[]): HTMLElement | undefined {
  if (diagnostics.length === 0) return undefined;
  return el(
    'section',
    { class: 'problems', 'aria-label': 'Problems' },
    el('ul', {}, ...diagnostics.map(problem)),
  );
}

const WORDS: Readonly<Record<Diagnostic['severity'], string>> = {
  error: 'Error',
  warning: 'Warning',
  'left-alone': 'Left alone',
};

function problem({ severity, line, message, advice }: Diagnostic): HTMLElement {
  return el(
    'li',
    { class: severity },
    el('strong', {}, `${WORDS[severity]}, line ${line}: `),
    message,
    el('span', { class: 'advice' }, ` — ${advice}`),
  );
}
