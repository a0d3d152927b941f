/** Does the manual page say what the commands take? */
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { manPage } from '../../src/cli/man.ts';
import { COMMANDS } from '../../src/cli/run.ts';

/** As a terminal would show it; `undefined` where there is no groff. */
function shown(): { text: string; problems: string } | undefined {
  const { status, stdout, stderr } = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-P-cbou'], {
    input: manPage(),
    encoding: 'utf8',
  });
  return status === 0 ? { text: stdout, problems: stderr } : undefined;
}

it('names every command and option', () => {
  const page = manPage().replaceAll('\\-', '-');
  for (const { name, summary, options } of COMMANDS) {
    expect(page).toContain(`.SS "dfopt ${name}`);
    expect(page).toContain(`${summary}.`);
    for (const option of Object.keys(options)) expect(page).toContain(`\\fB--${option}\\fR`);
  }
});

it('is a page that groff has nothing to say against', () => {
  const page = shown();
  if (!page) return;
  expect(page.problems).toBe('');
  expect(page.text).toContain('dfopt rewrite [options] [files..]');
  expect(page.text).toContain('--level value');
});
