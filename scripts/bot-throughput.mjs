/** `npm run bot:throughput`: how many deliveries a second the bot works off, and with how much memory. */
import { IN_PLACE, importTypeScript, ROOT } from './bundle.mjs';

const { main } = await importTypeScript('test/bot/crash/throughput.ts', [IN_PLACE]);
process.exitCode = await main(process.argv.slice(2), ROOT);
