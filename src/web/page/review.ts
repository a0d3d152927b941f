/** The page of `dfopt review --web`: files of this machine, and the button that writes them. */
import { apiOf, Refused, takeToken, type Api } from './api.ts';
import { bench, type Bench } from './bench.ts';
import { button, el, refill } from './dom.ts';
import { startWorker } from './engine.ts';
import type { OpenedFile, Session } from '../messages.ts';
import type { Outcome } from './protocol.ts';

/** Which file was open, for a reload of the page. */
const STORED = 'dfopt-file';

export async function startReview(app: HTMLElement): Promise<void> {
  // While it loads, the server is asked.
  const worker = startWorker();
  const api = apiOf(takeToken());
  let session: Session;
  try {
    session = await api.session();
  } catch (error) {
    refill(app, el('main', { class: 'alone' }, el('h1', {}, 'dfopt review'), failed(error)));
    return;
  }
  review(app, api, session, worker);
}

function failed(error: unknown): HTMLElement {
  // What is no refusal is a bug, and belongs on the console.
  if (!(error instanceof Refused)) throw error;
  return el('p', { class: 'failure', role: 'alert' }, sentence(error.message));
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

function review(app: HTMLElement, api: Api, session: Session, worker: Worker): void {
  let file: OpenedFile | undefined;
  let isWriting = false;
  const message = el('div', { class: 'message', role: 'status' });
  const problem = el('div', { class: 'message', role: 'alert' });
  const write = button('Write', () => void writeFile(), { class: 'primary' });
  const again = button('Read again', () => void open(current(), false));
  const table: Bench = bench({
    worker,
    choices: session.choices,
    today: session.today,
    facts: session.facts,
    onOutcome: (outcome) => showWrite(outcome),
  });

  const select = el(
    'select',
    { id: 'file' },
    ...session.files.map(({ id, name }) => el('option', { value: String(id) }, name)),
  );
  const current = (): number => Number(select.value);
  select.addEventListener('change', () => {
    refill(message);
    void open(current(), true);
  });

  const showWrite = (outcome: Outcome | undefined): void => {
    const names = outcome ? changedNames(outcome, file?.name ?? '') : [];
    write.disabled = names.length === 0 || isWriting;
    write.textContent = '';
    write.append(names.length > 1 ? `Write ${names.length} files` : 'Write');
  };

  const open = async (id: number, isNew: boolean): Promise<void> => {
    refill(problem);
    sessionStorage.setItem(STORED, String(id));
    try {
      const opened = await api.open(id);
      // Another one may have been chosen meanwhile.
      if (current() !== id) return;
      file = opened;
      table.element.hidden = false;
      table.setContext(opened.context);
      table.show(opened, isNew);
    } catch (error) {
      file = undefined;
      table.element.hidden = true;
      showWrite(undefined);
      refill(problem, failed(error));
    }
  };

  const writeFile = async (): Promise<void> => {
    const { choices, outcome } = table.state();
    if (!file || !outcome) return;
    const { id, version } = file;
    isWriting = true;
    showWrite(outcome);
    refill(message);
    refill(problem);
    try {
      const { output, files } = outcome;
      const { names } = await api.write(id, { version, choices, output, files });
      await open(id, false);
      refill(message, el('p', {}, `Written: ${names.join(', ')}`));
    } catch (error) {
      refill(problem, failed(error));
    } finally {
      isWriting = false;
      const { outcome: shown } = table.state();
      showWrite(shown);
    }
  };

  const many = session.files.length > 1;
  refill(
    app,
    el(
      'header',
      { class: 'top' },
      el('h1', {}, 'dfopt review'),
      el(
        'div',
        { class: 'field file' },
        el('label', { for: 'file' }, many ? `File (of ${session.files.length})` : 'File'),
        select,
      ),
      el('div', { class: 'row' }, again, write),
    ),
    el('main', {}, message, problem, table.element),
  );
  const stored = Number(sessionStorage.getItem(STORED) ?? '0');
  const first = session.files.find(({ id }) => id === stored) ?? session.files[0];
  showWrite(undefined);
  if (!first) return;
  select.value = String(first.id);
  void open(first.id, true);
}

function changedNames({ input, output, files }: Outcome, name: string): string[] {
  return [...files.map(({ path }) => path), ...(input === output ? [] : [name])];
}
