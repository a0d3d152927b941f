/** What GitHub's runner starts. */
import { runAction } from './action-run.ts';

process.exitCode = await runAction(process.env, (text) => process.stdout.write(text));
