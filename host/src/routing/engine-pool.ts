import { NorthstarError } from '../errors/northstar-error.ts';
import { canonicalJson } from '../spine/digest.ts';
import type { HintBus } from '../stores/hint-bus.ts';
import type { TabularStore } from '../stores/tabular-store.ts';
import { objectsWithKeyCodec, spineWithKeyCodec, tabularWithKeyCodec } from '../stores/with-key-codec.ts';
import { parseConfig } from './parse-config.ts';
import type { Backend, Engine, EngineTarget, OpenEngine } from './engine.ts';

/** Opens each engine once, however many routes name it, and closes them all. */
export class EnginePool {
  readonly #backends: ReadonlyMap<string, Backend>;
  readonly #spoolDir: string;
  /** By backend and config: the raw engine and the same behind the key codec. */
  readonly #open = new Map<string, Promise<{ raw: Engine; coded: Engine }>>();

  constructor(backends: readonly Backend[], spoolDir: string) {
    this.#backends = new Map(backends.map((backend) => [backend.name, backend]));
    this.#spoolDir = spoolDir;
  }

  backend(name: string): Backend {
    const found = this.#backends.get(name);
    if (found) return found;
    throw new NorthstarError(
      'routing.invalid_route',
      `There is no engine called ${JSON.stringify(name.slice(0, 60))}; use ${[...this.#backends.keys()].join(', ')}.`,
    );
  }

  /** The engine behind the key codec. One that failed to open is tried again with the next call. */
  async engine(target: EngineTarget): Promise<Engine> {
    return (await this.#opened(target)).coded;
  }

  /** A bus of its own through the engine, or undefined where it carries no hints; who asks closes it. */
  async hints(target: EngineTarget): Promise<HintBus | undefined> {
    const backend = this.backend(target.backend);
    return backend.openHints?.(parseConfig(backend, target.config));
  }

  async close(): Promise<void> {
    const engines = await Promise.allSettled(this.#open.values());
    this.#open.clear();
    await Promise.allSettled(
      engines.map((engine) => (engine.status === 'fulfilled' ? engine.value.raw.close() : undefined)),
    );
  }

  #opened(target: EngineTarget): Promise<{ raw: Engine; coded: Engine }> {
    const key = `${target.backend} ${canonicalJson(target.config)}`;
    const known = this.#open.get(key);
    if (known) return known;
    const opening = this.#openNow(target);
    this.#open.set(key, opening);
    opening.catch(() => this.#open.delete(key));
    return opening;
  }

  async #openNow({ backend: name, config }: EngineTarget): Promise<{ raw: Engine; coded: Engine }> {
    const backend = this.backend(name);
    const host: OpenEngine = { spoolDir: this.#spoolDir, tabularOf: (target) => this.#tabularOf(target) };
    const raw = await backend.open(parseConfig(backend, config), host);
    return { raw, coded: withKeyCodec(raw) };
  }

  async #tabularOf(target: EngineTarget): Promise<TabularStore> {
    const { raw } = await this.#opened(target);
    if (raw.tabular) return raw.tabular;
    throw new NorthstarError(
      'routing.invalid_route',
      `${target.backend} keeps no records, so it cannot keep the names of objects.`,
    );
  }
}

function withKeyCodec(raw: Engine): Engine {
  return {
    ...(raw.tabular && { tabular: tabularWithKeyCodec(raw.tabular) }),
    ...(raw.spine && { spine: spineWithKeyCodec(raw.spine) }),
    ...(raw.objects && { objects: objectsWithKeyCodec(raw.objects) }),
    close: () => raw.close(),
  };
}
