import type { EventCapability, Json, MuscleLog, ObjectCapability, TabularCapability } from '@northstar/sdk';
import type { CallFacts } from '../messages.ts';
import type { CallInside } from './call-inside.ts';

/** The same `ctx` as inline, whose every service is a request to the host. */
export function remoteContext(facts: CallFacts, call: CallInside, signal: AbortSignal): object {
  const { stores, upload, request, ...plain } = facts;
  return Object.freeze({
    ...plain,
    request: Object.freeze({ ...request, actor: Object.freeze(request.actor) }),
    signal,
    log: logOf(call),
    ...(upload && {
      upload: {
        body: call.hostStream(upload.stream),
        ...(upload.mediaType !== undefined && { mediaType: upload.mediaType }),
        ...(upload.size !== undefined && { size: upload.size }),
      },
    }),
    progress: async (update: object) => {
      if (!signal.aborted) await call.service('progress', update);
    },
    notifyLog: async (level: string, data: Json) => {
      if (!signal.aborted) await call.service('notifyLog', { level, data });
    },
    resourceUpdated: (uri: string) => call.notify('resourceUpdated', { uri: String(uri).slice(0, 2000) }),
    gate: async (action: string, subject?: { type: string; id: string }) => {
      await call.service('gate', { action, subject });
    },
    ...(stores.includes('tabular') && { tabular: tabularOf(call) }),
    ...(stores.includes('objects') && { objects: objectsOf(call) }),
    ...(stores.includes('events') && { events: eventsOf(call) }),
  });
}

function logOf(call: CallInside): MuscleLog {
  const write = (level: keyof MuscleLog) => (message: string, fields?: object) =>
    call.notify('log', { level, message: String(message).slice(0, 10_000), fields });
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

function tabularOf(call: CallInside): TabularCapability {
  return Object.freeze({
    get: async (key: string) => call.service('tabular.get', { key }),
    put: async (key: string, value: Json, condition?: object) => call.service('tabular.put', { key, value, condition }),
    delete: async (key: string, condition?: object) => call.service('tabular.delete', { key, condition }),
    list: async (query: object = {}) => call.service('tabular.list', query),
  }) as TabularCapability;
}

function objectsOf(call: CallInside): ObjectCapability {
  return Object.freeze({
    put: async (key: string, body: Uint8Array | AsyncIterable<Uint8Array>, options: object) => {
      let broke: { error: unknown } | undefined;
      const watched = async function* (): AsyncGenerator<Uint8Array> {
        try {
          if (body instanceof Uint8Array) yield body;
          else yield* body;
        } catch (error) {
          broke = { error };
          throw error;
        }
      };
      const stream = call.offered.offer(watched());
      try {
        return await call.service('objects.put', { key, stream, options });
      } catch (error) {
        // What the muscle's own body threw is that very error here, as it is inline.
        throw broke ? broke.error : error;
      } finally {
        call.offered.cancel(stream);
      }
    },
    stat: async (key: string) => call.service('objects.stat', { key }),
    get: async (key: string, { range }: { range?: readonly [number, number] } = {}) => {
      const found = (await call.service('objects.get', { key, range })) as { info: object; stream: number } | undefined;
      return found && { info: found.info, body: call.hostStream(found.stream) };
    },
    delete: async (key: string) => call.service('objects.delete', { key }),
  }) as ObjectCapability;
}

function eventsOf(call: CallInside): EventCapability {
  return Object.freeze({
    append: async (stream: string, event: object) => call.service('events.append', { stream, event }),
    read: async (stream: string, query: object = {}) => call.service('events.read', { ...query, stream }),
  }) as EventCapability;
}
