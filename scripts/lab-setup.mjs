/** `npm run lab:setup [-- --only <tag>… | --stop]`: the lab's engine and its base images. */
import { importTypeScript } from './bundle.mjs';

const { main } = await importTypeScript('test/lab/setup.ts');
process.exitCode = await main(process.argv.slice(2));
