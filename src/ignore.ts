/**
 * Comments by which authors switch passes off: dfopt's own, and those of other tools on the same
 * matter.
 */
import {
  instructionsOf,
  type Dockerfile,
  type Instruction,
  type Origin,
} from './dockerfile/model.ts';
import type { Facts, RuleRow } from './facts/types.ts';

/** A comment that switches passes off for one instruction or for the file. */
export interface Ignore {
  readonly passes: readonly string[];
  readonly reason: string;
  /** `undefined` for the whole file. */
  readonly instruction: Instruction | undefined;
  readonly origin: Origin;
  /** dfopt's own: an ignore that suppresses nothing is reported. */
  readonly own: boolean;
}

export function ignoresOf(file: Dockerfile, facts: Facts): Ignore[] {
  const found: Ignore[] = [];
  for (const instruction of instructionsOf(file)) {
    if (!instruction.lead.includes('#')) continue;
    const origin = instruction.origin[0] ?? { line: 1, column: 1 };
    const lines = instruction.lead.split('\n');
    for (const [index, line] of lines.entries()) {
      const at = { line: origin.line - lines.length + 1 + index, column: 1 };
      found.push(...ignoreOfLine(line, instruction, at, facts));
    }
  }
  for (const directive of file.directives) {
    if (directive.name !== 'check') continue;
    const rules = /(?:^|;)\s*skip\s*=\s*([^;]*)/.exec(directive.value)?.[1]?.split(',') ?? [];
    found.push(
      ...byRules(facts.rules, 'buildkit', rules, undefined, { line: directive.line, column: 1 }),
    );
  }
  return found;
}

function ignoreOfLine(
  line: string,
  instruction: Instruction,
  origin: Origin,
  facts: Facts,
): Ignore[] {
  const own = /^\s*#\s*dfopt-ignore(-file)?\s+([^:]*)(?::\s*(.*))?$/.exec(line.replace(/\r$/, ''));
  if (own) {
    return [
      {
        passes: own[2]!.split(/[\s,]+/).filter((id) => id !== ''),
        reason: own[3]?.trim() ?? '',
        instruction: own[1] ? undefined : instruction,
        origin,
        own: true,
      },
    ];
  }
  const hadolint = /^\s*#\s*hadolint\s+(global\s+)?ignore\s*=\s*([\w, ]+)/.exec(line);
  if (!hadolint) return [];
  const rules = hadolint[2]!.split(/[\s,]+/);
  const scope = hadolint[1] ? undefined : instruction;
  return byRules(facts.rules, 'hadolint', rules, scope, origin);
}

function byRules(
  rows: readonly RuleRow[],
  tool: RuleRow['tool'],
  rules: readonly string[],
  instruction: Instruction | undefined,
  origin: Origin,
): Ignore[] {
  const wanted = rules.map((rule) => rule.trim());
  const matching = rows.filter((row) => row.tool === tool && wanted.includes(row.rule));
  if (matching.length === 0) return [];
  return [
    {
      passes: matching.flatMap((row) => row.passes),
      reason: `${tool} ${matching.map((row) => row.rule).join(', ')}`,
      instruction,
      origin,
      own: false,
    },
  ];
}
