/** Where a client connects to. */
export type Target =
  | { readonly transport: 'http'; readonly url: string; readonly headers: Readonly<Record<string, string>> }
  | {
      readonly transport: 'stdio';
      readonly command: string;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
    };

/** What came of a tool call, in the same words for every client. */
export type CallOutcome =
  | { readonly kind: 'answer'; readonly structured: unknown; readonly links: readonly string[] }
  | {
      readonly kind: 'refused';
      /** `error`: a JSON-RPC error. `result`: a result with isError. */
      readonly carrier: 'error' | 'result';
      readonly status: number;
      /** The stable code, such as `firearms.missing_grant`. */
      readonly code: string;
      /** How this client shows the refusal, for the report. */
      readonly shown: string;
    };

/** One connected client. Every adapter checks what its client really reports, and throws when that is unexpected. */
export interface ClientSession {
  /** The protocol revision on the wire, or how it was chosen where the client does not tell. */
  readonly revision: string;
  toolNames(): Promise<string[]>;
  call(name: string, args: Record<string, unknown>): Promise<CallOutcome>;
  readText(uri: string): Promise<string>;
  close(): Promise<void>;
}

export interface RealClient {
  /** Name and version for the report. */
  readonly name: string;
  /** Short and plain; it goes into user ids. */
  readonly id: string;
  readonly revision: string;
  open(target: Target): Promise<ClientSession>;
}
