import manifest from '../package.json' with { type: 'json' };

/** The version of this package, as its package.json states it. */
export const SDK_VERSION: string = manifest.version;
