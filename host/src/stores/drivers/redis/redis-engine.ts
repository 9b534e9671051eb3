import { createHash } from 'node:crypto';
import { StoreError } from '../../store-error.ts';
import type { RedisConnection } from './connect-redis.ts';
import { replyWord, toRedisError } from './redis-error.ts';

/** A Lua script. Redis runs it alone, from start to end: what it reads is still so when it writes. */
export interface Script {
  readonly lua: string;
  readonly sha1: string;
  readonly effect: 'read' | 'write';
}

export function script(effect: 'read' | 'write', lua: string): Script {
  return { lua, sha1: createHash('sha1').update(lua).digest('hex'), effect };
}

/** Runs scripts in bounded time and puts every failure into the words of the port. */
export class RedisEngine {
  readonly prefix: string;
  readonly #client: RedisConnection;
  readonly #timeoutMs: number;

  constructor(client: RedisConnection, prefix: string, timeoutMs: number) {
    this.#client = client;
    this.prefix = prefix;
    this.#timeoutMs = timeoutMs;
  }

  run(doing: string, { lua, sha1, effect }: Script, keys: string[], args: string[]): Promise<unknown> {
    const call = { keys, arguments: args };
    return this.call(doing, effect, (client, isAwaited) =>
      client.evalSha(sha1, call).catch((error: unknown) => {
        // A caller that was told `unknown_outcome` may have looked again: nothing is written behind its back.
        if (replyWord(error) !== 'NOSCRIPT' || !isAwaited()) throw error;
        return client.eval(lua, call);
      }),
    );
  }

  /** `isAwaited` says whether the caller has no answer yet: for a command of several steps. */
  call<T>(
    doing: string,
    effect: 'read' | 'write',
    command: (client: RedisConnection, isAwaited: () => boolean) => Promise<T>,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      let awaited = true;
      const fail = (error: unknown): void => reject(toRedisError(error, doing, effect === 'write'));
      const timer = setTimeout(() => {
        awaited = false;
        fail(new Error(`no answer in ${this.#timeoutMs} ms`));
      }, this.#timeoutMs);
      command(this.#client, () => awaited).then(
        (answer) => {
          clearTimeout(timer);
          resolve(answer);
        },
        (error: unknown) => {
          clearTimeout(timer);
          fail(error);
        },
      );
    });
  }

  /** Waits for what is under way, as long as a call may take. May be called twice. */
  async close(): Promise<void> {
    if (!this.#client.isOpen) return;
    const closed = await this.call('close', 'read', (client) => client.close()).catch((error: unknown) => error);
    if (closed instanceof StoreError && this.#client.isOpen) this.#client.destroy();
  }
}
