/** The configuration file that `dfopt init` writes: every key, with what it means, as a comment. */
import type { Shape } from './shape.ts';

/** What stands behind each key; a test holds them against the table. */
const EXAMPLES: Readonly<Record<string, string>> = {
  level: 'level: standard',
  select: 'select: [remove-package-lists, merge-runs]',
  skip: 'skip: [mount-caches]',
  passes: 'passes:\n  use-scratch:\n    off: true\n  merge-runs:\n    options:\n      all: true',
  builder: 'builder: buildkit',
  frontend: "frontend: '1.5'",
  images: 'images: images.json',
  ignore: "ignore: ['vendor/', '*.legacy.Dockerfile']",
  overrides: "overrides:\n  - files: ['services/legacy/']\n    level: safe",
};

const HEAD = [
  '# How dfopt rewrites the Dockerfiles of this folder and below.',
  '# Everything here is optional; "dfopt config" shows what is in force for a file.',
];

/** @param shape from `configurationShape` */
export function configurationTemplate(shape: Shape & { readonly kind: 'object' }): string {
  const parts = Object.entries(shape.keys).flatMap(([name, { shape: own, description }]) => {
    const example = EXAMPLES[name];
    if (example === undefined) return [];
    const values = own.kind === 'choice' ? ` One of ${own.values.join(', ')}.` : '';
    const lines = example.split('\n').map((line) => `#${line}`);
    return [['', `# ${description}${values}`, ...lines].join('\n')];
  });
  return `${[...HEAD, ...parts].join('\n')}\n`;
}
