import { NorthstarError } from '../../errors/northstar-error.ts';
import type { Session } from './session.ts';

interface Entry {
  readonly session: Session;
  lastUsed: number;
  /** Responses not finished yet, the standing GET stream included. */
  open: number;
}

export interface SessionLimits {
  readonly sessions: number;
  readonly sessionsPerCaller: number;
  readonly sessionIdleMs: number;
}

/** Most clients never say goodbye, so sessions end by themselves: idle ones expire, and there is a cap on all. */
export class SessionStore {
  readonly #limits: SessionLimits;
  readonly #entries = new Map<string, Entry>();
  readonly #sweeper: NodeJS.Timeout;

  constructor(limits: SessionLimits) {
    this.#limits = limits;
    this.#sweeper = setInterval(() => this.sweep(), Math.min(limits.sessionIdleMs / 2, 60_000));
    this.#sweeper.unref();
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Throws `overload.sessions` when one more would be too many for the host or for this caller. */
  assertRoomFor(caller: string): void {
    this.sweep();
    const own = [...this.#entries.values()].filter((entry) => entry.session.caller === caller).length;
    if (this.#entries.size >= this.#limits.sessions || own >= this.#limits.sessionsPerCaller)
      throw new NorthstarError(
        'overload.sessions',
        own >= this.#limits.sessionsPerCaller
          ? `You have ${own} MCP sessions open, as many as one caller may. Close one with DELETE, or wait for an idle one to expire.`
          : 'As many MCP sessions as this host takes are open. Try again shortly.',
      );
  }

  add(session: Session): void {
    this.#entries.set(session.id, { session, lastUsed: Date.now(), open: 0 });
  }

  /** The session, when it exists and belongs to this owner; another's id is as unknown as none. */
  find(id: string, owner: string): Session | undefined {
    const entry = this.#entries.get(id);
    return entry?.session.owner === owner ? entry.session : undefined;
  }

  /** Notes that a response of the session is open until the returned function is called. */
  use(id: string): () => void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return () => undefined;
    entry.open++;
    entry.lastUsed = Date.now();
    return () => {
      entry.open--;
      entry.lastUsed = Date.now();
    };
  }

  /** The session, whoever owns it; for what no caller asked. */
  get(id: string): Session | undefined {
    return this.#entries.get(id)?.session;
  }

  /** False when it was not here any more. */
  remove(id: string): boolean {
    return this.#entries.delete(id);
  }

  /** Closes this host's copy of a session that ended elsewhere. */
  async end(id: string): Promise<void> {
    const session = this.get(id);
    this.#entries.delete(id);
    await session?.transport.close();
  }

  all(): Session[] {
    return [...this.#entries.values()].map((entry) => entry.session);
  }

  /** Closes what nobody has used for too long. */
  sweep(now = Date.now()): void {
    for (const { session, open, lastUsed } of [...this.#entries.values()]) {
      if (open > 0 || now - lastUsed < this.#limits.sessionIdleMs) continue;
      this.#entries.delete(session.id);
      void session.transport.close();
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    const sessions = this.all();
    this.#entries.clear();
    await Promise.allSettled(sessions.map((session) => session.transport.close()));
  }
}
