import type { FirestoreServer } from '@firestore-emulator/server';

type State = FirestoreServer['state'];
type EmulatorDocument = ReturnType<State['getDocument']>;

/** The update times of all documents of an emulator, in unique microseconds since 1970. */
export class UpdateTimes {
  readonly #state: State;
  readonly #times = new Map<string, number>();
  #last = 0;

  constructor(state: State) {
    this.#state = state;
    const times = this.#times;
    const prototype = Object.getPrototypeOf(
      state.getDocument('projects/x/databases/(default)/documents/a/b'),
    ) as EmulatorDocument;
    const original = prototype.toV1Document;
    prototype.toV1Document = function (this: EmulatorDocument) {
      const document = original.call(this);
      const micros = times.get(this.getPath());
      if (micros !== undefined && document.has_update_time) {
        document.update_time.seconds = Math.floor(micros / 1e6);
        document.update_time.nanos = (micros % 1e6) * 1000;
      }
      return document;
    };
  }

  /** Of a document; 0 when there is none. */
  of(path: string): number {
    return this.#times.get(path) ?? 0;
  }

  /** Call it before a commit; what it returns, after: the update time of each of the written documents. */
  before(paths: readonly string[]): () => number[] {
    const contents = paths.map((path) => this.#content(path));
    return () => {
      this.#last = Math.max(this.#last + 1, Date.now() * 1000);
      return paths.map((path, i) => {
        const content = this.#content(path);
        // A write that changes nothing leaves the time as it is.
        if (content !== undefined && content === contents[i]) return this.of(path);
        if (content === undefined) this.#times.delete(path);
        else this.#times.set(path, this.#last);
        return this.#last;
      });
    };
  }

  #content(path: string): string | undefined {
    const document = this.#state.getDocument(path);
    return document.metadata.hasExist ? JSON.stringify(document.toJSON().fields) : undefined;
  }
}
