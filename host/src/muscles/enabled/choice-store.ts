import { SYSTEM_TENANT } from '../../identity/request-context.ts';
import type { Partition, TabularStore } from '../../stores/tabular-store.ts';

/** An operator's word that a muscle is on or off, which holds until another or until it is forgotten. */
export interface MuscleChoice {
  readonly muscle_id: string;
  readonly enabled: boolean;
  readonly updated_by: string;
  readonly updated_at: string;
}

const AT: Partition = { tenantId: SYSTEM_TENANT, kind: 'config_store' };
const PREFIX = 'muscle-choice/';

/** Choices are the host's own, across tenants, and survive a restart. */
export class ChoiceStore {
  readonly #records: TabularStore;

  constructor(records: TabularStore) {
    this.#records = records;
  }

  async list(): Promise<MuscleChoice[]> {
    const choices: MuscleChoice[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#records.list(AT, { prefix: PREFIX, limit: 1000, ...(cursor && { cursor }) });
      choices.push(...page.items.map((item) => item.value as unknown as MuscleChoice));
      cursor = page.cursor;
    } while (cursor !== undefined);
    return choices;
  }

  async save(choice: MuscleChoice): Promise<void> {
    await this.#records.put(AT, PREFIX + choice.muscle_id, { ...choice });
  }

  async remove(muscleId: string): Promise<void> {
    await this.#records.delete(AT, PREFIX + muscleId);
  }
}
