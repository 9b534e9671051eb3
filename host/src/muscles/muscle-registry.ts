import { setTimeout as pause } from 'node:timers/promises';
import { withinTime } from '../errors/within-time.ts';
import { errorFields, type Logger } from '../log/logger.ts';
import type { ActivationLimits } from './activate.ts';
import type { ActiveMuscle } from './active-muscle.ts';
import { discoverMuscles, type FoundMuscle } from './discover.ts';
import type { EnabledSet } from './enabled/enabled-set.ts';
import type { IsolateActivator } from './isolation/isolate-activator.ts';
import type { MuscleImporter } from './muscle-importer.ts';
import { newRecord, statusOf, type MuscleRecord } from './muscle-record.ts';
import type { MuscleEvent, MuscleStatus } from './muscle-status.ts';
import { admit, type Candidate } from './reload/admit.ts';
import { FolderDigests } from './reload/folder-digest.ts';
import { prepareMuscle } from './reload/prepare-muscle.ts';
import { ReloadQueue } from './reload/reload-queue.ts';
import { makeSnapshot, type Snapshot } from './snapshot.ts';
import type { LoadMemory } from './start/load-memory.ts';
import { WarmStart } from './start/warm-start.ts';
import { findCulprit, type UncaughtError } from './uncaught-error.ts';

export interface MuscleLimits extends ActivationLimits {
  /** Milliseconds that calls on a replaced version may still run. */
  readonly drainMs: number;
  /** Milliseconds that a muscle's `dispose` may take. */
  readonly disposeMs: number;
  /** Muscles loaded at once. */
  readonly loadsAtOnce: number;
}

export interface RegistryParts {
  readonly importer: MuscleImporter;
  readonly isolates: IsolateActivator;
  readonly memory: LoadMemory;
  readonly logger: Logger;
  readonly enabled: EnabledSet;
  readonly pluginDirs: readonly string[];
  readonly workspaceDir: string;
  readonly limits: MuscleLimits;
}

/** Milliseconds that a folder in service may be away before it counts as removed. */
const GONE_GRACE_MS = 150;

/**
 * Holds the snapshot in force and what became of each muscle. A new version is loaded beside the old one, swapped in
 * with one assignment, and only then is the old one retired: no call fails because of a reload.
 */
export class MuscleRegistry {
  readonly #parts: RegistryParts;
  readonly #records = new Map<string, MuscleRecord>();
  readonly #digests = new FolderDigests();
  readonly #warm: WarmStart;
  readonly #queue: ReloadQueue;
  readonly #scans = new ReloadQueue(1, () => this.#scan());
  #found: readonly FoundMuscle[] = [];
  readonly #retiring = new Set<Promise<void>>();
  readonly #onChange = new Set<(snapshot: Snapshot) => void>();
  readonly #onEvent = new Set<(event: MuscleEvent) => void>();
  #current: Snapshot = makeSnapshot(0, []);
  /** What the first load has ready so far; it is published in one go, in id order. */
  #firstLoad: Candidate[] | undefined;
  #closed = false;

  constructor(parts: RegistryParts) {
    this.#parts = parts;
    this.#warm = new WarmStart({ ...parts, reload: (id) => this.reload(id) });
    this.#queue = new ReloadQueue(parts.limits.loadsAtOnce, (id) => this.#bring(id));
  }

  get current(): Snapshot {
    return this.#current;
  }

