import { errorFields, type Logger } from '../log/logger.ts';
import type { ChangeFeed } from '../spine/change-feed.ts';
import type { HostServer } from './mcp-server.ts';
import type { SessionStore } from './sessions/session-store.ts';
import type { TenantBus } from './tenant-bus.ts';

/** Lists that can change. */
export type ListKind = 'tools' | 'prompts' | 'resources';

export interface ChangeNotifierParts {
  readonly bus: TenantBus;
  readonly sessions: SessionStore;
  readonly changes: ChangeFeed;
  readonly logger: Logger;
}

/** Tells every connected client what changed, each in the way of its protocol era. */
export class ChangeNotifier {
  readonly #bus: TenantBus;
  readonly #sessions: SessionStore;
  readonly #changes: ChangeFeed;
  readonly #logger: Logger;
  readonly #stdio = new Set<{ host: HostServer; tenantId: string }>();

  constructor({ bus, sessions, changes, logger }: ChangeNotifierParts) {
    this.#bus = bus;
    this.#sessions = sessions;
    this.#changes = changes;
    this.#logger = logger;
    changes.on('resource', ({ tenant_id, uri }) => this.#tellUpdated(tenant_id, uri));
  }

  /** Adds a stdio connection; returns how to take it away again. */
  addStdio(host: HostServer, tenantId: string): () => void {
    const connection = { host, tenantId };
    this.#stdio.add(connection);
    return () => this.#stdio.delete(connection);
  }

  listChanged(kind: ListKind): void {
    this.#bus.publish({ kind: `${kind}_list_changed` });
    for (const { host } of this.#connections()) {
      const { server } = host.mcp;
      if (kind === 'tools') quietly(server.sendToolListChanged());
      else if (kind === 'prompts') quietly(server.sendPromptListChanged());
      else quietly(server.sendResourceListChanged());
    }
  }

  /** Tells this host's clients at once, and those of the other hosts through the feed. */
  resourceUpdated(tenantId: string, uri: string): void {
    this.#tellUpdated(tenantId, uri);
    this.#changes
      .publish({ kind: 'resource', tenant_id: tenantId, uri })
      .catch((error: unknown) => this.#logger.log('warn', 'other hosts were not told', errorFields(error)));
  }

  #tellUpdated(tenantId: string, uri: string): void {
    this.#bus.publishTo(tenantId, { kind: 'resource_updated', uri });
    for (const connection of this.#connections())
      if (connection.tenantId === tenantId && connection.host.watched.has(uri))
        quietly(connection.host.mcp.server.sendResourceUpdated({ uri }));
  }

  #connections(): Iterable<{ host: HostServer; tenantId: string }> {
    return [...this.#sessions.all(), ...this.#stdio];
  }
}

/** A client that is gone, or has no stream open, simply does not hear. */
function quietly(sent: Promise<void>): void {
  sent.catch(() => undefined);
}
