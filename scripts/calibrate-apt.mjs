/** `npm run calibrate:apt`: real installs of packages beside the estimate of their size. */
import { importTypeScript } from './bundle.mjs';

const { main } = await importTypeScript('test/lab/apt-calibration.ts');
process.exitCode = await main(process.argv.slice(2));
