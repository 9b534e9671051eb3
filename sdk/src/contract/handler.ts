import type { JobContext, MuscleContext } from './context.ts';
import type { Json } from './json.ts';
import type { ModelInput, ModelLike, ModelOutput } from './model.ts';
import type { BinaryResult, HandlerResult, InputRequired, JobResult, ToolResult } from './result.ts';
import type { Capability } from './spec.ts';

/** What the host calls once every gate has allowed the call. `args` already passed the input model. */
export type Handler<Args = never> = (
  ctx: MuscleContext<Capability>,
  args: Args,
) => HandlerResult | Promise<HandlerResult>;

/**
 * The handler of a scope with `kind: stream`: an async generator. Each value that it yields goes to the caller as it
 * comes, and the next one is asked for when the caller has taken it. What it returns is the result; where it returns
 * nothing, the result is what it yielded. On abort it is returned from, so its `finally` runs.
 */
export type StreamHandler<Args = never> = (
  ctx: MuscleContext<Capability>,
  args: Args,
) => AsyncGenerator<Json, HandlerResult, void>;

/**
 * The handler of a scope with `kind: job`: it runs behind the answer of the call, for up to `timeout_ms` of the spec.
 * What it returns becomes the `result` of the job, and what it throws its error.
 */
export type JobHandler<Args = never> = (ctx: JobContext<Capability>, args: Args) => JobResult | Promise<JobResult>;

/** The models and capabilities of a scope, as spec.yaml names them. */
export interface ScopeTypes<Input extends ModelLike, Output extends ModelLike | undefined, Granted extends Capability> {
  readonly input: Input;
  /** The answer must be what this model takes, or a result that a helper makes. */
  readonly output?: Output;
  /** `ctx` has these capabilities and no others. */
  readonly requires?: readonly Granted[];
}

/** What a handler may return: what its output model takes, or a result that a helper makes; without a model anything. */
export type ScopeAnswer<Output> = [Output] extends [ModelLike]
  ? ModelInput<Output> | ToolResult | BinaryResult | InputRequired
  : HandlerResult;

/**
 * Types a handler by its models; at run time it is the handler itself. Plain functions work as well.
 *
 * `defineScope(AddInput, async (ctx, args) => …)` types the arguments.
 * `defineScope({ input: AddInput, output: Note, requires: ['tabular_store'] }, async (ctx, args) => …)` types the answer
 * and the capabilities too.
 */
export function defineScope<Input extends ModelLike, Result extends HandlerResult, Granted extends Capability = never>(
  input: Input,
  handler: (ctx: MuscleContext<Granted>, args: ModelOutput<Input>) => Result | Promise<Result>,
): (ctx: MuscleContext<Granted>, args: ModelOutput<Input>) => Promise<Awaited<Result>>;
export function defineScope<
  Input extends ModelLike,
  Result extends ScopeAnswer<Output>,
  Output extends ModelLike | undefined = undefined,
  Granted extends Capability = never,
>(
  types: ScopeTypes<Input, Output, Granted>,
  handler: (ctx: MuscleContext<Granted>, args: ModelOutput<Input>) => Result | Promise<Result>,
): (ctx: MuscleContext<Granted>, args: ModelOutput<Input>) => Promise<Awaited<Result>>;
export function defineScope(_types: unknown, handler: (ctx: never, args: never) => unknown): unknown {
  return async (ctx: never, args: never) => handler(ctx, args);
}

/** What a job may return: what its output model takes, or a `toolResult`; without a model any JSON. */
export type JobAnswer<Output> = [Output] extends [ModelLike] ? ModelInput<Output> | ToolResult : JobResult;

/**
 * `defineScope` for the handler of a job scope: `ctx` has no upload and no answers, and the result can be neither bytes
 * nor a question, since the caller has gone on by then.
 */
export function defineJob<Input extends ModelLike, Result extends JobResult, Granted extends Capability = never>(
  input: Input,
  handler: (ctx: JobContext<Granted>, args: ModelOutput<Input>) => Result | Promise<Result>,
): (ctx: JobContext<Granted>, args: ModelOutput<Input>) => Promise<Awaited<Result>>;
export function defineJob<
  Input extends ModelLike,
  Result extends JobAnswer<Output>,
  Output extends ModelLike | undefined = undefined,
  Granted extends Capability = never,
>(
  types: ScopeTypes<Input, Output, Granted>,
  handler: (ctx: JobContext<Granted>, args: ModelOutput<Input>) => Result | Promise<Result>,
): (ctx: JobContext<Granted>, args: ModelOutput<Input>) => Promise<Awaited<Result>>;
export function defineJob(_types: unknown, handler: (ctx: never, args: never) => unknown): unknown {
  return async (ctx: never, args: never) => handler(ctx, args);
}

/** Types the generator of a stream scope by its input model: `defineStream(Input, async function* (ctx, args) { … })`. */
export function defineStream<Input extends ModelLike, Result extends HandlerResult, Granted extends Capability = never>(
  _input: Input,
  handler: (ctx: MuscleContext<Granted>, args: ModelOutput<Input>) => AsyncGenerator<Json, Result, void>,
): (ctx: MuscleContext<Granted>, args: ModelOutput<Input>) => AsyncGenerator<Json, Result, void> {
  return handler;
}