  /** In id order: what was found, and what was asked for and not found. */
  get statuses(): readonly MuscleStatus[] {
    return [...this.#records.values()].sort((a, b) => (a.id < b.id ? -1 : 1)).map((record) => this.#statusOf(record));
  }

  /** Undefined for an id that is neither found nor asked for. */
  status(id: string): MuscleStatus | undefined {
    const record = this.#records.get(id);
    return record && this.#statusOf(record);
  }

  /** Absolute folders of the muscles that were found, links resolved, by id. */
  get folders(): ReadonlyMap<string, string> {
    return new Map([...this.#records.values()].flatMap(({ id, found }) => (found ? [[id, found.dir] as const] : [])));
  }

  /** Calls back after every swap; returns how to stop. */
  onChange(listener: (snapshot: Snapshot) => void): () => void {
    this.#onChange.add(listener);
    return () => this.#onChange.delete(listener);
  }

  /** Calls back whenever something has become of a muscle; returns how to stop. */
  onEvent(listener: (event: MuscleEvent) => void): () => void {
    this.#onEvent.add(listener);
    return () => this.#onEvent.delete(listener);
  }

  /** Discovers, loads what is enabled, and publishes what works. A muscle that fails hides no other. */
  async load(): Promise<void> {
    this.#firstLoad = [];
    await this.rescan();
    const ready = this.#firstLoad.sort((a, b) => (a.record.id < b.record.id ? -1 : 1));
    this.#firstLoad = undefined;
    this.#settle(ready);
    this.#track(this.#warm.follow(ready));
  }

  /** Looks at the plugin folders again and brings every muscle to where it should be. */
  async rescan(): Promise<void> {
    await this.#scans.request('folders');
    await this.#bringAll(this.#records.keys());
  }

  /** Takes note of what there is. Serves nothing new and takes nothing away. */
  async #scan(): Promise<void> {
    const { enabled } = this.#parts;
    let all = await this.#discover();
    const isGone = ({ serving, found }: MuscleRecord): boolean =>
      serving !== undefined && !all.some(({ dir }) => dir === found?.dir);
    if ([...this.#records.values()].some(isGone)) {
      // A folder that is replaced as a whole is gone for a moment; its tools need not be.
      await pause(GONE_GRACE_MS);
      all = await this.#discover();
    }
    for (const id of new Set([...all.map(({ id }) => id), ...enabled.named]))
      if (!this.#records.has(id)) this.#records.set(id, newRecord(id));
    for (const record of this.#records.values()) {
      const [found, ...twins] = all.filter(({ id }) => id === record.id);
      // Another folder is another muscle, whatever its digest.
      if (found?.dir !== record.found?.dir) delete record.digest;
      if (found) record.found = found;
      else delete record.found;
      record.twins = twins;
    }
  }

  async #discover(): Promise<readonly FoundMuscle[]> {
    const { pluginDirs, workspaceDir, logger } = this.#parts;
    try {
      this.#found = await discoverMuscles(pluginDirs, workspaceDir);
    } catch (error) {
      // A folder that cannot be read today must not take away what serves; whoever starts a host sees it as missing.
      logger.log('error', 'plugin folders cannot be read', errorFields(error));
    }
    return this.#found;
  }

  /** Loads those whose folders have changed since. Ids that are unknown or off are left alone. */
  async check(ids: Iterable<string>): Promise<void> {
    await this.#bringAll([...ids].filter((id) => this.#records.has(id)));
  }

  /** Loads one even if nothing has changed. Undefined for an id that is neither found nor asked for. */
  async reload(id: string): Promise<MuscleStatus | undefined> {
    await this.#scans.request('folders');
    const record = this.#records.get(id);
    if (record === undefined) return undefined;
    record.force = true;
    await this.#queue.request(id);
    return this.status(id);
  }

  /** Takes note of an error that reached nobody, and says whose it was; undefined where that cannot be told. */
  noteUncaught(thrown: unknown): UncaughtError | undefined {
    const error = findCulprit(thrown, this.folders);
    const record = error && this.#records.get(error.muscle);
    if (record) record.uncaught = { error, times: (record.uncaught?.times ?? 0) + 1 };
    return error;
  }

  /**
   * To be called when the enabled set has changed: what is off goes at once, what is on is loaded. Muscles that serve
   * already are left as they are, whatever has happened to their files.
   */
  async applyEnabled(): Promise<void> {
    const off = [...this.#records.values()].filter((record) => record.serving && !this.#isWanted(record));
    if (off.length > 0) this.#withdraw(off);
    await this.#scans.request('folders');
    const records = [...this.#records.values()].filter((record) => !record.serving || !this.#isWanted(record));
    await this.#bringAll(records.map(({ id }) => id));
  }

  /** Makes these muscles the ones served, from the next call on. */
  publish(muscles: readonly ActiveMuscle[]): void {
    this.#current = makeSnapshot(this.#current.generation + 1, muscles);
    for (const listener of this.#onChange) listener(this.#current);
  }

  /** Ends what still runs, and disposes every version. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#warm.close();
    const records = [...this.#records.values()];
    const serving = records.filter((record) => record.serving);
    this.#current = makeSnapshot(this.#current.generation + 1, []);
    for (const record of serving) this.#retire(record);
    for (const record of records) for (const old of record.retiring) old.lifetime.end();
    await Promise.all(this.#retiring);
    // A load that hangs must not hold up the end; what it makes is disposed when it comes.
    await withinTime(this.#queue.idle(), this.#parts.limits.disposeMs, { what: 'loading' }).catch(() => undefined);
    await this.#parts.isolates.close();
  }

  #statusOf(record: MuscleRecord): MuscleStatus {
    return statusOf(record, this.#parts.enabled.decide(record.id));
  }

  #isWanted(record: MuscleRecord): boolean {
    return !this.#closed && record.found !== undefined && this.#parts.enabled.decide(record.id).enabled;
  }

  async #bringAll(ids: Iterable<string>): Promise<void> {
    await Promise.all([...ids].map((id) => this.#queue.request(id)));
  }

  /** Brings one muscle to where it should be: off, or loaded as its folder is now. */
  async #bring(id: string): Promise<void> {
    const record = this.#records.get(id);
    if (record === undefined) return;
    const { found } = record;
    if (found === undefined || !this.#isWanted(record)) {
      if (record.serving) this.#withdraw([record]);
      this.#forgetLoad(record);
      return;
    }
    const { importer, isolates, limits } = this.#parts;
    const unless = record.force ? undefined : record.digest;
    record.force = false;
    record.loading = true;
    const memory = this.#firstLoad && this.#warm.recall(found);
    const digests = this.#digests;
    const prepared = await prepareMuscle(found, { importer, isolates, limits, digests, unless, memory });
    record.loading = false;
    if (prepared === undefined) return;
    const candidate: Candidate = { record, found, ...prepared };
    if (this.#firstLoad) this.#firstLoad.push(candidate);
    else this.#settle([candidate]);
  }

  /** From candidates to the next snapshot, in one go and without waiting for anything. */
  #settle(candidates: readonly Candidate[]): void {
    const wanted = candidates.filter(({ record, found }) => this.#isWanted(record) && record.found?.dir === found.dir);
    for (const { muscle } of candidates.filter((candidate) => !wanted.includes(candidate)))
      if (muscle) this.#end(muscle);
    const { accepted, refused } = admit(wanted, [...this.#records.values()]);
    for (const { record, digest, diagnostics, muscle } of refused) {
      Object.assign(record, { digest, diagnostics, failed: true });
      if (muscle) this.#end(muscle);
    }
    const replaced = accepted.map(({ record, digest, diagnostics, muscle }) => {
      const old = record.serving;
      Object.assign(record, { digest, diagnostics, failed: false, serving: muscle });
      delete record.uncaught;
      return { record, old };
    });
    if (accepted.length > 0) this.#publishServing();
    for (const { record, old } of replaced) if (old) this.#retireVersion(record, old);
    for (const { record } of wanted) this.#tell(record, record.failed ? 'refused' : 'loaded');
    if (replaced.some(({ old }) => old)) this.#retryCollisions();
  }

  /** Takes muscles out of service at once; their calls may finish. */
  #withdraw(records: readonly MuscleRecord[]): void {
    const old = records.map((record) => record.serving);
    for (const record of records) this.#forgetLoad(record);
    this.#publishServing();
    records.forEach((record, index) => {
      const version = old[index];
      if (version) this.#retireVersion(record, version);
      this.#tell(record, 'withdrawn');
    });
    this.#retryCollisions();
  }

  #forgetLoad(record: MuscleRecord): void {
    delete record.serving;
    delete record.digest;
    Object.assign(record, { failed: false, diagnostics: [] });
    const named = this.#parts.enabled.named.includes(record.id);
    if (record.found === undefined && !named && record.retiring.size === 0) this.#records.delete(record.id);
  }

  #publishServing(): void {
    const serving = [...this.#records.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    this.publish(serving.flatMap((record) => record.serving ?? []));
  }

  /** Names may have become free for those that were refused over them. */
  #retryCollisions(): void {
    for (const record of this.#records.values()) {
      if (!record.failed || !record.diagnostics.some(({ code }) => code === 'load.name_collision')) continue;
      record.force = true;
      void this.#queue.request(record.id);
    }
  }

  #retire(record: MuscleRecord): void {
    const { serving } = record;
    delete record.serving;
    if (serving) this.#retireVersion(record, serving);
  }

  /** Lets the calls of an old version finish up to a deadline, ends what is left, and disposes it. */
  #retireVersion(record: MuscleRecord, old: ActiveMuscle): void {
    record.retiring.add(old);
    const { logger, limits } = this.#parts;
    const work = (async () => {
      const ended = await old.lifetime.drain(limits.drainMs);
      if (ended > 0) logger.log('warn', 'calls ended with their version', { muscle: record.id, calls: ended });
      await this.#dispose(old);
      record.retiring.delete(old);
      if (!record.serving && !record.loading && !this.#isWanted(record)) this.#forgetLoad(record);
      this.#tell(record, 'retired');
    })();
    this.#track(work);
  }

  /** For a version that never served. */
  #end(muscle: ActiveMuscle): void {
    muscle.lifetime.end();
    this.#track(this.#dispose(muscle));
  }

  #track(work: Promise<void>): void {
    const tracked: Promise<void> = work.finally(() => this.#retiring.delete(tracked));
    this.#retiring.add(tracked);
  }

  async #dispose(muscle: ActiveMuscle): Promise<void> {
    const { logger, limits } = this.#parts;
    try {
      await withinTime(muscle.dispose(), limits.disposeMs, { what: 'dispose did not finish' });
    } catch (error) {
      logger.log('error', 'dispose failed', { muscle: muscle.spec.id, ...errorFields(error) });
    }
  }

  #tell(record: MuscleRecord, what: MuscleEvent['what']): void {
    const event = { what, status: this.#statusOf(record) };
    for (const listener of this.#onEvent) listener(event);
  }
}
