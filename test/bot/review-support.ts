/** Reviews of pull requests in memory. */
import { expect } from 'vitest';
import { markerOf } from '../../src/bot/marker.ts';
import {
  reviewOf,
  type Operation,
  type Review,
  type ReviewSettings,
} from '../../src/bot/review.ts';
import { loadFacts } from '../../src/facts/load.ts';
import {
  conversationOf,
  deliver,
  HEAD,
  pullFiles,
  type Model,
  type ModelFile,
} from './pull-model.ts';

export const facts = loadFacts();

export const SETTINGS: ReviewSettings = {
  comments: 'suggestions',
  failOn: 'nothing',
  version: '1.0.0',
};

export function review(model: Model, settings: Partial<ReviewSettings> = {}): Review {
  return reviewOf({
    head: HEAD,
    files: pullFiles(model),
    conversation: conversationOf(model),
    facts,
    settings: { ...SETTINGS, ...settings },
  });
}

/** Looks, does what the plan says, and makes sure that it was taken. */
export function run(model: Model, settings: Partial<ReviewSettings> = {}): readonly Operation[] {
  const { operations } = review(model, settings);
  deliver(model, operations);
  expect(model.refused).toEqual([]);
  return operations;
}

export function file(head: string, more: Partial<ModelFile> = {}): ModelFile {
  return { path: 'app/Dockerfile', base: undefined, head, ...more };
}

export function lines(...all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}

/** Three edits in two suggestions, on lines 2 and 5. */
export const TWO = lines(
  'FROM debian:bookworm-slim',
  'RUN pip install flask',
  'ENV A=b',
  'ENV C=d',
  'RUN apt-get update && apt-get install -y curl',
  'CMD ["x"]',
);

export function summaryIn({ comments }: Model): string {
  const own = comments.filter(({ isOwn, body }) => isOwn && markerOf('summary', body, undefined));
  expect(own).toHaveLength(1);
  return own[0]!.body;
}
