import { setImmediate as nextTurn } from 'node:timers/promises';

/** Milliseconds that work on many muscles may keep the event loop to itself. */
const MOST_MS = 10;
let turnBegan = performance.now();
let turn: Promise<void> | undefined;

/**
 * To be awaited between pieces of work that are short but many: gives everybody else a turn once the event loop has been
 * kept for 10 ms. Costs nothing before.
 */
export async function breathe(): Promise<void> {
  if (turn === undefined && performance.now() - turnBegan < MOST_MS) return;
  turn ??= nextTurn().then(() => {
    turn = undefined;
    turnBegan = performance.now();
  });
  await turn;
}
