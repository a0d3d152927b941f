/** `dfopt images <reference>`: what is known of an image, and which others could take its place. */
import { colorsFor } from './colors.ts';
import { lastString, type Command } from './command.ts';
import { EXIT } from './io.ts';
import { factsWithImages, IMAGES_OPTION } from './own-images.ts';
import { FORMAT_OPTION } from './shared-options.ts';
import { UsageError } from './usage.ts';

export const imagesCommand: Command = {
  name: 'images',
  operands: '<image>',
  summary: 'Say what is known of a base image, and what could take its place',
  positionals: { image: { type: 'string', describe: 'As after FROM: node:20-slim' } },
  options: { ...FORMAT_OPTION, ...IMAGES_OPTION },
  examples: [
    ['$0 images python:3.12', 'Sizes, packages, end of life, smaller siblings'],
    ['$0 images acme/base:4 --images images.json', 'With rows of your own'],
  ],
  job: (argv, io) => async () => {
    const [
      { loadFacts },
      { baseConfiguration },
      { imageOf, siblings, withSuite },
      { imageName },
      { imageJson, imageText },
    ] = await Promise.all([
      import('../facts/load.ts'),
      import('../analysis/base-configuration.ts'),
      import('../analysis/images.ts'),
      import('../analysis/stages.ts'),
      import('../report/images.ts'),
    ]);
    const facts = factsWithImages(argv, loadFacts(), io);
    const reference = lastString(argv['image']) ?? '';
    const name = imageName(reference);
    const image = imageOf(name, facts);
    if (!image) throw new UsageError(`nothing is known of the image "${reference}"`);
    const known = {
      image,
      configuration: baseConfiguration(name, facts),
      siblings: siblings(image, facts),
      exact: withSuite(image, facts),
    };
    const colors = colorsFor(io.stdout, io, argv['color'] as boolean | undefined);
    const isJson = lastString(argv['format']) === 'json';
    io.stdout.write(isJson ? imageJson(known) : imageText(known, colors));
    return EXIT.ok;
  },
};
