/** All Dockerfiles of a commit as SARIF, for code scanning. */
import { optimize } from '../pipeline.ts';
import type { FileReport } from '../report/file-report.ts';
import { sarif } from '../report/formats/sarif.ts';
import { DEFAULT_LEVEL } from '../pass.ts';
import { settingsIn } from './base-configuration.ts';
import type { Bot } from './bot.ts';
import { dockerfilesIn } from './dockerfiles.ts';
import type { GitHub, RepositoryName } from './github.ts';
import { reportOf } from './reviewed.ts';
import { BUDGET_OF_ALL, snapshotOf } from './snapshot.ts';

/** @param base the commit that configuration is taken from */
export async function sarifOf(
  github: GitHub,
  of: RepositoryName,
  { commit, base }: { readonly commit: string; readonly base: string },
  bot: Bot,
): Promise<string> {
  const budget = { ...BUDGET_OF_ALL };
  const settingsOf = settingsIn(snapshotOf(github, of, base, budget), bot);
  const files = await dockerfilesIn(snapshotOf(github, of, commit, budget), settingsOf, bot);
  const reports = files.map(
    ({ path, text, failure, options, facts, contextFolder, diagnostics }): FileReport => {
      if (text === undefined) return reportOf(path, contextFolder, undefined, failure);
      const result = optimize(text, facts, options);
      const all = [...result.diagnostics, ...diagnostics];
      return reportOf(path, contextFolder, { ...result, diagnostics: all }, undefined);
    },
  );
  const { level = DEFAULT_LEVEL, version } = bot.settings;
  return sarif({ reports, level, verbose: false, quiet: false, passes: bot.passes, version });
}
