/**
 * What the host gives to every muscle, built or not, in its own copy: errors and results keep one identity, and a fix of
 * zod reaches every muscle with the host. A bundled copy of zod would cost each muscle megabytes besides.
 */
export const HOST_MODULES = ['@northstar/sdk', 'zod', 'zod/mini', 'zod/v3', 'zod/v4'] as const;

/** Names of everything that is bundled: whatever is neither given by the host nor part of Node. */
export const BUNDLED = new RegExp(`^(?!(?:${HOST_MODULES.join('|')})$|node:)`);
