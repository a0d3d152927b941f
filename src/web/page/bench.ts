/**
 * What review and playground have in common: the choices, the rewrite that follows each of them, and
 * the views of what came out.
 */
import { headline } from '../../report/size.ts';
import { countOf } from '../../report/units.ts';
import type { Remark } from '../../pass.ts';
import type { Choices, ContextJson, FactChanges } from '../messages.ts';
import { editList, isChosen, otherLists } from './cards.ts';
import { controls } from './controls.ts';
import { diffView } from './diff-view.ts';
import { button, el, refill } from './dom.ts';
import { startEngine } from './engine.ts';
import { problemList } from './problems.ts';
import type { Outcome, PageCore, PassInfo, Report, RewriteJob } from './protocol.ts';
import { bills, waterfall } from './size-view.ts';
import type { Diagnostic } from '../../dockerfile/model.ts';

/** What is rewritten. */
export interface Subject {
  readonly name: string;
  readonly text: string;
  /** Beside those of the rewrite: of the build context, of base images. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface Bench {
  readonly element: HTMLElement;
  readonly ready: Promise<Extract<Report, { kind: 'ready' }>>;
  readonly setContext: (context: ContextJson | undefined) => void;
  /**
   * @param isNew it is another file: what was denied in the last one means nothing
   * @param core what can rewrite it at once
   */
  readonly show: (subject: Subject, isNew: boolean, core?: PageCore) => void;
  /** Starts the worker, where nothing was asked of it yet. */
  readonly start: () => void;
  /** The outcome is missing while it is computed. */
  readonly state: () => { readonly choices: Choices; readonly outcome: Outcome | undefined };
}

export interface BenchOptions {
  /** One that was started already. */
  readonly worker?: Worker;
  readonly choices: Choices;
  readonly today: string;
  readonly facts: FactChanges;
  /** A rewrite came out, or `undefined`: the one that is shown no longer is right. */
  readonly onOutcome: (outcome: Outcome | undefined) => void;
}

