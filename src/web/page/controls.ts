/** What a person may choose besides single edits: level, builder, passes. */
import { BUILDERS, type BuilderName } from '../../builder.ts';
import { LEVELS, type Level } from '../../pass.ts';
import type { Choices } from '../messages.ts';
import { button, el } from './dom.ts';
import type { PassInfo } from './protocol.ts';

export const LEVEL_WORDS: Readonly<Record<Level, string>> = {
  safe: 'the same files save caches and documentation',
  standard: 'also leaves out what the file shows to be useless',
  aggressive: 'also rests on assumptions that are spelled out',
};

const BUILDER_WORDS: Readonly<Record<BuilderName, string>> = {
  buildkit: 'BuildKit (docker build)',
  classic: 'Docker before BuildKit',
  kaniko: 'kaniko',
  buildah: 'buildah, podman',
};

export interface ControlScope {
  readonly choices: Choices;
  readonly passes: readonly PassInfo[];
  /** How many edits of each pass are made. */
  readonly counts: ReadonlyMap<string, number>;
  readonly choose: (changes: Partial<Choices>) => void;
}

export function controls(scope: ControlScope): HTMLElement[] {
  return [levelControl(scope), builderControl(scope), passControl(scope)];
}

function levelControl({ choices, choose }: ControlScope): HTMLElement {
  return el(
    'fieldset',
    { class: 'levels' },
    el('legend', {}, 'Level'),
    ...LEVELS.map((level) => {
      const id = `level-${level}`;
      const radio = el('input', {
        type: 'radio',
        name: 'level',
        id,
        'data-key': id,
        value: level,
        'aria-describedby': `${id}-words`,
      });
      radio.checked = level === choices.level;
      radio.addEventListener('change', () => choose({ level }));
      return el(
        'div',
        { class: 'choice' },
        radio,
        el('label', { for: id }, level),
        el('span', { class: 'words', id: `${id}-words` }, LEVEL_WORDS[level]),
      );
    }),
  );
}

function builderControl({ choices, choose }: ControlScope): HTMLElement {
  const select = el(
    'select',
    { id: 'builder', 'data-key': 'builder' },
    ...BUILDERS.map((name) => el('option', { value: name }, BUILDER_WORDS[name])),
  );
  select.value = choices.builder;
  select.addEventListener('change', () => {
    const builder = BUILDERS.find((name) => name === select.value);
    if (builder) choose({ builder });
  });
  return el(
    'div',
    { class: 'field' },
    el('label', { for: 'builder' }, 'It is built by'),
    select,
    choices.frontend !== undefined &&
      el('span', { class: 'words' }, `frontend ${choices.frontend}`),
  );
}

function passControl({ choices, passes, counts, choose }: ControlScope): HTMLElement {
  const off = new Set(choices.skip);
  const known = passes.filter(({ id }) => off.has(id)).length;
  const title =
    known === 0
      ? `All ${passes.length} passes are on`
      : `${known} of ${passes.length} passes are off`;
  const set = (id: string, isOn: boolean): void =>
    choose({ skip: isOn ? choices.skip.filter((each) => each !== id) : [...choices.skip, id] });
  return el(
    'details',
    { class: 'passes', 'data-key': 'passes' },
    el('summary', { 'data-key': 'passes-summary' }, title),
    el(
      'p',
      { class: 'row' },
      button('All on', () => choose({ skip: [] }), { 'data-key': 'passes-on' }),
      button('All off', () => choose({ skip: passes.map(({ id }) => id) }), {
        'data-key': 'passes-off',
      }),
    ),
    el(
      'ul',
      {},
      ...passes.map(({ id, summary }) => {
        const count = counts.get(id) ?? 0;
        const box = el('input', { type: 'checkbox', id: `pass-${id}`, 'data-key': `pass-${id}` });
        box.checked = !off.has(id);
        box.addEventListener('change', () => set(id, box.checked));
        return el(
          'li',
          {},
          box,
          el('label', { for: `pass-${id}`, title: summary }, id),
          count > 0 && el('span', { class: 'words' }, count === 1 ? '1 edit' : `${count} edits`),
        );
      }),
    ),
  );
}
