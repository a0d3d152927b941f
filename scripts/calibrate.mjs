/** `npm run calibrate`: what the lab measured beside what the estimate says of it. */
import { importTypeScript } from './bundle.mjs';

const { main } = await importTypeScript('test/lab/calibration.ts');
process.exitCode = await main(process.argv.slice(2));
