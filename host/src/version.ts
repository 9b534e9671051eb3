import manifest from '../package.json' with { type: 'json' };

/** The host's own version, as its package states it. */
export const VERSION: string = manifest.version;
