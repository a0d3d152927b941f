/** What must hold for the review of any pull request, tried on random ones. A seed makes a failure repeatable. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { markerOf } from '../../src/bot/marker.ts';
import { reviewOf, type Review } from '../../src/bot/review.ts';
import { loadFacts } from '../../src/facts/load.ts';
import { optimize } from '../../src/pipeline.ts';
import { modelFile } from './pull-arbitrary.ts';
import {
  accepted,
  conversationOf,
  deliver,
  HEAD,
  modelOf,
  openSuggestions,
  pullFiles,
  type Model,
  type ModelFile,
} from './pull-model.ts';

const facts = loadFacts();
const SEED = Number(process.env['SEED'] ?? 20261121);
const RUNS = Number(process.env['RUNS'] ?? 100);

function review(model: Model): Review {
  return reviewOf({
    head: HEAD,
    files: pullFiles(model),
    conversation: conversationOf(model),
    facts,
    settings: { comments: 'suggestions', failOn: 'nothing', version: '1.0.0' },
  });
}

/** What dfopt makes of the file where just these edits are wanted. */
function rewritten({ head, options }: ModelFile, ids: ReadonlySet<string>): string {
  const deny = new Set<string>();
  for (;;) {
    const { output, remarks } = optimize(head, facts, { ...options, deny });
    const others = remarks.filter(({ outcome, id }) => outcome === 'applied' && !ids.has(id));
    if (others.length === 0) return output;
    for (const { id } of others) deny.add(id);
  }
}

it(
  'is never refused, and its suggestions are what dfopt makes of the file, one by one and all together',
  { timeout: 10 * 60_000 },
  () => {
    const seen = { comments: 0, whole: 0, partly: 0, untouched: 0 };
    fc.assert(
      fc.property(modelFile, (file) => {
        const model = modelOf(file);
        deliver(model, review(model).operations);
        expect(model.refused).toEqual([]);

        const open = openSuggestions(model);
        const idsOf = (body: string): readonly string[] =>
          markerOf('suggestion', body, undefined)!.ids;
        for (const comment of open) {
          const alone = accepted(file.head, [comment]);
          expect(alone).toBe(rewritten(file, new Set(idsOf(comment.body))));
        }
        const all = accepted(file.head, open);
        const ids = new Set(open.flatMap(({ body }) => idsOf(body)));
        expect(all).toBe(rewritten(file, ids));
        const whole = optimize(file.head, facts, file.options);
        const edits = whole.remarks.filter(({ outcome }) => outcome === 'applied');
        expect([...ids].filter((id) => !edits.some((edit) => edit.id === id))).toEqual([]);
        if (ids.size === edits.length) expect(all).toBe(whole.output);

        seen.comments += open.length;
        if (edits.length === 0) seen.untouched++;
        else if (ids.size === edits.length) seen.whole++;
        else if (ids.size > 0) seen.partly++;
        const isWrong = whole.diagnostics.some(({ severity }) => severity === 'error');
        if (edits.length === 0 && !isWrong) expect(model.written).toEqual([]);

        expect(review(model).operations).toEqual([]);
      }),
      { seed: SEED, numRuns: RUNS },
    );
    expect(seen.comments).toBeGreaterThan(RUNS / 2);
    expect(seen.whole).toBeGreaterThan(RUNS / 20);
    expect(seen.partly).toBeGreaterThan(RUNS / 20);
  },
);
