import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServerEvent, ServerEventBus } from '@modelcontextprotocol/server';

type Listener = (event: ServerEvent) => void;

/**
 * Change events for `subscriptions/listen` streams. The SDK subscribes while it handles the request, so the tenant of
 * that request, kept in async storage, tells which streams may hear about a tenant's own resource.
 */
export class TenantBus implements ServerEventBus {
  readonly #tenant = new AsyncLocalStorage<string>();
  readonly #listeners = new Map<Listener, string | undefined>();

  /** Runs request handling on behalf of a tenant. */
  runFor<T>(tenantId: string, work: () => T): T {
    return this.#tenant.run(tenantId, work);
  }

  publish(event: ServerEvent): void {
    this.#deliver(event, () => true);
  }

  publishTo(tenantId: string, event: ServerEvent): void {
    this.#deliver(event, (tenant) => tenant === tenantId);
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.set(listener, this.#tenant.getStore());
    return () => this.#listeners.delete(listener);
  }

  #deliver(event: ServerEvent, wanted: (tenant: string | undefined) => boolean): void {
    for (const [listener, tenant] of [...this.#listeners]) {
      if (!wanted(tenant)) continue;
      try {
        listener(event);
      } catch {
        // A stream that just closed must not keep the others from hearing.
      }
    }
  }
}
