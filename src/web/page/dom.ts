/** Elements of the page. Text gets into them as text, with what would act on a screen made visible. */
import { escapeLines } from '../../report/escape.ts';

export type Child = Node | string | undefined | false;

export type Attributes = Readonly<Record<string, string | boolean | undefined>>;

/** An element; strings among its children and in its attributes may come from anybody. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? '' : escapeLines(value));
  }
  add(element, children);
  return element;
}

export function add(parent: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === undefined || child === false) continue;
    parent.append(typeof child === 'string' ? escapeLines(child) : child);
  }
}

/** New children in place of the old ones; what had the focus gets it again, found by its `data-key`. */
export function refill(parent: Element, ...children: readonly Child[]): void {
  const { activeElement } = document;
  const key =
    activeElement instanceof HTMLElement && parent.contains(activeElement)
      ? activeElement.dataset['key']
      : undefined;
  const open = new Set(
    [...parent.querySelectorAll<HTMLDetailsElement>('details[open][data-key]')].map(
      ({ dataset }) => dataset['key'],
    ),
  );
  parent.replaceChildren();
  add(parent, children);
  for (const each of parent.querySelectorAll<HTMLDetailsElement>('details[data-key]')) {
    if (open.has(each.dataset['key'])) each.open = true;
  }
  if (key === undefined) return;
  const same = [...parent.querySelectorAll<HTMLElement>('[data-key]')].find(
    ({ dataset }) => dataset['key'] === key,
  );
  same?.focus({ preventScroll: true });
}

export function button(
  label: string,
  onClick: () => void,
  attributes: Attributes = {},
): HTMLButtonElement {
  const element = el('button', { type: 'button', ...attributes }, label);
  element.addEventListener('click', onClick);
  return element;
}

/** Code of anybody: what `escapeLines` writes out is marked, so that nobody takes it for the text. */
export function code(text: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  for (const [index, part] of escapeLines(text)
    .split(/(\\u[\da-f]{4})/)
    .entries()) {
    // Only what was not there before is an escape; the odd parts are what split() found.
    if (index % 2 === 1 && !text.includes(part)) {
      fragment.append(el('span', { class: 'escape' }, part));
    } else if (part !== '') fragment.append(part);
  }
  return fragment;
}
