import type { FirestoreServer } from '@firestore-emulator/server';
import type { Call, GrpcServer, Handler, Time, Write } from './grpc-calls.ts';
import { UpdateTimes } from './update-times.ts';

type State = FirestoreServer['state'];

/** What a transaction has read: its documents and results must be the same when it commits. */
interface Read {
  readonly now: () => number | string;
  readonly then: number | string;
}

const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const FAILED_PRECONDITION = 9;
const ABORTED = 10;
const UNIMPLEMENTED = 12;
const MAX_DOCUMENT_BYTES = 1_048_576;

/**
 * Makes the emulator behave as the service does where it does not, as the service's documentation says:
 * commits are atomic; conditions on the update time hold; update times are unique microseconds, and stay when a write
 * changes nothing; a transaction fails when what it read, documents or results of queries, has changed; documents
 * above 1 MiB are refused. Queries that it would answer wrongly (`startAfter`, `offset`) fail.
 */
export function hardened(state: State, grpc: GrpcServer): void {
  const times = new UpdateTimes(state);
  const transactions = new Map<string, Read[]>();
  let started = 0;
  const begin = (): Uint8Array => {
    const id = Buffer.alloc(8);
    id.writeUInt32BE((started += 1), 4);
    transactions.set(id.toString('hex'), []);
    return new Uint8Array(id);
  };
  const wrap = (method: string, around: (original: Handler) => Handler): void => {
    const handler = grpc.handlers.get(`/google.firestore.v1.Firestore/${method}`)!;
    handler.func = around(handler.func);
  };

  wrap('BeginTransaction', (original) => (call, done) => {
    original(call, (error, response) => done(error, Object.assign(response as object, { transaction: begin() })));
  });
  wrap('Rollback', (original) => (call, done) => {
    transactions.delete(hex(call.request.transaction));
    original(call, done);
  });

  /** The transaction that a read belongs to, told to the client when the read starts it. */
  const reading = (call: Call): Read[] | undefined => {
    if (!call.request.has_new_transaction) return transactions.get(hex(call.request.transaction));
    const id = begin();
    const write = call.write.bind(call);
    let first = true;
    call.write = (message) => {
      if (first) message.transaction = id;
      first = false;
      return write(message);
    };
    return transactions.get(hex(id));
  };
  wrap('BatchGetDocuments', (original) => (call, done) => {
    const reads = reading(call);
    const write = call.write.bind(call);
    call.write = (message) => {
      const name = message.found?.name || message.missing;
      if (name) reads?.push({ now: () => times.of(name), then: times.of(name) });
      return write(message);
    };
    original(call, done);
  });
  wrap('RunQuery', (original) => (call, done) => {
    const { parent, structured_query: query } = call.request;
    if (query!.has_start_at || query!.has_end_at || query!.offset) {
      (call as unknown as { emit(name: string, error: unknown): void }).emit(
        'error',
        failure(UNIMPLEMENTED, 'The emulator ignores cursors and offsets of queries.'),
      );
      return;
    }
    const result = (): string => {
      const paths = state.v1Query(parent!, query as never).map((document) => document.getPath());
      return JSON.stringify(paths.map((path) => [path, times.of(path)]));
    };
    reading(call)?.push({ now: result, then: result() });
    original(call, done);
  });

  wrap('Commit', (original) => (call, done) => {
    const { transaction, writes } = call.request;
    if (transaction?.length) {
      const reads = transactions.get(hex(transaction));
      transactions.delete(hex(transaction));
      if (!reads) return done(failure(INVALID_ARGUMENT, 'The referenced transaction has expired or is invalid.'));
      const changed = reads.some(({ now, then }) => now() !== then);
      if (changed) return done(failure(ABORTED, 'Too much contention on these documents.'));
    }
    const refusal = refused(writes, times);
    if (refusal) return done(refusal);
    const paths = writes.map((write) => (write.has_delete ? write.delete : write.update.name));
    const settle = times.before(paths);
    original(call, (error, response) => {
      if (error) return done(error);
      const stamped = settle();
      const { write_results, commit_time } = response as { write_results: { update_time: Time }[]; commit_time: Time };
      for (const [i, result] of write_results.entries()) Object.assign(result.update_time, toTime(stamped[i]!));
      Object.assign(commit_time, toTime(Math.max(0, ...stamped)));
      done(null, response);
    });
  });
}

/** Looks at all conditions before anything is written. */
function refused(writes: readonly Write[], times: UpdateTimes): Error | undefined {
  const exists = new Map<string, boolean>();
  for (const write of writes) {
    const path = write.has_delete ? write.delete : write.update.name;
    const there = exists.get(path) ?? times.of(path) > 0;
    exists.set(path, !write.has_delete);
    if (write.has_update && bytesIn(write.update.toObject()) > MAX_DOCUMENT_BYTES) {
      return failure(INVALID_ARGUMENT, `Document '${path}' exceeds the maximum allowed size of 1,048,576 bytes.`);
    }
    if (!write.has_current_document) continue;
    const { has_exists, exists: wanted, has_update_time, update_time } = write.current_document;
    if ((has_exists && wanted && !there) || (has_update_time && !there)) {
      return failure(NOT_FOUND, `No document to update: ${path}`);
    }
    if (has_exists && !wanted && there) return failure(ALREADY_EXISTS, `Document already exists: ${path}`);
    if (has_update_time && times.of(path) !== update_time.seconds * 1e6 + Math.floor(update_time.nanos / 1000)) {
      return failure(FAILED_PRECONDITION, 'The stored version does not match the required base version.');
    }
  }
  return undefined;
}

/** About what a document counts as: the bytes of its text and eight for every other value. */
function bytesIn(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value !== 'object' || value === null) return value === undefined ? 0 : 8;
  return Object.values(value).reduce((sum: number, part: unknown) => sum + bytesIn(part), 0);
}

function toTime(micros: number): Time {
  return { seconds: Math.floor(micros / 1e6), nanos: (micros % 1e6) * 1000 };
}

function failure(code: number, message: string): Error {
  return Object.assign(new Error(message), { code });
}

function hex(id: Uint8Array | undefined): string {
  return Buffer.from(id ?? []).toString('hex');
}
