/** `npm run wild -- <folder> [--limit N] [--level L]`: what dfopt does to a folder of Dockerfiles. */
import { importTypeScript } from './bundle.mjs';

const { main } = await importTypeScript('test/wild.ts');
process.exitCode = await main(process.argv.slice(2));
