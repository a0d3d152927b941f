/** What the findings come to. */
import type { Verification } from '../report/verification.ts';

type Findings = Pick<
  Verification,
  'builds' | 'configuration' | 'program' | 'mainProcess' | 'files' | 'rebuild'
>;

export function verdictOf(findings: Findings): Pick<Verification, 'verdict' | 'conclusion'> {
  const { builds, configuration, program, mainProcess, files, rebuild } = findings;
  if (builds?.before.succeeded === false) {
    return { verdict: 'error', conclusion: 'it does not build as it is, before any rewrite' };
  }
  if (builds?.after?.succeeded === false) {
    return { verdict: 'different', conclusion: 'it builds before, but not after' };
  }
  const differing = [
    configuration?.some(({ kind }) => kind === 'counts') && 'configuration',
    program?.some(({ sameness }) => sameness === 'different') && 'program',
    mainProcess?.some(({ sameness }) => sameness === 'different') && 'main process',
    files?.attributes.some(({ kind }) => kind === 'counts') && 'owners or modes of files',
    rebuild?.before?.succeeded && rebuild.after?.succeeded === false && 'rebuild',
  ].filter((each) => typeof each === 'string');
  if (differing.length > 0) {
    const conclusion = `the images are not the same program: ${differing.join(', ')}`;
    return { verdict: 'different', conclusion };
  }
  if (program?.some(({ sameness }) => sameness === 'unknown')) {
    const conclusion = 'some of it could not be compared, as it does not run before either';
    return { verdict: 'error', conclusion };
  }
  const nothing = program?.length === 0 ? '; the image has no command to run' : '';
  return { verdict: 'same', conclusion: `in all that was compared${nothing}` };
}
