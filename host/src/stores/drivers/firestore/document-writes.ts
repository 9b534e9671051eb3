import type * as FirestoreLibrary from '@google-cloud/firestore';
import type { FirestoreCalls } from './firestore-calls.ts';
import { isRefusedForNow } from './firestore-error.ts';
import type { UpdateTime } from './firestore-version.ts';

/** What must hold of the document: that it is there or not, or when it was written last. */
export type DocumentCondition = { readonly exists: boolean } | { readonly updateTime: UpdateTime };

type Client = InstanceType<typeof FirestoreLibrary.v1.FirestoreClient>;
type Write = NonNullable<Parameters<Client['commit']>[0]>['writes'];

/** Milliseconds before the first repetition of what Firestore refused as too much; doubled for each further one. */
const PAUSE_MS = 20;

/**
 * Writes of one document each, of text fields only. `DocumentReference.set` and its kin repeat what got no answer for
 * up to ten minutes, when others have long written something else: these are sent once, with a deadline, and repeated
 * only where Firestore says that it did nothing.
 */
export class DocumentWrites {
  readonly #client: Client;
  readonly #calls: FirestoreCalls;
  readonly #database: string;

  /** @param database `projects/<project>/databases/<database>` */
  constructor(client: Client, calls: FirestoreCalls, database: string) {
    this.#client = client;
    this.#calls = calls;
    this.#database = database;
  }

  /** The whole document; what it had before is gone. When it was written: always another time than before. */
  async put(
    path: string,
    fields: Readonly<Record<string, string>>,
    doing: string,
    condition?: DocumentCondition,
  ): Promise<UpdateTime> {
    const values = Object.fromEntries(Object.entries(fields).map(([name, stringValue]) => [name, { stringValue }]));
    return this.#commit({ update: { name: this.#name(path), fields: values }, ...holding(condition) }, doing);
  }

  async delete(path: string, doing: string, condition: DocumentCondition): Promise<void> {
    await this.#commit({ delete: this.#name(path), ...holding(condition) }, doing);
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  #name(path: string): string {
    return `${this.#database}/documents/${path}`;
  }

  async #commit(write: NonNullable<Write>[number], doing: string): Promise<UpdateTime> {
    const { timeoutMs } = this.#calls;
    const deadline = performance.now() + timeoutMs;
    return this.#calls.run({ doing, writes: true }, async () => {
      for (let pause = PAUSE_MS; ; pause *= 2) {
        try {
          const timeout = Math.max(1, deadline - performance.now());
          const [{ writeResults, commitTime }] = await this.#client.commit(
            { database: this.#database, writes: [write] },
            { timeout },
          );
          const { seconds, nanos } = writeResults?.[0]?.updateTime ?? commitTime ?? {};
          return { seconds: Number(seconds), nanoseconds: nanos ?? 0 };
        } catch (error) {
          if (!isRefusedForNow(error) || performance.now() + pause > deadline) throw error;
        }
        await new Promise((wake) => setTimeout(wake, Math.random() * pause));
      }
    });
  }
}

function holding(condition?: DocumentCondition): Pick<NonNullable<Write>[number], 'currentDocument'> {
  if (!condition || 'exists' in condition) return { currentDocument: condition };
  const { seconds, nanoseconds: nanos } = condition.updateTime;
  return { currentDocument: { updateTime: { seconds, nanos } } };
}
