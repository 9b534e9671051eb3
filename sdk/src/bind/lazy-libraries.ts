import { createRequire } from 'node:module';
import type * as ajv from 'ajv/dist/2020.js';
import type * as yaml from 'yaml';

const require = createRequire(import.meta.url);

/**
 * The YAML library, loaded at its first use: half a dozen milliseconds and two megabytes that a host which finds every
 * spec.yaml parsed already, and every isolate, need not pay for. Synchronous, as parsing is.
 */
export function yamlLibrary(): typeof yaml {
  return require('yaml') as typeof yaml;
}

/** The JSON Schema validator, for muscles with hand-written schemas and for schemas that isolates publish. */
export function ajvLibrary(): typeof ajv {
  return require('ajv/dist/2020.js') as typeof ajv;
}
