/** Any value that survives `JSON.parse(JSON.stringify(value))` unchanged. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A JSON object: what `JSON.stringify` writes between braces. Not an array, and not null. */
export type JsonObject = { [key: string]: Json };

/** A JSON Schema document, draft 2020-12 unless it names another dialect. The root of every tool schema is an object. */
export type JsonSchema = { [keyword: string]: unknown };
