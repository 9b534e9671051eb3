/**
 * Wake-ups between hosts that share an engine, and within one. A hint may be lost, doubled, late or false and never
 * carries truth: who is woken reads again from its cursor. Losing every hint costs one poll interval, no event.
 */
export interface HintBus {
  /** Never throws and never waits. A topic is any text; the bus encodes what its engine cannot take. */
  publish(topic: string): void;
  /** `wake` must not throw. Returns what ends the subscription; calling that twice is harmless. */
  subscribe(topic: string, wake: () => void): () => void;
  close(): Promise<void>;
}
