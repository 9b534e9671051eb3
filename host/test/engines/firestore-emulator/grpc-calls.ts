/** What is used of the gRPC server inside the emulator. */
export interface GrpcServer {
  readonly handlers: Map<string, { func: Handler }>;
  bindAsync(address: string, credentials: unknown, done: (error: Error | null, port: number) => void): void;
}

export type Done = (error: unknown, response?: unknown) => void;
export type Handler = (call: Call, done: Done) => void;

export interface Call {
  readonly request: Request;
  write(message: Message): boolean;
}

export interface Request {
  readonly transaction?: Uint8Array;
  readonly has_new_transaction?: boolean;
  readonly parent?: string;
  readonly structured_query?: Query;
  readonly writes: readonly Write[];
}

export interface Query {
  readonly has_start_at: boolean;
  readonly has_end_at: boolean;
  readonly offset: number;
}

export interface Write {
  readonly has_delete: boolean;
  readonly delete: string;
  readonly has_update: boolean;
  readonly update: { readonly name: string; toObject(): unknown };
  readonly has_current_document: boolean;
  readonly current_document: {
    readonly has_exists: boolean;
    readonly exists: boolean;
    readonly has_update_time: boolean;
    readonly update_time: { readonly seconds: number; readonly nanos: number };
  };
}

export interface Message {
  transaction?: Uint8Array;
  readonly found?: { readonly name: string };
  readonly missing?: string;
}

export interface Time {
  seconds: number;
  nanos: number;
}
