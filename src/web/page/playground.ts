/** The page without a server: a Dockerfile as text, a folder as its context, all of it in the browser. */
import { bench } from './bench.ts';
import { add, button, el, refill } from './dom.ts';
import { startWorker } from './engine.ts';
import { pageCore } from './page-core.ts';
import type { PageCore } from './protocol.ts';
import type { contextOfFiles } from './dropped.ts';
import { chosenFolder, droppedFolder, type Folder } from './folder.ts';
import { isDockerfileName } from '../../analysis/context-texts.ts';
import { gapsOf, type BuildContext } from '../../analysis/context.ts';
import { baseName } from '../../analysis/go-paths.ts';
import { countOf } from '../../report/units.ts';
import { contextJson } from '../messages.ts';
import { sharedAddress, sharedText } from './share.ts';
import { DEFAULT_CHOICES, EXAMPLE } from './start.ts';

/** Nobody types faster than this; between two keys nothing needs to be computed. */
const PAUSE_MS = 200;

/** As large as dfopt takes a Dockerfile. */
const MOST_LETTERS = 1024 * 1024;

export async function startPlayground(app: HTMLElement): Promise<void> {
  const shared = await sharedText(location.hash);
  let folder: Folder | undefined;
  let path: string | undefined;
  let timer: number | undefined;
  const message = el('div', { class: 'message', role: 'status' });
  const problem = el('div', { class: 'message', role: 'alert' });
  const folderPlace = el('div', { class: 'folder' });

  const copy = button('Copy result', () => void copyResult(), { disabled: true });
  const table = bench({
    ...(shared !== undefined && { worker: startWorker() }),
    choices: DEFAULT_CHOICES,
    today: new Date().toISOString().slice(0, 10),
    facts: {},
    onOutcome: (outcome) => (copy.disabled = outcome === undefined),
  });

  const text = el('textarea', {
    id: 'text',
    rows: '14',
    spellcheck: 'false',
    autocomplete: 'off',
    autocapitalize: 'off',
    wrap: 'off',
  });
  text.value = shared ?? EXAMPLE;
  const show = (isNew: boolean, core?: PageCore): void => {
    refill(problem);
    if (text.value.length > MOST_LETTERS) {
      say(problem, 'This is larger than 1 MiB, which no Dockerfile is.');
      return;
    }
    table.show({ name: path ?? 'Dockerfile', text: text.value, diagnostics: [] }, isNew, core);
  };
  text.addEventListener('input', () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => show(false), PAUSE_MS);
  });

  const copyResult = async (): Promise<void> => {
    const { outcome } = table.state();
    if (outcome) await toClipboard(outcome.output, 'The result is copied.');
  };
  const share = async (): Promise<void> => {
    const address = await sharedAddress(text.value);
    if (address === undefined) {
      say(message, 'This Dockerfile is too long for an address.');
      return;
    }
    history.replaceState(null, '', address);
    await toClipboard(address, 'The address, with the whole Dockerfile in it, is copied.');
  };
  const toClipboard = async (what: string, done: string): Promise<void> => {
    try {
      await navigator.clipboard.writeText(what);
      say(message, done);
    } catch {
      say(message, 'The browser does not let this page copy: it is in the address bar or below.');
    }
  };

  const takeFolder = async (next: Folder | undefined): Promise<void> => {
    refill(problem);
    folder = next;
    const { manifests } = await table.ready;
    if (!folder) {
      path = undefined;
      table.setContext(undefined);
      refill(folderPlace, ...chooser);
      show(false);
      return;
    }
    const dockerfiles = folder.files.filter((each) => isDockerfileName(baseName(each.path)));
    const names = dockerfiles.map((each) => each.path).sort();
    const known = path !== undefined && names.includes(path) ? path : names[0];
    path = known;
    await openIn(folder, manifests, names, known !== undefined);
  };
  const openIn = async (
    from: Folder,
    manifests: Parameters<typeof contextOfFiles>[2],
    names: readonly string[],
    isRead: boolean,
  ): Promise<void> => {
    // Most who come have no folder to show.
    const reader = await import('./dropped.ts').catch(() => undefined);
    if (!reader) {
      say(problem, 'The part of this page that reads folders could not be loaded.');
      return;
    }
    try {
      const context = await reader.contextOfFiles(from, path, manifests);
      const own = from.files.find((each) => each.path === path);
      if (isRead && own) text.value = await dockerfileText(own);
      table.setContext(contextJson(context));
      const pick = picker(names, path, (name) => {
        path = name;
        void openIn(from, manifests, names, true);
      });
      refill(folderPlace, ...folderFacts(from, context), pick, forget);
      show(isRead);
    } catch (error) {
      if (!(error instanceof reader.UnreadableIgnore)) throw error;
      folder = undefined;
      table.setContext(undefined);
      say(problem, `Nothing is known of the folder: ${error.message}.`);
    }
  };

  const takeDropped = async (transfer: DataTransfer): Promise<void> => {
    const dropped = await droppedFolder(transfer);
    if (dropped) await takeFolder(dropped);
    else say(problem, 'That is no folder.');
  };

  const forget = button('Forget the folder', () => void takeFolder(undefined));
  const input = el('input', { type: 'file', id: 'folder', webkitdirectory: true, multiple: true });
  input.addEventListener('change', () => {
    const chosen = input.files && chosenFolder(input.files);
    if (chosen) void takeFolder(chosen);
    input.value = '';
  });
  const chooser = [
    el('label', { for: 'folder' }, 'Build context: choose its folder, or drop it on this page'),
    input,
    el(
      'p',
      { class: 'words' },
      'Names, sizes and the texts of manifests are read here, in the browser. Nothing is sent anywhere.',
    ),
  ];
  add(folderPlace, chooser);

  app.addEventListener('dragover', (event) => {
    event.preventDefault();
    app.classList.add('dropping');
  });
  app.addEventListener('dragleave', () => app.classList.remove('dropping'));
  app.addEventListener('drop', (event) => {
    event.preventDefault();
    app.classList.remove('dropping');
    if (!event.dataTransfer) return;
    void takeDropped(event.dataTransfer);
  });

  refill(
    app,
    el(
      'header',
      { class: 'top' },
      el('h1', {}, 'dfopt playground'),
      el(
        'div',
        { class: 'row' },
        button('Share', () => void share()),
        copy,
      ),
    ),
    el(
      'main',
      {},
      message,
      problem,
      el(
        'section',
        { class: 'source', 'aria-label': 'Input' },
        el('div', { class: 'field' }, el('label', { for: 'text' }, 'Dockerfile'), text),
        folderPlace,
      ),
      table.element,
    ),
  );
  const core = shared === undefined ? await pageCore() : undefined;
  // The build made sure of the example alone.
  show(true, text.value === EXAMPLE ? core : undefined);
  // Who goes on finds it ready.
  if (document.readyState === 'complete') table.start();
  else window.addEventListener('load', () => table.start(), { once: true });
}

