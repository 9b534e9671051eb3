/** What a muscle is written against. Everything exported here is public. */
export {
  CAPABILITIES,
  DEFAULT_TIMEOUT_MS,
  EFFECTS,
  ISOLATIONS,
  JOB_COMPANIONS,
  MAX_TIMEOUT_MS,
} from './contract/spec.ts';
export type {
  Capability,
  Effects,
  HttpBinding,
  Isolation,
  MuscleSpec,
  PromptArgumentSpec,
  PromptSpec,
  ResourceSpec,
  ScopeExample,
  ScopeKind,
  ScopeSpec,
  SubjectRef,
} from './contract/spec.ts';
export type {
  EventCapability,
  MuscleRecord,
  ObjectCapability,
  ObjectInfo,
  Page,
  SpineEvent,
  TabularCapability,
  WriteCondition,
} from './contract/capabilities.ts';
export type { Answers, JobContext, Mode, MuscleContext, MuscleLog, RequestFacts, Upload } from './contract/context.ts';
export { audio, embeddedText, image, resourceLink, text } from './contract/blocks.ts';
export {
  defineJob,
  defineScope,
  defineStream,
  type Handler,
  type JobAnswer,
  type JobHandler,
  type ScopeAnswer,
  type ScopeTypes,
  type StreamHandler,
} from './contract/handler.ts';
export type { Json, JsonObject, JsonSchema } from './contract/json.ts';
export type { ModelInput, ModelLike, ModelOutput } from './contract/model.ts';
export { MuscleError, type MuscleErrorOptions } from './contract/muscle-error.ts';
export { withProgress } from './contract/progress.ts';
export {
  binaryResult,
  inputRequired,
  isBinaryResult,
  isInputRequired,
  isToolResult,
  toolResult,
  type BinaryResult,
  type ClientQuestion,
  type ContentBlock,
  type EmbeddedResourceBlock,
  type HandlerResult,
  type InputRequired,
  type JobResult,
  type ListedResource,
  type MediaBlock,
  type PromptMessage,
  type ResourceContent,
  type ResourceLinkBlock,
  type TextBlock,
  type ToolResult,
} from './contract/result.ts';
