/** `npm run calibrate:outside -- --dockerfiles <folder>`: sizes that others measured beside the estimate. */
import { importTypeScript } from './bundle.mjs';

const { main } = await importTypeScript('test/lab/outside-calibration.ts');
process.exitCode = await main(process.argv.slice(2));
