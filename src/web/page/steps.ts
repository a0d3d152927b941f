/** From the size before to the size after, edit by edit: what the picture shows. */
import type { Remark } from '../../pass.ts';
import type { Sizes } from './protocol.ts';

export interface Step {
  readonly label: string;
  readonly kind: 'total' | 'smaller' | 'larger';
  /** Of the image before and after the step; of a total, from 0. */
  readonly from: number;
  readonly to: number;
}

/** An edit that changes less of the picture than this is counted with others. */
const WORTH_A_BAR = 0.004;

export function stepsOf({ before, after }: Sizes, remarks: readonly Remark[]): Step[] {
  const total = before.total.bytes;
  const edits = remarks.flatMap(({ outcome, message, saved }) =>
    outcome === 'applied' && saved ? [{ message, bytes: saved.bytes }] : [],
  );
  const steps: Step[] = [{ label: 'Before', kind: 'total', from: 0, to: total }];
  let at = total;
  let small = { count: 0, bytes: 0 };
  for (const { message, bytes } of edits) {
    if (Math.abs(bytes) < total * WORTH_A_BAR) {
      if (bytes !== 0) small = { count: small.count + 1, bytes: small.bytes + bytes };
      continue;
    }
    steps.push(step(message, at, bytes));
    at -= bytes;
  }
  if (small.count > 0) {
    const label = small.count === 1 ? 'a smaller edit' : `${small.count} smaller edits`;
    steps.push(step(label, at, small.bytes));
  }
  return [...steps, { label: 'After', kind: 'total', from: 0, to: after.total.bytes }];
}

function step(label: string, at: number, saved: number): Step {
  return { label, kind: saved < 0 ? 'larger' : 'smaller', from: at, to: at - saved };
}
