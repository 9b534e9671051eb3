import { z } from 'zod';

/** A URL of one of these schemes. The message never repeats the value, which may hold a password. */
export function urlOf(schemes: readonly string[], example: string) {
  return z.url({
    protocol: new RegExp(`^(${schemes.join('|')})$`),
    error: `expected a URL like ${example}`,
  });
}

export const httpUrl = urlOf(['https', 'http'], 'https://host:443');

export const text = z.string().min(1).max(1024);

/**
 * A name that the engine itself restricts. One that it would never take is refused with the route, not with each call;
 * one that it might take passes, so that no route that works is refused. Where the driver checks too, a test holds both
 * to the same names.
 */
export function name(pattern: RegExp, allowed: string) {
  return z.string().regex(pattern, `expected ${allowed}`);
}

export const awsRegion = name(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i, 'the name of a region, like eu-west-1');

/** Goes before names of about 150 bytes at most; services end a name at 1,024. */
export const prefix = z.string().min(1).max(800);

export const awsCredentials = z.strictObject({
  accessKeyId: text,
  secretAccessKey: text,
  sessionToken: z.string().min(1).max(4096).optional(),
});

/** The engine in which an object engine keeps the names of objects. */
export const names = z.strictObject({ backend: text, config: z.record(z.string(), z.unknown()).default({}) });

/** Secrets of any engine: the config of an object engine holds that of the engine for its names as well. */
export const SECRETS = ['key', 'secretAccessKey', 'sessionToken', 'connectionString'] as const;
