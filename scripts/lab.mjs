/** `npm run lab`: builds the corpus before and after with a real engine, and measures. */
import { importTypeScript } from './bundle.mjs';

const { main } = await importTypeScript('test/lab/lab.ts');
process.exitCode = await main(process.argv.slice(2));
