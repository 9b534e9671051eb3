import type { StreamRef } from '../../event-spine.ts';
import { eventSubject, idSubject } from './event-message.ts';
import type { NatsLog } from './nats-log.ts';

/**
 * Which event ids a stream knows: a note per id with the sequence of its event. JetStream's own de-duplication forgets
 * after two minutes.
 *
 * Before anybody writes behind an event, that event's note is written. So an id that has no note and is not that of
 * the newest event is unknown, also after a host died between an event and its note.
 */
export class EventIds {
  readonly #log: NatsLog;

  constructor(log: NatsLog) {
    this.#log = log;
  }

  /** The sequence of the event with the id. A note whose event was forgotten does not count. */
  async find(at: StreamRef, eventId: string): Promise<number | undefined> {
    const note = await this.#log.newest(idSubject(this.#log.name, at, eventId));
    if (!note) return undefined;
    const event = await this.#log.at(Number(note.payload));
    return event?.subject === eventSubject(this.#log.name, at) ? event.seq : undefined;
  }

  /** Notes the id, unless somebody else has done so. */
  async note(at: StreamRef, eventId: string, seq: number): Promise<void> {
    const subject = idSubject(this.#log.name, at, eventId);
    // Only the note of an event that was forgotten can be in the way.
    for (let last = 0; (await this.#log.publish(subject, `${seq}`, last)) === undefined;) {
      const found = await this.#log.newest(subject);
      if (Number(found?.payload ?? 0) >= seq) return;
      last = found?.seq ?? 0;
    }
  }

  /** Removes the note of an event that was forgotten; one that was written for a later event stays. */
  async forget(at: StreamRef, eventId: string, seq: number): Promise<void> {
    const subject = idSubject(this.#log.name, at, eventId);
    const found = await this.#log.newest(subject);
    if (found && Number(found.payload) === seq) await this.#log.purge(subject, found.seq + 1);
  }
}
