import { StoreError } from '../stores/store-error.ts';
import type { HostMetrics } from './host-metrics.ts';

/** The same ports; each operation that a store refuses or fails is counted by port and code. */
export function observedStores<T extends Record<'tabular' | 'spine' | 'objects', object>>(
  stores: T,
  metrics: HostMetrics,
): T {
  return {
    ...stores,
    tabular: observed(stores.tabular, 'tabular', metrics),
    spine: observed(stores.spine, 'spine', metrics),
    objects: observed(stores.objects, 'objects', metrics),
  };
}

function observed(port: object, name: string, metrics: HostMetrics): object {
  const count = (error: unknown): never => {
    if (error instanceof StoreError) metrics.storeFailed(name, error.code);
    throw error;
  };
  const watched = Object.entries(port).map(([member, value]: [string, unknown]) => {
    if (typeof value !== 'function') return [member, value] as const;
    const operation = value as (...args: unknown[]) => Promise<unknown>;
    return [member, (...args: unknown[]) => operation.apply(port, args).catch(count)] as const;
  });
  return Object.freeze(Object.fromEntries(watched));
}
