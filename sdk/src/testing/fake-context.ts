import type { ContextBase, RequestFacts } from '../contract/context.ts';
import type { EventCapability, ObjectCapability, TabularCapability } from '../contract/capabilities.ts';
import type { Json, JsonObject } from '../contract/json.ts';
import { MuscleError } from '../contract/muscle-error.ts';
import { MemoryEvents } from './memory-events.ts';
import { MemoryObjects } from './memory-objects.ts';
import { MemoryTabular } from './memory-tabular.ts';

/** Stands for GateChain: whether an action may go on. */
export type FakeGate = (action: string, subject?: { type: string; id: string }) => boolean;

/** The three capabilities. A scope that is run gets those that its muscle requires. */
export interface FakeStores {
  readonly tabular: TabularCapability;
  readonly objects: ObjectCapability;
  readonly events: EventCapability;
}

/** What a handler did with its context, in order. */
export interface Recorded {
  readonly progress: { progress: number; total?: number; message?: string }[];
  readonly logs: { level: string; message: string; fields?: JsonObject }[];
  readonly clientLogs: { level: string; data: Json }[];
  readonly updatedUris: string[];
  readonly gates: { action: string; subject?: { type: string; id: string } }[];
  /** What a stream scope yielded. */
  readonly pieces: Json[];
}

/** What stands in for the host's part. Everything has a default. */
export interface FakeContextOptions extends Partial<FakeStores> {
  readonly request?: Partial<RequestFacts>;
  readonly signal?: AbortSignal;
  /** Milliseconds from now; default 30 s. */
  readonly timeoutMs?: number;
  readonly allow?: FakeGate;
  readonly clientCapabilities?: JsonObject;
  readonly answers?: ContextBase['answers'];
  readonly state?: Json;
  readonly upload?: ContextBase['upload'];
}

/** A context with all three capabilities, and with `recorded`: what the handler did. Fits any `MuscleContext<…>`. */
export type FakeContext = ContextBase & FakeStores & { readonly recorded: Recorded };

const CALLER: RequestFacts = {
  requestId: 'req_test',
  mode: 'lab',
  tenantId: 't_test',
  projectId: 'p_test',
  actor: { type: 'user', id: 'u_test' },
};

/** A context without a host: stores in memory, everything allowed, and what the handler did in `recorded`. */
export function fakeContext(options: FakeContextOptions = {}): FakeContext {
  const { answers, state, upload, allow = () => true } = options;
  const recorded: Recorded = { progress: [], logs: [], clientLogs: [], updatedUris: [], gates: [], pieces: [] };
  const log = (level: string) => (message: string, fields?: JsonObject) =>
    void recorded.logs.push({ level, message, ...(fields && { fields }) });
  return {
    request: { ...CALLER, ...options.request },
    signal: options.signal ?? new AbortController().signal,
    deadline: Date.now() + (options.timeoutMs ?? 30_000),
    log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    clientCapabilities: options.clientCapabilities ?? {},
    ...(answers && { answers }),
    ...(state !== undefined && { state }),
    ...(upload && { upload }),
    progress: async (update) => void recorded.progress.push(update),
    notifyLog: async (level, data) => void recorded.clientLogs.push({ level, data }),
    resourceUpdated: (uri) => void recorded.updatedUris.push(uri),
    gate: async (action, subject) => {
      recorded.gates.push({ action, ...(subject && { subject }) });
      if (!allow(action, subject)) throw refusedByGate(action);
    },
    tabular: options.tabular ?? new MemoryTabular(),
    objects: options.objects ?? new MemoryObjects(),
    events: options.events ?? new MemoryEvents(),
    recorded,
  };
}

/** What a caller sees of a call that GateChain does not allow. */
export function refusedByGate(action: string): MuscleError {
  return new MuscleError({ code: 'policy.denied', status: 403, message: `The gate of this test refuses ${action}.` });
}
