/**
 * Workflow commands of GitHub Actions: an annotation at the line of each finding. How they are escaped
 * is what the runner undoes: `%`, line feeds and carriage returns everywhere, `:` and `,` in properties.
 * The runner shows ten of each severity a step.
 */
import { escapeLine } from '../escape.ts';
import { findingsOf, type Finding, type Severity } from './findings.ts';
import type { RunReport } from './format.ts';

const COMMANDS: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  note: 'notice',
};

export function github(run: RunReport): string {
  return findingsOf(run).map(command).join('');
}

function command({ rule, severity, path, place, message }: Finding): string {
  const properties = {
    file: path,
    ...(place && { line: place.line, endLine: place.endLine, col: place.column }),
    title: `dfopt: ${rule}`,
  };
  const list = Object.entries(properties).map(([name, value]) => `${name}=${property(value)}`);
  return `::${COMMANDS[severity]} ${list.join(',')}::${data(message)}\n`;
}

/** The log shows what is left, so that it must not steer a terminal either. */
export function data(text: string): string {
  return text
    .replaceAll('%', '%25')
    .split(/(\r|\n)/)
    .map((part) => (part === '\r' ? '%0D' : part === '\n' ? '%0A' : escapeLine(part)))
    .join('');
}

function property(value: string | number): string {
  return data(`${value}`).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
