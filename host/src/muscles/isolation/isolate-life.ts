import type { Parsed } from '@northstar/sdk/bind';
import type { Json, MuscleContext } from '@northstar/sdk';
import type { z } from 'zod';
import { readAnswer } from './read-answer.ts';
import type { Ending, IsolateCarrier } from './isolate-carrier.ts';
import * as messages from './messages.ts';
import type { LoadParams, PartRef } from './messages.ts';
import { MAX_FRAME_BYTES, MAX_JSON_CHARACTERS, ProtocolFault, type Frame } from './rpc/frame.ts';
import { RpcPeer, type Reply } from './rpc/rpc-peer.ts';
import { RunningCall } from './running-call.ts';

/** Milliseconds that an isolate has to say that it is alive, once something in it is overdue. */
const GRACE_MS = 1000;
/** Milliseconds that a call may be overdue here before it is: the deadline itself must come first, with its message. */
const MARGIN_MS = 20;
/** Milliseconds beyond its own limit that a load has, so that the isolate itself can say what did not finish. */
const LOAD_GRACE_MS = 2000;
/** Milliseconds for a thread or process to start, before it has loaded any muscle. */
const START_MS = 60_000;
/** Milliseconds without the next chunk of a body, or without the body being opened, after which it is given up. */
const STREAM_IDLE_MS = 60_000;
/** Milliseconds for `dispose` of a muscle. */
const DISPOSE_MS = 5000;

/** The isolate ended while something waited for it. */
export class IsolateEnded extends Error {
  readonly ending: Ending;

  constructor(ending: Ending) {
    super(`the isolate ended: ${ending.reason}`);
    this.name = 'IsolateEnded';
    this.ending = ending;
  }
}

/** The isolate was ended because this very request was overdue and nothing inside answered any more. */
export class Hung extends IsolateEnded {}

/** Something took too long, but the isolate itself still answers. */
export class Overdue extends Error {}

export interface RunJob {
  readonly part: PartRef;
  /** Number of parsed arguments that the isolate keeps, or the arguments themselves. */
  readonly held?: number;
  readonly args?: unknown;
  readonly ctx: MuscleContext;
  /** Takes the pieces of a stream scope, one after the other. */
  readonly piece?: (piece: Json) => Promise<void>;
}

/** One thread or process from its start to its end, and what runs in it. */
export class IsolateLife {
  readonly ended: Promise<Ending>;
  readonly #carrier: IsolateCarrier;
  readonly #peer: RpcPeer;
  readonly #calls = new Map<string, RunningCall>();
  #held = 0;
  #abandoned = 0;
  #endedFor: string | undefined;

