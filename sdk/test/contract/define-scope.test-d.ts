import {
  binaryResult,
  defineJob,
  defineScope,
  inputRequired,
  toolResult,
  type JobContext,
  type JobHandler,
  type Json,
  type MuscleContext,
} from '../../src/index.ts';
import { z } from 'zod';
import { z as z3 } from 'zod/v3';

/**
 * Type tests: what must hold compiles, and each line under `@ts-expect-error` must fail to compile, or `tsc` reports
 * the unused expectation.
 */
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(): T => true as T;

const AddInput = z.object({
  text: z.string(),
  stars: z.coerce.number().default(3),
  tags: z.array(z.string()).optional(),
});
const Note = z.object({ key: z.string(), text: z.string(), at: z.string().default('now') });
const OldInput = z3.object({ text: z3.string(), stars: z3.number().default(3) });

// The arguments are what the model makes of them, of zod 4 and of zod 3.
defineScope(AddInput, (_ctx, args) => {
  holds<Equal<typeof args, { text: string; stars: number; tags?: string[] | undefined }>>();
  return args.text.toUpperCase();
});
defineScope(OldInput, (_ctx, args) => {
  holds<Equal<typeof args, { text: string; stars: number }>>();
  return args.stars;
});

// Without requires the context has no capability.
defineScope(AddInput, (ctx) => {
  holds<Equal<typeof ctx.request.tenantId, string>>();
  // @ts-expect-error tabular_store was not asked for
  return ctx.tabular.get('a');
});

// With it, those and no others.
defineScope({ input: AddInput, requires: ['tabular_store', 'event_spine'] }, async (ctx, args) => {
  await ctx.tabular.put('a', args.text);
  await ctx.events.append('s', { type: 'added', data: args.text });
  // @ts-expect-error object_store was not asked for
  void ctx.objects;
  return { key: 'a' };
});

// A context that is written out says the same.
defineScope(AddInput, async (ctx: MuscleContext<'object_store'>, args) => {
  await ctx.objects.stat(args.text);
  // @ts-expect-error tabular_store was not asked for
  void ctx.tabular;
  return null;
});

// @ts-expect-error there is no such capability
defineScope({ input: AddInput, requires: ['database'] }, () => null);

// The answer is what the output model takes: defaults may be left out.
const add = defineScope({ input: AddInput, output: Note, requires: ['tabular_store'] }, async (_ctx, args) => ({
  key: 'a',
  text: args.text,
}));
holds<Equal<Parameters<typeof add>[1]['stars'], number>>();

// A result that a helper makes is one, too.
defineScope({ input: AddInput, output: Note }, () => toolResult({ structured: { key: 'a', text: 'b' } }));

// @ts-expect-error the answer has no text
defineScope({ input: AddInput, output: Note }, async () => ({ key: 'a' }));

// @ts-expect-error a text is not a model
defineScope('AddInput', () => null);

// @ts-expect-error arguments have names, so the model is an object
defineScope(z.string(), () => null);

// A scope is a handler with its capabilities, no more and no less.
export const asJson = async (): Promise<Json> =>
  (await add({} as MuscleContext<'tabular_store'>, { text: 'a', stars: 1 })).key;

// A job has the capabilities that it asks for, and progress; nothing of a caller who has gone on.
export const count = defineJob({ input: AddInput, output: Note, requires: ['tabular_store'] }, async (ctx, args) => {
  holds<Equal<typeof args.stars, number>>();
  await ctx.progress({ progress: 1, total: 2 });
  await ctx.tabular.put('a', args.text);
  // @ts-expect-error the body of the request was over when the job began
  void ctx.upload;
  // @ts-expect-error nobody was asked
  void ctx.answers;
  // @ts-expect-error object_store was not asked for
  void ctx.objects;
  return { key: 'a', text: args.text };
});
holds<Equal<Parameters<typeof count>[0], JobContext<'tabular_store'>>>();

// Its answer is facts, of any interface, or what toolResult makes.
interface Counted {
  readonly words: number;
}
defineJob(AddInput, (): Counted => ({ words: 1 }));
defineJob(AddInput, async () => toolResult({ structured: { words: 1 } }));
defineJob(AddInput, () => undefined);

const bytes = () => binaryResult({ mediaType: 'text/plain', size: 0, open: () => Promise.reject(new Error('closed')) });
// @ts-expect-error there is nobody to send bytes to
defineJob(AddInput, async () => bytes());

// @ts-expect-error there is nobody to ask
defineJob({ input: AddInput }, () => inputRequired({ questions: {} }));

// @ts-expect-error the answer has no text
defineJob({ input: AddInput, output: Note }, async () => ({ key: 'a' }));

// Plain functions are jobs as well.
export const plainJob: JobHandler<{ text: string }> = async (ctx, { text }) => {
  await ctx.progress({ progress: 1 });
  return { words: text.length };
};
