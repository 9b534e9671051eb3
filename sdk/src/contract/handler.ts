import type { z } from 'zod';
import type { MuscleContext } from './context.ts';
import type { HandlerResult } from './result.ts';
import type { Capability } from './spec.ts';

/** What the host calls once every gate has allowed the call. `args` already passed the input model. */
export type Handler<Args = never> = (
  ctx: MuscleContext<Capability>,
  args: Args,
) => HandlerResult | Promise<HandlerResult>;

/** Types a handler by its input model: `defineScope(Input, async (ctx, args) => …)`. Plain functions work as well. */
export function defineScope<Model extends z.ZodObject, C extends Capability, Result extends HandlerResult>(
  _model: Model,
  handler: (ctx: MuscleContext<C>, args: z.infer<Model>) => Result | Promise<Result>,
): (ctx: MuscleContext<C>, args: z.infer<Model>) => Result | Promise<Result> {
  return handler;
}