  constructor(start: (onFrame: (frame: Frame) => void) => IsolateCarrier) {
    this.#carrier = start((frame) => this.#receive(frame));
    this.#peer = new RpcPeer({
      carrier: this.#carrier,
      handlers: {
        request: (method, params) =>
          this.#serve(method, params).catch((error: unknown) => {
            throw this.#fault(error);
          }),
        notice: (method, params) => this.#notice(method, params),
      },
    });
    this.ended = this.#carrier.ended.then(({ reason, detail }) => {
      const ending = { reason: this.#endedFor ?? reason, ...(detail !== undefined && { detail }) };
      for (const call of this.#calls.values()) call.close();
      this.#calls.clear();
      this.#peer.close(new IsolateEnded(ending));
      return ending;
    });
  }

  /** Calls that run in it now. */
  get running(): number {
    return this.#calls.size;
  }

  /** Calls that were given up at their deadline and whose code may run on. */
  get abandoned(): number {
    return this.#abandoned;
  }

  /** Resolves once it answers. */
  async started(): Promise<this> {
    await this.#within(this.#peer.request('ping', {}), START_MS);
    return this;
  }

  async load(params: LoadParams): Promise<messages.LoadedReply> {
    const reply = this.#peer.request('load', params);
    return this.#checked(messages.LoadedReply, (await this.#within(reply, params.importMs + LOAD_GRACE_MS)).value);
  }

  async setup(instance: number, ms: number): Promise<z.infer<typeof messages.SetupReply>> {
    const reply = this.#peer.request('setup', { instance, ms } satisfies messages.SetupParams);
    return this.#checked(messages.SetupReply, (await this.#within(reply, ms + LOAD_GRACE_MS)).value);
  }

  async unload(instance: number): Promise<void> {
    await this.#within(this.#peer.request('unload', { instance }), DISPOSE_MS);
  }

  /** Checks arguments by the muscle's own model. The checked value stays in the isolate under `held`. */
  async parse(part: PartRef, value: unknown, ms: number): Promise<{ parsed: Parsed; held: number }> {
    const held = this.#held++;
    const reply = await this.#within(this.#peer.request('parse', { part, held, value }), ms);
    return { parsed: this.#checked(messages.ParsedReply, reply.value) as Parsed, held };
  }

  /** Lets go of checked arguments; does no harm where they were used. */
  forget(held: number): void {
    this.#peer.notify('forget', { held });
  }

  async run({ part, held, args, ctx, piece }: RunJob): Promise<unknown> {
    const call = new RunningCall(ctx, {
      pull: (of, stream) => this.#pull(of, stream),
      cancel: (of, stream) => this.#peer.notify('cancel', { call: of.id, stream }),
      ...(piece && { piece }),
    });
    this.#calls.set(call.id, call);
    const abort = (): void => this.#peer.notify('abort', { call: call.id });
    ctx.signal.addEventListener('abort', abort, { once: true });
    let staysOpen = false;
    try {
      const params = { call: call.id, part, held, args, facts: call.facts() };
      const reply = await this.#within(this.#peer.request('run', params), ctx.deadline + MARGIN_MS - Date.now());
      const answer = this.#checked(messages.AnswerReply, reply.value);
      staysOpen = answer.kind === 'binary';
      return readAnswer(answer, call, {
        open: (range) => this.#open(call, range),
        closeUnlessOpened: () => setTimeout(() => this.#close(call), STREAM_IDLE_MS).unref(),
      });
    } catch (error) {
      if (error instanceof Overdue) this.#abandoned++;
      throw error;
    } finally {
      ctx.signal.removeEventListener('abort', abort);
      if (!staysOpen) this.#close(call);
    }
  }

  /** Ends it at once, whatever it does. */
  async terminate(reason: string): Promise<void> {
    this.#endedFor ??= reason;
    await this.#carrier.terminate();
  }

  async #open(call: RunningCall, range?: readonly [number, number]): Promise<AsyncIterable<Uint8Array>> {
    const reply = await this.#within(this.#peer.request('open', { call: call.id, range }), STREAM_IDLE_MS);
    const opened = this.#checked(messages.OpenReply, reply.value);
    if (!opened.ok) throw call.errors.revive(opened.thrown);
    return this.#bodyOf(call, opened.stream);
  }

  async *#bodyOf(call: RunningCall, stream: number): AsyncGenerator<Uint8Array, void> {
    try {
      for (let chunk = await this.#pull(call, stream); chunk; chunk = await this.#pull(call, stream)) yield chunk;
    } finally {
      this.#close(call);
    }
  }

  async #pull(call: RunningCall, stream: number): Promise<Uint8Array | undefined> {
    const { value, bytes } = await this.#within(this.#peer.request('pull', { call: call.id, stream }), STREAM_IDLE_MS);
    const pulled = this.#checked(messages.PullReply, value);
    if (!pulled.ok) throw call.errors.revive(pulled.thrown);
    return pulled.done ? undefined : bytes;
  }

  #close(call: RunningCall): void {
    if (!this.#calls.delete(call.id)) return;
    call.close();
    this.#peer.notify('close', { call: call.id });
  }

  async #serve(method: string, params: unknown): Promise<Reply> {
    if (method === 'service') {
      const { call, name, args } = faultless(messages.ServiceRequest, params);
      const running = this.#calls.get(call);
      return { value: running ? await running.serve(name, args) : OVER };
    }
    if (method === 'pull') {
      const { call, stream } = faultless(messages.StreamRef, params);
      const running = this.#calls.get(call);
      try {
        const bytes = await running?.offered.pull(stream);
        return bytes ? { value: { ok: true, done: false }, bytes } : { value: { ok: true, done: true } };
      } catch (error) {
        return { value: running ? { ok: false, error: running.errors.describe(error) } : OVER };
      }
    }
    throw new ProtocolFault('an unknown request');
  }

  #notice(method: string, params: unknown): void {
    if (method === 'log') {
      const { fields, ...line } = faultless(messages.LogNotice, params);
      this.#calls.get(line.call)?.log({ ...line, ...(fields && { fields }) });
    } else if (method === 'resourceUpdated') {
      const { call, uri } = faultless(messages.UpdatedNotice, params);
      this.#calls.get(call)?.ctx.resourceUpdated(uri);
    } else if (method === 'cancel') {
      const { call, stream } = faultless(messages.StreamRef, params);
      this.#calls.get(call)?.offered.cancel(stream);
    } else throw new ProtocolFault('an unknown notice');
  }

  /** Waits for a reply, but not past its time; whoever then does not even answer a ping is ended. */
  async #within(work: Promise<Reply>, ms: number): Promise<Reply> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), Math.max(ms, 0));
    });
    try {
      const first = await Promise.race([work, late]);
      if (first !== 'late') return first;
    } catch (error) {
      throw this.#fault(error);
    } finally {
      clearTimeout(timer);
    }
    work.catch(() => undefined);
    if (await this.#isAlive()) throw new Overdue(`no answer within ${Math.round(ms)} ms`);
    const reason = 'it hung: its code did not let go of the thread';
    await this.terminate(reason);
    throw new Hung({ reason });
  }

  async #isAlive(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), GRACE_MS);
    });
    const answered = this.#peer.request('ping', {}).then(
      () => true,
      () => false,
    );
    const alive = await Promise.race([answered, silence]);
    clearTimeout(timer);
    return alive;
  }

  #checked<M extends z.ZodType>(model: M, value: unknown): z.infer<M> {
    try {
      return faultless(model, value);
    } catch (error) {
      throw this.#fault(error);
    }
  }

  #receive(frame: Frame): void {
    try {
      this.#peer.receive(soundFrame(frame));
    } catch (error) {
      this.#fault(error);
    }
  }

  /** Ends an isolate that broke the protocol. Gives the error back, to be thrown. */
  #fault(error: unknown): unknown {
    if (error instanceof ProtocolFault) void this.terminate(`it broke the protocol with ${error.message}`);
    return error;
  }
}

const OVER = {
  ok: false,
  error: { error: 0, name: 'Error', message: 'This call is over; its context works no longer.', code: 'call.over' },
};

/** Judges what came in by its size before anything looks into it. */
function soundFrame({ json, bytes }: Frame): Frame {
  if (typeof json !== 'string' || json.length > MAX_JSON_CHARACTERS)
    throw new ProtocolFault('a message over the limit, or none');
  if (bytes === undefined) return { json };
  // Shared memory could still change after it was looked at.
  const own = bytes instanceof Uint8Array && !(bytes.buffer instanceof SharedArrayBuffer);
  if (!own || bytes.byteLength > MAX_FRAME_BYTES) throw new ProtocolFault('bytes over the limit, or none');
  return { json, bytes };
}

function faultless<M extends z.ZodType>(model: M, value: unknown): z.infer<M> {
  const parsed = model.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ProtocolFault('a message of unknown shape');
}
