/** `dfopt size [file]`: what the image of a Dockerfile weighs, before anybody builds it. */
import { resolve } from 'node:path';
import type { Bill, BilledInstruction } from '../estimate/bill.ts';
import { escapeLine } from '../report/escape.ts';
import { toJson } from '../report/json.ts';
import { billLines } from '../report/bill-lines.ts';
import { billJson, estimateJson, headline, totalText } from '../report/size.ts';
import { readDockerfile } from '../sources/read-file.ts';
import { BUILT_IMAGE_OPTION, builtImageOf } from './built-image.ts';
import { colorsFor } from './colors.ts';
import { lastString, type Command } from './command.ts';
import { CONFIGURATION_OPTION } from './configuration-option.ts';
import { EXIT } from './io.ts';
import { factsWithImages, IMAGES_OPTION } from './own-images.ts';
import { requestOf } from './request.ts';
import {
  CONTEXT_OPTION,
  FORMAT_OPTION,
  PLATFORM_OPTION,
  REWRITE_OPTIONS,
} from './shared-options.ts';
import { UsageError } from './usage.ts';
import { widthFor } from './width.ts';

export const sizeCommand: Command = {
  name: 'size',
  operands: '[file]',
  summary: 'Estimate how large the image of a Dockerfile is, and what it is made of',
  positionals: { file: { type: 'string', describe: 'Default: Dockerfile' } },
  options: {
    rewritten: { type: 'boolean', describe: 'As dfopt would write it, beside how it is' },
    ...CONTEXT_OPTION,
    ...REWRITE_OPTIONS,
    ...CONFIGURATION_OPTION,
    ...IMAGES_OPTION,
    ...BUILT_IMAGE_OPTION,
    ...PLATFORM_OPTION,
    ...FORMAT_OPTION,
  },
  examples: [
    ['$0 size', 'The bill of ./Dockerfile'],
    ['$0 size --rewritten', 'Before and after'],
    ['$0 size --image acme/app:1', 'Measured, as far as an image of it in Docker says'],
    ['$0 size --image app.tar', 'The same from what docker save wrote'],
    ['$0 size --format json', 'For programs'],
  ],
  job: (argv, io) => async () => {
    const request = requestOf(argv);
    const [
      { optimize },
      { measuredBy, shippedBill },
      { parse },
      { loadFacts },
      { passes },
      { contextFolder, contextsOf },
      { configurationsOf },
    ] = await Promise.all([
      import('../pipeline.ts'),
      import('../estimate/image-size.ts'),
      import('../dockerfile/parse.ts'),
      import('../facts/load.ts'),
      import('../../passes/index.ts'),
      import('./contexts.ts'),
      import('./configuration.ts'),
    ]);
    const name = lastString(argv['file']) ?? 'Dockerfile';
    const path = resolve(io.cwd, name);
    const configuration = (await configurationsOf(argv, passes, [path], io)).of(path);
    const facts = configuration.factsOn(factsWithImages(argv, loadFacts(), io));
    const source = readDockerfile(path);
    if (source.kind === 'refused') throw new UsageError(`${name}: ${source.why}`);
    const file = parse(source.text);
    const error = file.diagnostics.find(({ severity }) => severity === 'error');
    if (error) throw new UsageError(`${name}:${error.line}:${error.column}: ${error.message}`);
    const folder = contextFolder(request.context, io.cwd);
    const { context } = contextsOf(folder, facts.manifests).of(path, source.text);
    const colors = colorsFor(io.stdout, io, argv['color'] as boolean | undefined);
    const isJson = lastString(argv['format']) === 'json';
    if (argv['platform'] !== undefined && argv['image'] === undefined) {
      throw new UsageError('--platform needs --image');
    }
    const builtImage = await builtImageOf(argv, io);
    const measured = builtImage && measuredBy(builtImage, file, { context, facts });
    if (measured?.warning) {
      const { line, column, message, advice } = measured.warning;
      io.stderr.write(`${escapeLine(`${name}:${line}:${column}: ${message}; ${advice}`)}\n`);
    }
    const width = widthFor(io.stdout, io);
    const text = (title: string, bill: Bill<BilledInstruction>): string =>
      [`${colors.bold(title)}  ${totalText(bill)}`, ...billLines(bill, { colors, width })].join(
        '\n',
      );
    const shown = escapeLine(name);
    if (argv['rewritten'] !== true) {
      const bill = shippedBill(file, { context, facts, measured });
      io.stdout.write(isJson ? toJson(billJson(bill)) : `${text(shown, bill)}\n`);
      return EXIT.ok;
    }
    const options = {
      ...configuration.options,
      isPriced: true,
      ...(builtImage && { builtImage }),
    };
    const { estimate } = optimize(source.text, facts, { ...options, ...(context && { context }) });
    if (!estimate) {
      const bill = shippedBill(file, { context, facts });
      io.stderr.write(`${shown}: dfopt would change nothing\n`);
      io.stdout.write(isJson ? toJson(billJson(bill)) : `${text('before and after', bill)}\n`);
      return EXIT.ok;
    }
    io.stdout.write(
      isJson
        ? toJson(estimateJson(estimate))
        : `${text('before', estimate.before)}\n${text('after', estimate.after)}\n${colors.bold(headline(estimate))}\n`,
    );
    return EXIT.ok;
  },
};
