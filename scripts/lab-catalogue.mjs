/** `npm run lab:catalogue [-- <tag>…]`: where rows about images and the lab's stand-ins differ. */
import { importTypeScript } from './bundle.mjs';

const { main } = await importTypeScript('test/lab/catalogue.ts');
process.exitCode = await main(process.argv.slice(2));
