import type { Engine } from './engine.ts';

/** Which calls an engine has under way, and since when it has none. */
export class EngineUse {
  #underWay = 0;
  #lastMs = performance.now();

  /** Milliseconds since the last call ended or `ask` was called; 0 while one is under way. */
  get idleMs(): number {
    return this.#underWay > 0 ? 0 : performance.now() - this.#lastMs;
  }

  /** Somebody gets the engine in hand and is about to call it. */
  ask(): void {
    this.#lastMs = performance.now();
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    const end = this.#begin();
    try {
      return await work();
    } finally {
      end();
    }
  }

  /** From the first piece that is read to the last, or until the reader gives up. */
  async *whileRead<T>(body: AsyncIterable<T>): AsyncGenerator<T> {
    const end = this.#begin();
    try {
      yield* body;
    } finally {
      end();
    }
  }

  #begin(): () => void {
    this.#underWay += 1;
    return () => {
      this.#underWay -= 1;
      this.#lastMs = performance.now();
    };
  }
}

/** The engine, noting its calls. */
export function noting(use: EngineUse, { tabular, spine, objects, close }: Engine): Engine {
  return {
    ...(tabular && { tabular: noted(use, tabular) }),
    ...(spine && { spine: noted(use, spine) }),
    ...(objects && {
      objects: {
        ...noted(use, objects),
        async get(...args) {
          const found = await use.during(() => objects.get(...args));
          return found && { ...found, body: use.whileRead(found.body) };
        },
      },
    }),
    close,
  };
}

function noted<Port extends object>(use: EngineUse, port: Port): Port {
  const members = Object.entries(port).map(([name, value]: [string, unknown]) => {
    if (typeof value !== 'function') return [name, value] as const;
    const operation = value as (...args: unknown[]) => Promise<unknown>;
    return [name, (...args: unknown[]) => use.during(() => operation.apply(port, args))] as const;
  });
  return Object.freeze(Object.fromEntries(members)) as Port;
}
