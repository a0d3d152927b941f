/** Edits as cards: what is done and why, what it assumes, what it saves, and whether it is wanted. */
import type { Level, NotAllowed, Remark } from '../../pass.ts';
import { changeText } from '../../report/size.ts';
import { add, button, el } from './dom.ts';
import type { PassInfo } from './protocol.ts';

export interface CardActions {
  readonly setDenied: (id: string, isDenied: boolean) => void;
  /** Shows the line of the file as it is. */
  readonly showLine: (line: number) => void;
  readonly setLevel: (level: Level) => void;
}

export interface CardScope {
  readonly passes: ReadonlyMap<string, PassInfo>;
  readonly actions: CardActions;
  /** All remarks of the run, by id. */
  readonly all: ReadonlyMap<string, Remark>;
}

/** Made, or not made because somebody switched it off, or one that it needs. */
export function isChosen(remark: Remark, all: ReadonlyMap<string, Remark>): boolean {
  const { outcome, because, requires } = remark;
  if (outcome === 'applied' || because === 'denied') return true;
  if (because !== 'requires') return false;
  return requires.some((id) => {
    const other = all.get(id);
    return other !== undefined && other.outcome !== 'applied' && isChosen(other, all);
  });
}

export function editList(remarks: readonly Remark[], scope: CardScope): HTMLElement {
  return el('ol', { class: 'cards' }, ...remarks.map((remark) => card(remark, scope)));
}

function card(remark: Remark, scope: CardScope): HTMLElement {
  const { id, message, outcome, because } = remark;
  const heading = `edit-${id}`;
  const isOn = outcome === 'applied';
  const toggle = el('input', {
    type: 'checkbox',
    role: 'switch',
    id: heading,
    'data-key': `switch-${id}`,
    'aria-describedby': `${heading}-facts`,
  });
  toggle.checked = isOn;
  toggle.disabled = because === 'requires';
  toggle.addEventListener('change', () => scope.actions.setDenied(id, !toggle.checked));
  return el(
    'li',
    { class: isOn ? 'card on' : 'card off', 'data-id': id },
    el('div', { class: 'title' }, toggle, el('label', { for: heading }, message)),
    facts(remark, `${heading}-facts`, scope),
    ...reasons(remark, scope),
  );
}

function facts(remark: Remark, id: string, { actions, passes }: CardScope): HTMLElement {
  const { level, saved, origin, origins, files } = remark;
  const change = saved ? changeText(saved) : '';
  const lines = [...new Set([origin.line, ...origins.map(({ line }) => line)])];
  return el(
    'p',
    { class: 'facts', id },
    el('span', { class: `level ${level}` }, level),
    el(
      'span',
      { class: 'lines' },
      ...lines.slice(0, 3).map((line) =>
        button(`line ${line}`, () => actions.showLine(line), {
          class: 'link',
          'data-key': `line-${remark.id}-${line}`,
        }),
      ),
      lines.length > 3 && ` and ${lines.length - 3} more`,
    ),
    ...files.map((file) => el('span', {}, `also ${file}`)),
    change === ''
      ? el('span', { class: 'bytes' }, saved && `same size${otherGains(remark, passes)}`)
      : el('span', { class: `bytes ${saved!.bytes < 0 ? 'larger' : 'smaller'}` }, change),
  );
}

/** What an edit is good for that makes nothing smaller. */
function otherGains({ pass }: Remark, passes: CardScope['passes']): string {
  const gains = passes.get(pass)?.improves.filter((each) => each !== 'size') ?? [];
  return gains.length === 0 ? '' : `, better ${gains.join(', ')}`;
}

function reasons(remark: Remark, { passes, all }: CardScope): HTMLElement[] {
  const { id, pass, assumptions, because, requires } = remark;
  const info = passes.get(pass);
  const lacking = requires.flatMap((each) => {
    const other = all.get(each);
    return other && other.outcome !== 'applied' ? [other.message] : [];
  });
  return [
    ...(because === 'requires'
      ? [el('p', { class: 'falls' }, `falls with: ${lacking.join('; ') || 'another edit'}`)]
      : []),
    ...(assumptions.length > 0
      ? [
          el('p', { class: 'assumes' }, 'It assumes that'),
          el('ul', { class: 'assumptions' }, ...assumptions.map((each) => el('li', {}, each))),
        ]
      : []),
    el(
      'details',
      { 'data-key': `why-${id}` },
      el('summary', { 'data-key': `why-summary-${id}` }, `Why: ${pass}`),
      info && el('p', {}, info.summary),
      info && el('p', {}, info.why),
      el('p', { class: 'id' }, `id ${id}`),
    ),
  ];
}

/** Why an edit that dfopt knows was not made, for each reason that there may be. */
const NOT_MADE: Readonly<Record<Exclude<NotAllowed, 'denied'>, string>> = {
  level: 'at another level',
  off: 'by passes that are off',
  ignored: 'switched off by a comment in the file',
  context: 'with a build context',
  requires: 'together with another edit',
};

/** What was offered, refused and advised, folded. */
export function otherLists(remarks: readonly Remark[], scope: CardScope): HTMLElement[] {
  const offered = remarks.filter(
    (each) => each.outcome === 'offered' && !isChosen(each, scope.all),
  );
  const groups = Object.entries(NOT_MADE).map(([because, words]) => ({
    key: because,
    title: `offered ${words}`,
    items: offered.filter((each) => each.because === because),
  }));
  const by = (outcome: Remark['outcome']): Remark[] =>
    remarks.filter((each) => each.outcome === outcome);
  return [
    ...groups,
    { key: 'advice', title: 'for a person to look at', items: by('advice') },
    { key: 'missed', title: 'refused, with the reason', items: by('missed') },
  ].flatMap(({ key, title, items }) => {
    if (items.length === 0) return [];
    const details = el(
      'details',
      { class: 'group', 'data-key': `group-${key}` },
      el('summary', { 'data-key': `group-summary-${key}` }, `${items.length} ${title}`),
    );
    add(details, [
      el('ul', { class: 'notes' }, ...items.map((each) => note(each, key === 'level', scope))),
    ]);
    return [details];
  });
}

function note(remark: Remark, isByLevel: boolean, { actions }: CardScope): HTMLElement {
  const { pass, message, level, origin, assumptions, id } = remark;
  return el(
    'li',
    {},
    el('p', {}, message),
    assumptions.length > 0 &&
      el('p', { class: 'assumes' }, `It assumes that ${assumptions.join('; ')}`),
    el(
      'p',
      { class: 'facts' },
      el('span', {}, pass),
      button(`line ${origin.line}`, () => actions.showLine(origin.line), {
        class: 'link',
        'data-key': `line-${id}`,
      }),
      isByLevel &&
        button(`allow level ${level}`, () => actions.setLevel(level), {
          class: 'link',
          'data-key': `level-${id}`,
        }),
    ),
  );
}
