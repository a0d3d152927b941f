/** `npm run calibrate:npm`: real installs of Node projects beside the estimate of their size. */
import { importTypeScript } from './bundle.mjs';

const { main } = await importTypeScript('test/lab/npm-calibration.ts');
process.exitCode = await main(process.argv.slice(2));
