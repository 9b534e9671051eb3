import type { HostServer } from './mcp-server.ts';
import type { SessionStore } from './session-store.ts';
import type { TenantBus } from './tenant-bus.ts';

/** Lists that can change. */
export type ListKind = 'tools' | 'prompts' | 'resources';

/** Tells every connected client what changed, each in the way of its protocol era. */
export class ChangeNotifier {
  readonly #bus: TenantBus;
  readonly #sessions: SessionStore;
  readonly #stdio = new Set<{ host: HostServer; tenantId: string }>();

  constructor(bus: TenantBus, sessions: SessionStore) {
    this.#bus = bus;
    this.#sessions = sessions;
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

  resourceUpdated(tenantId: string, uri: string): void {
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