function say(place: HTMLElement, text: string): void {
  refill(place, el('p', {}, text));
}

async function dockerfileText(file: Folder['files'][number]): Promise<string> {
  if (file.size > MOST_LETTERS) return '';
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(await file.bytes());
}

function folderFacts({ name, files }: Folder, context: BuildContext): HTMLElement[] {
  const gaps = gapsOf(context);
  const [gap] = gaps;
  const place = gap && (gap.path === '' ? name : gap.path);
  return [
    el(
      'p',
      {},
      'Build context: ',
      el('strong', {}, name),
      `, ${countOf(files.length, 'file')}, ${countOf(context.texts.size, 'text')} read`,
    ),
    ...(gap
      ? [
          el(
            'p',
            { class: 'words' },
            `${place} ${gap.why}${gaps.length > 1 ? `, and ${gaps.length - 1} more places` : ''}`,
          ),
        ]
      : []),
  ];
}

function picker(
  names: readonly string[],
  chosen: string | undefined,
  choose: (name: string) => void,
): HTMLElement | undefined {
  if (names.length === 0) return undefined;
  const select = el(
    'select',
    { id: 'dockerfile' },
    ...names.map((name, index) => el('option', { value: String(index) }, name)),
  );
  select.selectedIndex = names.indexOf(chosen ?? '');
  select.addEventListener('change', () => choose(names[select.selectedIndex]!));
  return el(
    'div',
    { class: 'field' },
    el('label', { for: 'dockerfile' }, 'Dockerfile in it'),
    select,
  );
}
