import type { EventCapability, Json, SpineEvent } from '@northstar/sdk';

/** Streams in memory. */
export class FakeEvents implements EventCapability {
  readonly appended: { stream: string; type: string; data: Json }[] = [];
  failing = false;

  async append(stream: string, { type, data }: { type: string; data: Json }): Promise<{ cursor: string; seq: number }> {
    if (this.failing) throw new Error('spine unavailable');
    const seq = this.appended.push({ stream, type, data });
    return { cursor: String(seq), seq };
  }

  async read(): Promise<{ events: readonly SpineEvent[]; more: boolean }> {
    return { events: [], more: false };
  }
}
