import { describe, expect, it } from 'vitest';
import { makeContext } from '../../src/analysis/context.ts';
import { loadFacts } from '../../src/facts/load.ts';
import { optimize, type Result } from '../../src/pipeline.ts';

const facts = loadFacts();

function rewritten(from: string, headers: string): Result {
  const text = [
    `FROM ${from}`,
    `RUN apt-get update && apt-get install -y ${headers}`,
    'RUN docker-php-ext-install zip',
    'COPY --from=composer:2 /usr/bin/composer /usr/bin/composer',
    'WORKDIR /srv',
    'COPY composer.json composer.lock ./',
    'RUN composer install --no-dev',
    'COPY index.php ./',
    'CMD ["php", "index.php"]',
    '',
  ].join('\n');
  const texts = new Map([
    ['composer.json', '{ "require": { "monolog/monolog": "^2.9" } }'],
    ['composer.lock', '{ "packages": [{ "name": "monolog/monolog", "version": "2.9.3" }] }'],
    ['index.php', "<?php require 'vendor/autoload.php';\n"],
  ]);
  const entries = [...texts].map(([path, content]) => ({
    path,
    kind: 'file' as const,
    bytes: content.length,
    isExecutable: false,
  }));
  const context = makeContext({ entries, texts });
  return optimize(text, facts, { context, strict: true });
}

function basesOf({ output }: Result): readonly string[] {
  return output.split('\n').filter((line) => line.startsWith('FROM'));
}

describe('a stage that was divided', () => {
  it('stays on the suite of the libraries that it comes to name', () => {
    const result = rewritten('php:8.3-cli', 'git unzip libzip-dev');
    expect(result.output).toMatch(/libzip\d/);
    expect(basesOf(result)).toEqual([
      'FROM php:8.3-cli-trixie AS build',
      'FROM php:8.3-cli-trixie',
    ]);
  });

  it('floats on where all suites call them the same', () => {
    const result = rewritten('php:8.3-cli', 'git unzip libonig-dev');
    expect(result.output).toContain('libonig5');
    expect(basesOf(result)).toEqual(['FROM php:8.3-cli AS build', 'FROM php:8.3-cli']);
  });

  it('is left on a suite that its author names', () => {
    const result = rewritten('php:8.3-cli-bookworm', 'git unzip libzip-dev');
    expect(basesOf(result)).toEqual([
      'FROM php:8.3-cli-bookworm AS build',
      'FROM php:8.3-cli-bookworm',
    ]);
  });
});
