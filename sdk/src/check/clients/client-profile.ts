/** A way to write a schema that is valid JSON Schema and still too much for some client. */
export type SchemaFeature =
  | 'root-combinator'
  | 'root-conditional'
  | 'reference'
  | 'recursion'
  | 'array-without-items'
  | 'tuple'
  | 'enum-of-numbers'
  | 'property-without-type'
  | 'odd-property-name';

/** What happens to a tool that goes beyond a limit. */
export type Outcome = 'dropped' | 'renamed' | 'cut short' | 'refused with the whole request';

export interface Limit<T> {
  readonly value: T;
  readonly outcome: Outcome;
  /** Where the limit is reported or measured. */
  readonly source: string;
}

/** What one family of MCP clients does with tools. Absent means that no limit is known. */
export interface ClientProfile {
  readonly id: string;
  readonly name: string;
  /** What the client puts before the wire name; `server` stands for the name that its user gave the server. */
  readonly prefix: string;
  /** Letters of prefix and wire name together. */
  readonly nameLength?: Limit<number>;
  /** Letters of a tool's description. */
  readonly descriptionLength?: Limit<number>;
  /** Tools of all servers together. */
  readonly toolCount?: Limit<number>;
  readonly schema: Partial<Readonly<Record<SchemaFeature, { readonly outcome: Outcome; readonly source: string }>>>;
}
