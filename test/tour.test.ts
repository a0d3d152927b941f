/** Does the first half hour of a new user go as README tells it? */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { folderWith } from './cli/support.ts';

const ROOT = join(import.meta.dirname, '..');
const README = join(ROOT, 'README.md');
const TOUR = /(?<=<!-- tour -->\n)[^]*(?=<!-- \/tour -->)/;
const CONSOLE = /(?<=```console\n)[^]*?(?=```)/g;

/** The package as it is installed, beside which its dependencies lie. */
let shipped: string;

beforeAll(() => {
  shipped = mkdtempSync(join(ROOT, 'node_modules', '.dfopt-tour-'));
  const script = pathToFileURL(join(ROOT, 'scripts/build.mjs')).href;
  const code = `const { buildCli } = await import(${JSON.stringify(script)}); await buildCli(process.argv[1]);`;
  const cli = join(shipped, 'dist/cli');
  execFileSync(process.execPath, ['--input-type=module', '--eval', code, cli]);
  mkdirSync(join(shipped, 'bin'));
  copyFileSync(join(ROOT, 'bin/dfopt.js'), join(shipped, 'bin/dfopt.js'));
  const { name, version, type, bin } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  ) as Record<string, unknown>;
  writeFileSync(join(shipped, 'package.json'), JSON.stringify({ name, version, type, bin }));
});
afterAll(() => rmSync(shipped, { recursive: true, force: true }));

interface Step {
  readonly command: string;
  readonly output: string;
}

function stepsIn(block: string): Step[] {
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const end = text.indexOf('\n');
      return { command: text.slice(0, end), output: text.slice(end + 1) };
    });
}

it('prints what README shows', () => {
  const readme = readFileSync(README, 'utf8');
  const tour = TOUR.exec(readme)![0];
  const dockerfile = /```dockerfile Dockerfile\n([^]*?)```/.exec(tour)![1]!;
  const cwd = folderWith({
    'thumbs/Dockerfile': dockerfile,
    'thumbs/package.json':
      '{ "name": "thumbs", "version": "1.0.0", "dependencies": { "gm": "1.25.1" } }\n',
    'thumbs/server.js': SERVER,
  });
  const prefix = join(cwd, 'prefix');
  const env = {
    PATH: `${join(prefix, 'bin')}:${process.env['PATH']}`,
    HOME: cwd,
    npm_config_prefix: prefix,
  };
  const around = { cwd: join(cwd, 'thumbs'), env, encoding: 'utf8' } as const;
  const git = ['init -q', 'add .', '-c user.name=a -c user.email=a@example.org commit -qm First'];
  for (const each of git) execFileSync('git', each.split(' '), around);
  const told = (step: Step): string => {
    const command = step.command.replace('../dfopt', shipped);
    const { stdout } = spawnSync('sh', ['-c', `{ ${command}\n} 2>&1`], around);
    return stdout;
  };
  const played = tour.replace(CONSOLE, (block) =>
    stepsIn(block)
      .map((step) => `$ ${step.command}\n${told(step).replace(/[ \t]+$/gm, '')}`)
      .join(''),
  );
  if (process.env['UPDATE'] === '1')
    writeFileSync(
      README,
      readme.replace(TOUR, () => played),
    );
  else expect(played).toBe(tour);
});

const SERVER = `const gm = require('gm');
require('http').createServer((request, response) => {
  gm(\`.\${request.url}\`).resize(100).stream('png').pipe(response);
}).listen(8080);
`;
