/** dfopt as a library: text in; text, remarks and diagnostics out. */
export { optimize, type FileEdit, type OptimizeOptions, type Result } from './pipeline.ts';
export {
  makeContext,
  type BuildContext,
  type ContextEntry,
  type ContextParts,
  type Gap,
  type IgnoreFile,
} from './analysis/context.ts';
export { BUILDERS, DEFAULT_BUILDER, type Builder, type BuilderName } from './builder.ts';
export type { BuiltImage, BuiltRow } from './estimate/built-image.ts';
export { parse } from './dockerfile/parse.ts';
export { print } from './dockerfile/print.ts';
export { loadFacts } from './facts/load.ts';
export { passes } from '../passes/index.ts';
export {
  DEFAULT_LEVEL,
  LEVELS,
  definePass,
  type Improvement,
  type Level,
  type NotAllowed,
  type Outcome,
  type Pass,
  type PassOption,
  type PassOptions,
  type PassScope,
  type Proposal,
  type Remark,
} from './pass.ts';
export type { Facts } from './facts/types.ts';
export type { Diagnostic, Dockerfile, Instruction, Origin, Stage } from './dockerfile/model.ts';
