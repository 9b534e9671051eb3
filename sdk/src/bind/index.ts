/** Reads a muscle's spec.yaml, joins it to its code, and reports defects by file, line and column. */
export { bindMuscle, type BindMuscleOptions, type BindResult } from './bind-muscle.ts';
export {
  bindPublished,
  type BindPublishedOptions,
  type PublishedResult,
  type PublishedScope,
  type ScopeSchemas,
} from './bind-published.ts';
export type { BoundMuscle, BoundPrompt, BoundResource, BoundScope, Issue, Parse, Parsed } from './bound-muscle.ts';
export { canonicalJson, sha256OfJson } from './canonical-json.ts';
export { DIAGNOSTIC_CODES, type DiagnosticCode } from './diagnostic-codes.ts';
export type { Diagnostic } from './diagnostic.ts';
export { formatDiagnostic } from './format-diagnostic.ts';
export { httpPathParameters, RESERVED_HTTP_SEGMENTS } from './http-path.ts';
export { isMuscleId, MAX_NAME_LENGTH, wireName } from './names.ts';
export { parseSpec, type ParsedSpec, type ParseSpecOptions } from './parse-spec.ts';
export { scopePromise } from './scope-promise.ts';
export type { Position, SpecPositions } from './spec-positions.ts';
export type { SpecTree } from './spec-tree.ts';
export { uriVariables } from './uri-template.ts';
export { didYouMean } from './did-you-mean.ts';
