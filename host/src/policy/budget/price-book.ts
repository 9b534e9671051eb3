import { z } from 'zod';
import type { DataFile } from '../../config/host-config.ts';
import { readDataFile } from '../data-file.ts';
import { narrowestPattern, ScopePattern } from '../scope-pattern.ts';
import { UsdAmount } from './usd.ts';

/** What stands in `registry-data/price-book.yaml`. */
export const PriceBookFile = z.strictObject({
  currency: z.literal('USD').describe('The only currency so far.'),
  default_price: UsdAmount.describe('US dollars for a call of whatever has no price of its own.'),
  prices: z
    .record(ScopePattern, UsdAmount)
    .default({})
    .describe(
      'US dollars for a call, by scope, by namespace (media_v2.*) or for everything (*). The narrowest counts.',
    ),
});

/** Where there is no price book. A call is not free then, so that a budget of 0 lets nothing through. */
export const DEFAULT_PRICES: z.infer<typeof PriceBookFile> = { currency: 'USD', default_price: 1000, prices: {} };

/** What each call costs. Read once, at start. */
export class PriceBook {
  readonly #prices: ReadonlyMap<string, number>;
  readonly #defaultPrice: number;

  constructor(book: z.infer<typeof PriceBookFile>) {
    this.#prices = new Map(Object.entries(book.prices));
    this.#defaultPrice = book.default_price;
  }

  /** @throws ConfigError naming file, line and column of what is wrong. */
  static read(file: DataFile): PriceBook {
    return new PriceBook(readDataFile(file, PriceBookFile) ?? DEFAULT_PRICES);
  }

  /** Micro-dollars for one call. */
  priceOf(action: string): number {
    const pattern = this.#prices.has(action) ? action : narrowestPattern(this.#prices.keys(), action);
    return (pattern === undefined ? undefined : this.#prices.get(pattern)) ?? this.#defaultPrice;
  }
}
