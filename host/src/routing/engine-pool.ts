import { NorthstarError } from '../errors/northstar-error.ts';
import { canonicalJson } from '../spine/digest.ts';
import type { HintBus } from '../stores/hint-bus.ts';
import type { TabularStore } from '../stores/tabular-store.ts';
import { objectsWithKeyCodec, spineWithKeyCodec, tabularWithKeyCodec } from '../stores/with-key-codec.ts';
import { EngineUse, noting } from './engine-use.ts';
import { parseConfig } from './parse-config.ts';
import type { Backend, Engine, EngineTarget, OpenEngine } from './engine.ts';

/** An engine that is open, or about to be. */
interface Entry {
  readonly use: EngineUse;
  /** Keys of the engines that keep names for this one. */
  readonly needs: Set<string>;
  readonly opening: Promise<Opened>;
  opened?: Opened;
}

interface Opened {
  /** As the driver made it. */
  readonly raw: Engine;
  /** The same behind the key codec. */
  readonly coded: Engine;
}

/** Opens each engine once, however many routes name it, and closes those that nothing names any more. */
export class EnginePool {
  readonly #backends: ReadonlyMap<string, Backend>;
  readonly #spoolDir: string;
  /** By backend and config. */
  readonly #open = new Map<string, Entry>();
  readonly #closing = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

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
    const entry = this.#entry(target);
    entry.use.ask();
    return (await entry.opening).coded;
  }

  /** A bus of its own through the engine, or undefined where it carries no hints; who asks closes it. */
  async hints(target: EngineTarget): Promise<HintBus | undefined> {
    const backend = this.backend(target.backend);
    return backend.openHints?.(parseConfig(backend, target.config));
  }

  /**
   * From now on closes every engine that `named` leaves out, such as one whose password was changed, once no call has
   * needed it for `idleMs` milliseconds. Those that keep names for an engine that is open stay as well.
   */
  closeUnnamed(named: () => Iterable<EngineTarget>, idleMs: number): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#sweep(new Set(Array.from(named(), keyOf)), idleMs), idleMs).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    const entries = [...this.#open.values()];
    this.#open.clear();
    const engines = await Promise.allSettled(entries.map(({ opening }) => opening));
    await Promise.allSettled([
      ...this.#closing,
      ...engines.map((engine) => (engine.status === 'fulfilled' ? engine.value.raw.close() : undefined)),
    ]);
  }

  #sweep(named: ReadonlySet<string>, idleMs: number): void {
    const needed = new Set([...this.#open.values()].flatMap(({ needs }) => [...needs]));
    for (const [key, { opened, use }] of this.#open) {
      if (opened === undefined || named.has(key) || needed.has(key) || use.idleMs < idleMs) continue;
      // First: whoever asks for it from now on gets one of its own.
      this.#open.delete(key);
      // What fails to close has nobody left who could do anything about it.
      const closed = opened.raw
        .close()
        .catch(() => undefined)
        .finally(() => this.#closing.delete(closed));
      this.#closing.add(closed);
    }
  }

  #entry(target: EngineTarget): Entry {
    const key = keyOf(target);
    const known = this.#open.get(key);
    if (known) return known;
    const use = new EngineUse();
    const needs = new Set<string>();
    const entry: Entry = { use, needs, opening: this.#openNow(target, { use, needs }) };
    this.#open.set(key, entry);
    entry.opening.then(
      (opened) => (entry.opened = opened),
      () => this.#open.get(key) === entry && this.#open.delete(key),
    );
    return entry;
  }

  async #openNow(
    { backend: name, config }: EngineTarget,
    { use, needs }: Pick<Entry, 'use' | 'needs'>,
  ): Promise<Opened> {
    const backend = this.backend(name);
    const tabularOf = (target: EngineTarget): Promise<TabularStore> => {
      needs.add(keyOf(target));
      return this.#tabularOf(target);
    };
    const host: OpenEngine = { spoolDir: this.#spoolDir, tabularOf };
    const raw = await backend.open(parseConfig(backend, config), host);
    return { raw, coded: noting(use, withKeyCodec(raw)) };
  }

  async #tabularOf(target: EngineTarget): Promise<TabularStore> {
    const { raw } = await this.#entry(target).opening;
    if (raw.tabular) return raw.tabular;
    throw new NorthstarError(
      'routing.invalid_route',
      `${target.backend} keeps no records, so it cannot keep the names of objects.`,
    );
  }
}

/** Of targets that were asked for; routes never change, and every call asks a dozen times. */
const keys = new WeakMap<EngineTarget, string>();

function keyOf(target: EngineTarget): string {
  const known = keys.get(target);
  if (known !== undefined) return known;
  const key = `${target.backend} ${canonicalJson(target.config)}`;
  keys.set(target, key);
  return key;
}

function withKeyCodec(raw: Engine): Engine {
  return {
    ...(raw.tabular && { tabular: tabularWithKeyCodec(raw.tabular) }),
    ...(raw.spine && { spine: spineWithKeyCodec(raw.spine) }),
    ...(raw.objects && { objects: objectsWithKeyCodec(raw.objects) }),
    close: () => raw.close(),
  };
}
