import type { MuscleContext } from '@northstar/sdk';
import { z } from 'zod';
import { pulledStream } from './rpc/byte-streams.ts';
import type { RunningCall } from './running-call.ts';

type Context = Partial<MuscleContext<'tabular_store' | 'object_store' | 'event_spine'>> & MuscleContext;

interface Service {
  run(ctx: Context, args: unknown, call: RunningCall): Promise<unknown>;
}

const json = z.custom<never>(() => true);
const key = z.string();
const condition = z.strictObject({ ifVersion: z.string().optional() }).optional();
const limit = z.number().optional();
const cursor = z.string().optional();

function service<M extends z.ZodType>(
  args: M,
  run: (ctx: Context, args: z.infer<M>, call: RunningCall) => Promise<unknown>,
): Service {
  return {
    run: async (ctx, given, call) => {
      const parsed = args.safeParse(given);
      if (parsed.success) return run(ctx, parsed.data, call);
      const named = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
      throw new TypeError(`the arguments do not fit: ${named.slice(0, 500)}`);
    },
  };
}

/** A capability that the spec does not require is not in the context, and so not here either. */
function granted<T>(capability: T | undefined): T {
  if (capability === undefined) throw new TypeError('the spec of this muscle does not require this capability');
  return capability;
}

/** What a muscle in an isolate can ask of the host, each on the context of the call that asks and on no other. */
export const SERVICES: ReadonlyMap<string, Service> = new Map([
  ['tabular.get', service(z.strictObject({ key }), async (ctx, args) => granted(ctx.tabular).get(args.key))],
  [
    'tabular.put',
    service(z.strictObject({ key, value: json, condition }), async (ctx, args) =>
      granted(ctx.tabular).put(args.key, args.value, defined(args.condition)),
    ),
  ],
  [
    'tabular.delete',
    service(z.strictObject({ key, condition }), async (ctx, args) =>
      granted(ctx.tabular).delete(args.key, defined(args.condition)),
    ),
  ],
  [
    'tabular.list',
    service(z.strictObject({ prefix: z.string().optional(), limit, cursor }), async (ctx, args) =>
      granted(ctx.tabular).list(defined(args)),
    ),
  ],
  [
    'objects.put',
    service(
      z.strictObject({
        key,
        stream: z.int().min(0),
        options: z.strictObject({ mediaType: z.string(), maxBytes: z.number().optional() }),
      }),
      async (ctx, { key: at, stream, options }, call) =>
        granted(ctx.objects).put(
          at,
          pulledStream(
            () => call.pullFromMuscle(stream),
            () => call.cancelAtMuscle(stream),
          ),
          defined(options),
        ),
    ),
  ],
  ['objects.stat', service(z.strictObject({ key }), async (ctx, args) => granted(ctx.objects).stat(args.key))],
  [
    'objects.get',
    service(
      z.strictObject({ key, range: z.tuple([z.number(), z.number()]).optional() }),
      async (ctx, { key: at, range }, call) => {
        const found = await granted(ctx.objects).get(at, range ? { range } : {});
        return found && { info: found.info, stream: call.offered.offer(found.body) };
      },
    ),
  ],
  ['objects.delete', service(z.strictObject({ key }), async (ctx, args) => granted(ctx.objects).delete(args.key))],
  [
    'events.append',
    service(
      z.strictObject({
        stream: z.string(),
        event: z.strictObject({ type: z.string(), data: json, eventId: z.string().optional() }),
      }),
      async (ctx, { stream, event }) => granted(ctx.events).append(stream, defined(event)),
    ),
  ],
  [
    'events.read',
    service(z.strictObject({ stream: z.string(), after: z.string().optional(), limit }), async (ctx, args) => {
      const { stream, ...query } = args;
      return granted(ctx.events).read(stream, defined(query));
    }),
  ],
  [
    'gate',
    service(
      z.strictObject({
        action: z.string(),
        subject: z.strictObject({ type: z.string(), id: z.string() }).optional(),
      }),
      async (ctx, { action, subject }) => ctx.gate(action, subject),
    ),
  ],
  [
    'progress',
    service(
      z.strictObject({ progress: z.number(), total: z.number().optional(), message: z.string().optional() }),
      async (ctx, update) => ctx.progress(defined(update)),
    ),
  ],
  ['piece', service(z.strictObject({ piece: json }), async (_ctx, { piece }, call) => call.takePiece(piece))],
  [
    'notifyLog',
    service(
      z.strictObject({ level: z.enum(['debug', 'info', 'notice', 'warning', 'error']), data: json }),
      async (ctx, { level, data }) => ctx.notifyLog(level, data),
    ),
  ],
]);

/** Without members that are undefined, which zod's optional adds to the type. */
function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> };
function defined<T extends object>(value: T | undefined): { [K in keyof T]: Exclude<T[K], undefined> } | undefined;
function defined(value: object | undefined): object | undefined {
  return value && Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));
}
