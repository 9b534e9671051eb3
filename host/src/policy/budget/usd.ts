import { z } from 'zod';

/**
 * Money is counted in whole micro-dollars, a millionth of a US dollar each: sums of fractions drift, and a limit that
 * drifts is none. Dollars appear at the edges only, as JSON numbers or decimal text.
 */
const MICRO = 1_000_000;
/** US dollars; a thousand amounts of this size still add up exactly. */
const MAX_USD = 1_000_000;

/** Exact micro-dollars of an amount in dollars; undefined when it has more than six decimals. */
function toMicroUsd(usd: number | string): number | undefined {
  // toFixed is exact; multiplying 1.1 by a million is not.
  const text = typeof usd === 'string' ? usd : usd.toFixed(6);
  if (typeof usd === 'number' && Number(text) !== usd) return undefined;
  const [whole = '0', fraction = ''] = text.split('.');
  return Number(whole) * MICRO + Number(fraction.padEnd(6, '0'));
}

/** Dollars as a number, for answers: the nearest to the exact amount, so that it prints with the decimals it has. */
export function toUsd(microUsd: number): number {
  return microUsd / MICRO;
}

/** An amount in US dollars, not negative, with at most six decimals: a JSON number or decimal text; becomes micro-dollars. */
export const UsdAmount = z
  .union([z.number().min(0).max(MAX_USD), z.string().regex(/^(0|[1-9]\d{0,5})(\.\d{1,6})?$/, 'such as "0.25"')])
  .transform((usd, issue) => {
    const micro = toMicroUsd(usd);
    if (micro === undefined) issue.addIssue({ code: 'custom', message: 'at most six decimals' });
    return micro ?? z.NEVER;
  });
