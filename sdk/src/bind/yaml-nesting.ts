/** Tokens after which a deeper level may start on the same line. */
const INDICATORS = new Set(['-', '?', ':']);
const CLOSERS: Readonly<Record<string, string>> = { '[': ']', '{': '}' };

/**
 * Follows how deep a YAML parser would recurse, from its tokens alone. Never counts less than the parser, and for a
 * block counts up to three times as much, since a key and its colon may each open a level.
 */
export class YamlNesting {
  /** Brackets and braces with no partner, and commas with no value before them. Each costs the parser an error. */
  strays = 0;
  /** Columns at which the open block levels started, each larger than the one before. */
  readonly #columns: number[] = [];
  readonly #closers: string[] = [];
  #column = 0;
  #lineStart = true;
  #afterComma = true;

  get flowDepth(): number {
    return this.#closers.length;
  }

  get blockDepth(): number {
    return this.#columns.length + this.#closers.length;
  }

  add(token: string): void {
    const newline = token.lastIndexOf('\n');
    if (newline !== -1) {
      this.#column = token.length - newline - 1;
      this.#lineStart = true;
      return;
    }
    if (token.trim() !== '' && !token.startsWith('#')) this.#content(token);
    this.#column += token.length;
  }

  #content(token: string): void {
    const closer = CLOSERS[token];
    const inFlow = this.#closers.length > 0;
    if (!inFlow && (this.#lineStart || INDICATORS.has(token))) this.#block();
    // In a flow collection each of these may wrap what follows in a mapping of one pair.
    this.#lineStart = !inFlow && token !== ':' && INDICATORS.has(token);
    if (closer) this.#closers.push(closer);
    else if (token === ']' || token === '}') {
      // A parser may keep a level open when its closer does not match, so only matching ones count.
      if (this.#closers.at(-1) === token) this.#closers.pop();
      else this.strays++;
    }
    if (inFlow && (token === '?' || (token === ',' && this.#afterComma))) this.strays++;
    this.#afterComma = token === ',' || closer !== undefined;
  }

  #block(): void {
    while ((this.#columns.at(-1) ?? -1) >= this.#column) this.#columns.pop();
    this.#columns.push(this.#column);
  }
}
