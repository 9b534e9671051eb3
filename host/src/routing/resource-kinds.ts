/** Which port of an engine a resource kind needs. */
export type StorePort = 'tabular' | 'spine' | 'objects';

/** Everything that the host remembers, by kind. Each kind is routed on its own. */
export const RESOURCE_KINDS = {
  tabular_store: 'tabular',
  object_store: 'objects',
  event_spine: 'spine',
  component_registry: 'tabular',
  firearms_policy_store: 'tabular',
  strategy_policy_store: 'tabular',
  workbench_store: 'tabular',
  kpi_store: 'tabular',
  budget_store: 'tabular',
  media_store: 'objects',
  chat_store: 'tabular',
  canvas_command_store: 'tabular',
  config_store: 'tabular',
  routing_registry_store: 'tabular',
} as const satisfies Record<string, StorePort>;

/** Where the table of routes lies: in the control store, which configuration names. No route can say it. */
export const ROUTES_THEMSELVES = 'routing_registry_store' satisfies ResourceKind;

export type ResourceKind = keyof typeof RESOURCE_KINDS;

export function isResourceKind(text: string): text is ResourceKind {
  return Object.hasOwn(RESOURCE_KINDS, text);
}
