/** Build contexts that Compose files, scripts and pipelines name. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dfopt, folderWith } from './support.ts';

describe('the build context, where files around the Dockerfile build it from another folder', () => {
  const GO =
    'FROM golang:1.24\nCOPY . .\nRUN CGO_ENABLED=0 go build -o api ./cmd/api\nCMD ["./api"]\n';
  const repository = (files: Readonly<Record<string, string>>): string => {
    const top = folderWith({
      'docker/api.Dockerfile': GO,
      'go.mod': 'module example.org/api\n',
      'cmd/api/main.go': 'package main\n\nfunc main() {}\n',
      ...files,
    });
    spawnSync('git', ['init', '--quiet', top]);
    return top;
  };

  it.each([
    [
      'Compose',
      'compose.yaml',
      'services:\n  api:\n    build:\n      context: .\n      dockerfile: docker/api.Dockerfile\n',
    ],
    ['a Makefile', 'Makefile', 'image:\n\tdocker build -t api -f docker/api.Dockerfile .\n'],
  ])('is that folder: %s', async (_, path, text) => {
    const cwd = repository({ [path]: text });
    for (const args of [
      ['--cache-dir', join(cwd, '.git/cache')],
      ['--cache-dir', join(cwd, '.git/cache')],
      ['--no-cache'],
    ]) {
      const { stdout, stderr } = await dfopt(['rewrite', ...args], { cwd });
      expect(stdout).toContain('+COPY --from=build /go/api ./api');
      expect(stderr).toContain(
        'the build context is taken to be ..: files around it build the Dockerfile from there',
      );
    }
  });

  it('is not chosen where they name two', async () => {
    const cwd = repository({
      Makefile:
        'image:\n\tdocker build -f docker/api.Dockerfile .\n\tdocker build -f docker/api.Dockerfile cmd\n',
    });
    const { stdout, stderr } = await dfopt(['rewrite', '--no-cache'], { cwd });
    expect(stdout).not.toContain('--from=build');
    expect(stderr).toContain('the build context is not this folder but, it seems, ..');
  });

  it('is what the user names', async () => {
    const cwd = repository({ Makefile: 'image:\n\tdocker build -f docker/api.Dockerfile .\n' });
    const { stdout, stderr } = await dfopt(['rewrite', '--no-cache', '--context', 'docker'], {
      cwd,
    });
    expect(stdout).not.toContain('--from=build');
    expect(stderr).not.toContain('taken to be');
  });
});
