import type { JsonObject } from '../contract/json.ts';
import type { ScopeExample } from '../contract/spec.ts';
import type { FakeContextOptions, FakeStores } from './fake-context.ts';
import type { LoadedMuscle } from './load-muscle.ts';
import { runScope, type ScopeRun } from './run-scope.ts';

/** The arguments of an example, once the example that it comes after has run on these stores. */
export interface PreparedExample {
  readonly arguments: JsonObject;
  readonly stores: Partial<FakeStores>;
}

/** Runs what an example comes after, and fills its answer into the arguments. */
export async function prepareExample(loaded: LoadedMuscle, example: ScopeExample, depth = 0): Promise<PreparedExample> {
  if (example.after === undefined) return { arguments: example.arguments, stores: {} };
  const first = loaded.muscle.scopes.find(({ spec }) => spec.name === example.after)?.spec.examples[0];
  if (!first || depth > 10)
    throw new Error(`The example comes after ${example.after}, which has no example that stands on its own.`);
  const before = await prepareExample(loaded, first, depth + 1);
  const { structured, stores } = await runScope(loaded, example.after, before.arguments, before.stores);
  return { arguments: filled(example.arguments, structured) as JsonObject, stores };
}

/** Runs an example as it stands. */
export async function runExample(
  loaded: LoadedMuscle,
  { name, example }: { name: string; example: ScopeExample },
  options: FakeContextOptions = {},
): Promise<ScopeRun> {
  const prepared = await prepareExample(loaded, example);
  return runScope(loaded, name, prepared.arguments, { ...prepared.stores, ...options });
}

/** A text that is nothing but `{name}` becomes that property of the earlier answer. */
function filled(value: unknown, answer: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => filled(item, answer));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filled(inner, answer)]));
  const name = typeof value === 'string' ? /^\{(\w+)\}$/.exec(value)?.[1] : undefined;
  if (name === undefined) return value;
  const found = (answer as { [key: string]: unknown } | undefined)?.[name];
  if (found === undefined) throw new Error(`The earlier answer has no property "${name}" for the example.`);
  return found;
}
