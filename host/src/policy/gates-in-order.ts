import type { FirearmsStore } from './firearms-store.ts';
import type { Gate } from './gate.ts';
import { firearmsGate } from './gates/firearms.gate.ts';
import { killSwitchGate } from './gates/kill-switch.gate.ts';
import type { KillSwitchStore } from './kill-switch-store.ts';

/** The one place that says which gates there are and in which order they speak. */
export function gatesInOrder(stores: { killSwitches: KillSwitchStore; firearms: FirearmsStore }): readonly Gate[] {
  return [killSwitchGate(stores.killSwitches), firearmsGate(stores.firearms)];
}
