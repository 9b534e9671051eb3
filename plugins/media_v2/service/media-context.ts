import type { MuscleContext } from '@northstar/sdk';

/** The context with what spec.yaml requires. */
export type MediaContext = MuscleContext<'tabular_store' | 'object_store' | 'event_spine'>;
