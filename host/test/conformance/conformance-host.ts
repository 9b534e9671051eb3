import { fileURLToPath } from 'node:url';
import type { ActiveMuscle } from '../../src/muscles/active-muscle.ts';
import type { MuscleRegistry } from '../../src/muscles/muscle-registry.ts';
import { createTestHost } from '../../src/testing/index.ts';

const MUSCLES = ['conformance', 'conformance_schema'];

/** The scope and the prompt that the fixture's triggers make come and go. */
const VANISHING = { tools: 'test.comes_and_goes', prompts: 'test.comes_and_goes_prompt' };
type List = keyof typeof VANISHING;

const CHANGE = Symbol.for('northstar.conformance.change');
const hooks = globalThis as unknown as Record<symbol, ((list: List) => void) | undefined>;

export interface ConformanceHost {
  /** MCP endpoint that needs no identity headers, because the suite sends none. */
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the real host with the fixture muscles, and a connection that stands in for the identity headers. */
export async function startConformanceHost(): Promise<ConformanceHost> {
  const host = await createTestHost({
    plugins: [fileURLToPath(new URL('muscles', import.meta.url))],
    muscles: MUSCLES,
  });
  const close = async (): Promise<void> => {
    delete hooks[CHANGE];
    await host.close();
  };
  try {
    assertActive(host.registry);
    await connect(host.url, host.headers);
    hooks[CHANGE] = listChanger(host.registry);
    return { url: `${host.url}/c/conformance/mcp`, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function assertActive({ statuses }: MuscleRegistry): void {
  const broken = statuses.filter(({ id, state }) => MUSCLES.includes(id) && state !== 'active');
  if (broken.length === 0) return;
  const lines = broken.flatMap(({ id, state, diagnostics }) => [
    `${id} is ${state}`,
    ...diagnostics.map(({ file, line, column, message }) => `  ${file}:${line}:${column} ${message}`),
  ]);
  throw new Error(`The fixture muscles do not load.\n${lines.join('\n')}`);
}

async function connect(url: string, headers: Record<string, string>): Promise<void> {
  const answer = await fetch(`${url}/admin/connections`, {
    method: 'PUT',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({
      connection_id: 'conformance',
      mode: 'lab',
      tenant_id: 't_conformance',
      project_id: 'p_conformance',
    }),
  });
  if (!answer.ok) throw new Error(`PUT /admin/connections answered ${answer.status}: ${await answer.text()}`);
}

/** Each call swaps in a snapshot that has one tool or prompt fewer than the whole, or has it again. */
function listChanger(registry: MuscleRegistry): (list: List) => void {
  const whole = registry.current.muscles;
  const gone = new Set<string>();
  return (list) => {
    const name = VANISHING[list];
    if (!gone.delete(name)) gone.add(name);
    registry.publish(whole.map((muscle) => without(muscle, gone)));
  };
}

function without(muscle: ActiveMuscle, gone: ReadonlySet<string>): ActiveMuscle {
  return {
    ...muscle,
    tools: muscle.tools.filter(({ spec }) => !gone.has(spec.name)),
    prompts: muscle.prompts.filter(({ spec }) => !gone.has(spec.name)),
  };
}
