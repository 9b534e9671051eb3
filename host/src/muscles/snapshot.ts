import type { ActiveMuscle, ActivePrompt, ActiveResource, ActiveTool } from './active-muscle.ts';

/**
 * Everything the host serves at one moment, immutable. A call holds the snapshot it started on; a change makes a new
 * one and swaps it in one assignment.
 */
export interface Snapshot {
  /** 0 for the empty snapshot before the first load; grows by one with each. */
  readonly generation: number;
  readonly muscles: readonly ActiveMuscle[];
  /** In name order. */
  readonly tools: readonly ActiveTool[];
  /** By scope name and by wire name: both spellings are accepted on call. */
  readonly toolByName: ReadonlyMap<string, ActiveTool>;
  readonly resources: readonly ActiveResource[];
  readonly prompts: readonly ActivePrompt[];
  readonly promptByName: ReadonlyMap<string, ActivePrompt>;
}

export function makeSnapshot(generation: number, muscles: readonly ActiveMuscle[]): Snapshot {
  const tools = muscles.flatMap((muscle) => muscle.tools).sort((a, b) => (a.wireName < b.wireName ? -1 : 1));
  const prompts = muscles.flatMap((muscle) => muscle.prompts).sort((a, b) => (a.wireName < b.wireName ? -1 : 1));
  return Object.freeze({
    generation,
    muscles: Object.freeze([...muscles]),
    tools: Object.freeze(tools),
    toolByName: bothSpellings(tools),
    resources: Object.freeze(muscles.flatMap((muscle) => muscle.resources)),
    prompts: Object.freeze(prompts),
    promptByName: bothSpellings(prompts),
  });
}

function bothSpellings<T extends { spec: { name: string }; wireName: string }>(
  items: readonly T[],
): ReadonlyMap<string, T> {
  return new Map(items.flatMap((item) => [[item.spec.name, item] as const, [item.wireName, item] as const]));
}
