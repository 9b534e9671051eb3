/** Every code that loading a muscle adds to the binder's own, and what it means. */
export const LOAD_CODES = {
  'load.unreadable': 'spec.yaml cannot be read.',
  'load.import_failed': 'Importing impl.ts threw, or its source has a syntax error.',
  'load.setup_failed': 'The exported setup function threw, or did not finish in time.',
  'load.isolate_failed': 'The isolate (thread or process) of the muscle ended while it loaded, or keeps ending.',
  'load.uncaught_error': 'Code of a running muscle threw in a timer, an event or a promise that nobody awaited.',
  'load.name_collision': 'Another muscle already has this id, tool name, route, resource URI or prompt name.',
} as const;

export type LoadCode = keyof typeof LOAD_CODES;
