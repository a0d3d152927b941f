/** `npm run bot:crash`: kills the bot's processes and Redis at random moments, and counts what is lost. */
import { IN_PLACE, importTypeScript, ROOT } from './bundle.mjs';

const { main } = await importTypeScript('test/bot/crash/main.ts', [IN_PLACE]);
process.exitCode = await main(process.argv.slice(2), ROOT);
