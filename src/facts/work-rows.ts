/** The shape of the rows about the commands of builds, as a check. */
import * as v from 'valibot';
import { pattern, patterns, text, texts } from './shapes.ts';

const call = { program: pattern, words: pattern };

export const workRows = v.strictObject({
  source: text,
  builders: v.array(
    v.strictObject({
      ...call,
      ecosystem: text,
      makes: texts,
      of: v.exactOptional(v.picklist(['dependencies', 'sources'])),
      isNamed: v.exactOptional(v.boolean()),
      within: v.exactOptional(text),
      readBy: v.exactOptional(pattern),
      links: v.exactOptional(v.picklist(['as the call shows', 'by headers'])),
    }),
  ),
  checks: v.array(v.strictObject(call)),
  projectTools: v.array(
    v.strictObject({
      ...call,
      ecosystem: text,
      makes: v.exactOptional(texts),
      outputOptions: v.exactOptional(texts),
      variables: v.exactOptional(texts),
      settings: v.exactOptional(
        v.strictObject({
          files: pattern,
          output: v.exactOptional(pattern),
          odd: v.exactOptional(pattern),
        }),
      ),
      isEmptied: v.exactOptional(v.boolean()),
      outputIn: v.exactOptional(v.picklist(['tsconfig', 'nest', 'angular'])),
      isInto: v.exactOptional(v.picklist(['last operand'])),
      when: v.exactOptional(v.strictObject({ package: text, version: pattern })),
      why: v.exactOptional(text),
    }),
  ),
  outsidePackages: v.array(v.strictObject({ package: text, unless: texts, why: text })),
  fetchingModules: pattern,
  fetchingCalls: pattern,
  staticServers: pattern,
  startsAlone: v.array(v.strictObject(call)),
  inputs: v.array(v.strictObject({ ecosystem: text, files: patterns })),
  settings: v.array(
    v.strictObject({ ecosystem: text, mention: pattern, file: v.exactOptional(text) }),
  ),
  fetchedCrates: v.array(
    v.strictObject({
      crate: text,
      programs: texts,
      usual: v.exactOptional(texts),
      links: v.exactOptional(v.record(v.string(), text)),
      source: text,
    }),
  ),
  toolFiles: v.array(v.strictObject({ program: pattern, files: texts })),
  papers: patterns,
  buildPackages: patterns,
  bringsAlong: v.array(v.strictObject({ packages: pattern, programs: pattern })),
  containerPackages: patterns,
  buildTools: v.array(
    v.strictObject({
      packages: pattern,
      programs: pattern,
      usedBy: v.exactOptional(pattern),
      isNeverCalled: v.exactOptional(v.boolean()),
      with: v.exactOptional(pattern),
      except: v.exactOptional(v.strictObject({ files: pattern, text: pattern })),
      usedFor: v.exactOptional(
        v.strictObject({ programs: pattern, files: pattern, text: pattern }),
      ),
      unless: v.exactOptional(
        v.strictObject({
          files: pattern,
          beside: text,
          text: pattern,
          unbuilt: v.exactOptional(v.strictObject({ text: pattern, words: pattern })),
        }),
      ),
    }),
  ),
  runtimePackages: v.array(
    v.strictObject({
      packages: pattern,
      runtime: text,
      tools: pattern,
      becomes: text,
      unless: v.exactOptional(pattern),
    }),
  ),
  hostFiles: v.array(
    v.strictObject({
      file: pattern,
      lists: v.exactOptional(texts),
      dockerfile: texts,
      starts: texts,
      source: text,
    }),
  ),
  toolchains: v.array(v.strictObject({ ...call, why: text })),
  lateCompilers: v.array(v.strictObject({ files: pattern, text: pattern, why: text })),
  leavings: patterns,
});
