import type { LoadParams, PartRef, RunParams, SetupParams } from '../messages.ts';
import type { Reply, RpcHandlers } from '../rpc/rpc-peer.ts';
import { CallInside } from './call-inside.ts';
import { LoadedMuscles } from './loaded-muscles.ts';
import { thrownData } from './describe-thrown.ts';

/** How the inside reaches the host. */
export interface HostLink {
  request(method: string, params: unknown): Promise<Reply>;
  notify(method: string, params: unknown): void;
}

type Stream = { readonly call: string; readonly stream: number };

/** Answers the host inside an isolate: loads muscles, checks arguments, runs handlers. Trusts what the host says. */
export class IsolateServer implements RpcHandlers {
  readonly #host: HostLink;
  readonly #muscles = new LoadedMuscles();
  readonly #calls = new Map<string, CallInside>();
  /** Checked arguments that wait for policy to decide. */
  readonly #held = new Map<number, unknown>();

  constructor(host: HostLink) {
    this.#host = host;
  }

  async request(method: string, params: unknown): Promise<Reply> {
    switch (method) {
      case 'ping':
        return {};
      case 'load':
        return { value: await this.#muscles.load(params as LoadParams) };
      case 'setup':
        return { value: await this.#setup(params as SetupParams) };
      case 'unload':
        await this.#muscles.unload((params as { instance: number }).instance);
        return {};
      case 'parse':
        return { value: this.#parse(params as { part: PartRef; held: number; value: unknown }) };
      case 'run':
        return { value: await this.#run(params as RunParams) };
      case 'open':
        return { value: await this.#open(params as { call: string; range?: readonly [number, number] }) };
      case 'pull':
        return this.#pull(params as Stream);
      default:
        throw new Error(`unknown request ${method}`);
    }
  }

  notice(method: string, params: unknown): void {
    const { call, stream, held } = params as Partial<Stream> & { held?: number };
    const running = this.#calls.get(call ?? '');
    if (method === 'forget') this.#held.delete(held ?? -1);
    else if (method === 'abort') running?.abort();
    else if (method === 'cancel') running?.offered.cancel(stream ?? -1);
    else if (method === 'close') {
      running?.close();
      this.#calls.delete(call ?? '');
    }
  }

  #setup({ instance, ms }: SetupParams): Promise<object> {
    return this.#muscles.setup(instance, ms);
  }

  #parse({ part, held, value }: { part: PartRef; held: number; value: unknown }): object {
    const parsed = this.#muscles.part(part).parseInput(value);
    if (!parsed.ok) return parsed;
    this.#held.set(held, parsed.value);
    return { ok: true, value: jsonOf(parsed.value) };
  }

  async #run({ call: id, part, held, args, facts }: RunParams): Promise<object> {
    const call = new CallInside({ id, facts, host: this.#host });
    this.#calls.set(id, call);
    const checked = held === undefined ? args : this.#held.get(held);
    this.#held.delete(held ?? -1);
    return call.run(this.#muscles.part(part), checked);
  }

  async #open({ call, range }: { call: string; range?: readonly [number, number] }): Promise<object> {
    const running = this.#calls.get(call);
    try {
      if (running === undefined) throw new Error('the call is over');
      return { ok: true, stream: await running.openBinary(range) };
    } catch (error) {
      return { ok: false, thrown: thrownData(error) };
    }
  }

  async #pull({ call, stream }: Stream): Promise<Reply> {
    try {
      const bytes = await this.#calls.get(call)?.offered.pull(stream);
      return bytes ? { value: { ok: true, done: false }, bytes } : { value: { ok: true, done: true } };
    } catch (error) {
      return { value: { ok: false, thrown: thrownData(error) } };
    }
  }
}

/** What policy and audit may know of checked arguments: a bigint, which JSON has not, as its digits. */
function jsonOf(value: unknown): unknown {
  const text = JSON.stringify(value, (_, member: unknown) => (typeof member === 'bigint' ? `${member}n` : member));
  return JSON.parse(text) as unknown;
}