export function bench(options: BenchOptions): Bench {
  let choices = options.choices;
  let subject: Subject | undefined;
  let outcome: Outcome | undefined;
  /** The outcome is that of the subject and the choices as they are now. */
  let isCurrent = false;
  let passes: readonly PassInfo[] = [];

  const status = el('p', { class: 'status', role: 'status' }, 'Loading…');
  const failure = el('div', { role: 'alert' });
  const controlPlace = el('div', { class: 'controls' });
  const sizePlace = el('div');
  const editPlace = el('div');
  const problemPlace = el('div');
  const resultPlace = el('div', { class: 'results' });
  const section = (id: string, title: string, ...children: HTMLElement[]): HTMLElement =>
    el(
      'section',
      { class: id, 'aria-labelledby': `${id}-title` },
      el('h2', { id: `${id}-title` }, title),
      ...children,
    );
  const element = el(
    'div',
    { class: 'bench' },
    el('div', { class: 'headline' }, status, failure),
    el(
      'div',
      { class: 'side' },
      section('choices', 'What it may do', controlPlace),
      section('edits', 'Edits', editPlace),
    ),
    el(
      'div',
      { class: 'wide' },
      problemPlace,
      section('result', 'Result', resultPlace),
      section('size', 'Size', sizePlace),
    ),
  );

  const take = (next: Outcome): void => {
    outcome = next;
    isCurrent = true;
    // For whoever measures: the rewrite's own time, on the page's clock.
    const end = performance.now();
    performance.measure('dfopt-rewrite', { start: Math.max(0, end - next.took), end });
    refill(failure);
    element.removeAttribute('aria-busy');
    render();
    options.onOutcome(next);
  };
  const engine = startEngine(
    options.facts,
    {
      onOutcome: take,
      onFailure: (why) => {
        element.removeAttribute('aria-busy');
        refill(failure, el('p', { class: 'failure' }, why));
      },
    },
    options.worker,
  );
  const knowPasses = async (): Promise<void> => {
    try {
      ({ passes } = await engine.ready);
      renderControls();
    } catch {
      // It was told as a failure.
    }
  };

  const run = (core?: PageCore): void => {
    if (!subject) return;
    const job = { text: subject.text, choices, today: options.today };
    const made = core && rewrittenBy(core, job);
    if (made) {
      passes = core.passes();
      take(made);
      return;
    }
    element.setAttribute('aria-busy', 'true');
    isCurrent = false;
    options.onOutcome(undefined);
    engine.rewrite(job);
  };
  const choose = (changes: Partial<Choices>): void => {
    choices = { ...choices, ...changes };
    renderControls();
    run();
  };
  const showLine = (line: number): void => {
    const rows = [...resultPlace.querySelectorAll<HTMLElement>('tr[data-line]')];
    const row = rows.find(({ dataset }) => dataset['line'] === String(line));
    if (!row) return;
    row.setAttribute('tabindex', '-1');
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: 'center' });
  };
  const renderControls = (): void => {
    const counts = new Map<string, number>();
    for (const { pass, outcome: what } of outcome?.remarks ?? []) {
      if (what === 'applied') counts.set(pass, (counts.get(pass) ?? 0) + 1);
    }
    refill(controlPlace, ...controls({ choices, passes, counts, choose }));
  };
  const render = (): void => {
    if (!outcome || !subject) return;
    renderControls();
    refill(status, ...statusOf(outcome));
    refill(problemPlace, problemList([...outcome.diagnostics, ...subject.diagnostics]));
    const { remarks, sizes } = outcome;
    const all = new Map(remarks.map((each) => [each.id, each]));
    const chosen = remarks.filter((each) => isChosen(each, all));
    const scope = {
      passes: new Map(passes.map((each) => [each.id, each])),
      all,
      actions: {
        showLine,
        setLevel: (level: Choices['level']) => choose({ level }),
        setDenied: (id: string, isDenied: boolean) =>
          choose({
            deny: isDenied ? [...choices.deny, id] : choices.deny.filter((each) => each !== id),
          }),
      },
    };
    refill(
      editPlace,
      chosen.length === 0
        ? el('p', { class: 'none' }, 'Nothing to edit at this level.')
        : editList(chosen, scope),
      chosen.length > 1 && allButtons(chosen),
      ...otherLists(remarks, scope),
    );
    refill(
      sizePlace,
      ...(sizes
        ? [waterfall(sizes, remarks), el('p', { class: 'words' }, SIZE_WORDS), bills(sizes)]
        : [el('p', { class: 'none' }, 'Nothing can be said of the size.')]),
    );
    renderResult(subject, outcome);
  };
  const renderResult = ({ name }: Subject, { input, output, files, remarks }: Outcome): void => {
    const edited = new Set(
      remarks
        .filter((each) => each.outcome === 'applied')
        .flatMap(({ origins }) => origins.map(({ line }) => line)),
    );
    refill(
      resultPlace,
      ...files.flatMap(({ path, before, after }) => [
        el('h3', {}, path),
        scrolling(path, diffView({ name: path, before, after, edited: new Set() })),
      ]),
      files.length > 0 && el('h3', {}, name),
      scrolling(name, diffView({ name, before: input, after: output, edited })),
    );
  };
  const allButtons = (chosen: readonly Remark[]): HTMLElement =>
    el(
      'p',
      { class: 'row' },
      button('All on', () => choose({ deny: [] }), { 'data-key': 'edits-on' }),
      button('All off', () => choose({ deny: chosen.map(({ id }) => id) }), {
        'data-key': 'edits-off',
      }),
    );

  renderControls();
  void knowPasses();
  return {
    element,
    ready: engine.ready,
    setContext: engine.setContext,
    show: (next, isNew, core) => {
      subject = next;
      if (isNew) choices = { ...choices, deny: options.choices.deny };
      run(core);
    },
    start: engine.start,
    state: () => ({ choices, outcome: isCurrent ? outcome : undefined }),
  };
}

function rewrittenBy(core: PageCore, job: RewriteJob): Outcome | undefined {
  try {
    return core.rewrite(job);
  } catch {
    // The worker can load what is missing here, and says what is wrong.
    return undefined;
  }
}

const SIZE_WORDS =
  'An estimate: the sum of the uncompressed layers of the shipped image, as docker image inspect gives it.';

/** One sentence for eyes and ears: sizes, then how many edits. */
function statusOf({ sizes, remarks, files, input, output }: Outcome): HTMLElement[] {
  const all = new Map(remarks.map((each) => [each.id, each]));
  const chosen = remarks.filter((each) => isChosen(each, all));
  const made = chosen.filter(({ outcome }) => outcome === 'applied').length;
  const hasChanged = input !== output || files.length > 0;
  const count = `${made} of ${countOf(chosen.length, 'edit')} made`;
  return [
    el('span', { class: 'total' }, sizes ? headline(sizes) : 'size unknown'),
    el('span', { class: 'count' }, hasChanged || chosen.length > 0 ? count : 'nothing changes'),
  ];
}

/** Long lines scroll inside; who uses the keyboard can get there. */
function scrolling(name: string, table: HTMLElement): HTMLElement {
  return el(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `${name}, side by side` },
    table,
  );
}
