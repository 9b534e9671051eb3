import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseSpec } from '../src/bind/index.ts';

const GOOD = readFileSync(new URL('./fixtures/good/notes/spec.yaml', import.meta.url), 'utf8');
const parse = (text: string) => parseSpec({ text, file: 'spec.yaml' });

function stairs(line: string, step: number): string {
  const lines = Array.from({ length: 700 }, (_, index) => ' '.repeat(index * step) + line);
  return lines.join('\n').slice(0, 250_000);
}

describe('[BIND-03] hostile YAML is refused cheaply', () => {
  it.each([
    ['nested lists', '['.repeat(200_000)],
    ['nested maps', '{a: '.repeat(50_000)],
    ['lists that never close properly', '[}'.repeat(49_000)],
    ['dashes on one line', '- '.repeat(49_000)],
    ['dashes that the parser still survives', '- '.repeat(5_000)],
    ['question marks', '? '.repeat(49_000)],
    ['stairs of keys', stairs('a:', 1)],
    ['stairs of dashes', stairs('- - - - - -', 12)],
    ['many keys', Array.from({ length: 25_000 }, (_, index) => `k${index}: 1\n`).join('')],
    ['closing brackets', ']'.repeat(200_000)],
    ['commas', `[${','.repeat(99_000)}`],
    ['empty documents', '---\n'.repeat(49_000)],
    ['a wide list repeated by aliases', `a: &a [${'1, '.repeat(5_000)}1]\nb: [${'*a, '.repeat(9)}*a]\n`],
  ])('refuses %s with a position', (_name, text) => {
    const { spec, diagnostics } = parse(text);
    expect(spec).toBeUndefined();
    expect(diagnostics.length).toBeGreaterThan(0);
    for (const { line, column, severity } of diagnostics) {
      expect(severity).toBe('error');
      expect(line).toBeGreaterThan(0);
      expect(column).toBeGreaterThan(0);
    }
  });

  it('refuses nine to the power of a hundred values for about the price of a normal spec', () => {
    const letters = Array.from({ length: 100 }, (_, index) => `a${index}`);
    const bomb = letters.map((name, index) => `x-${name}: &${name} [${index ? `*a${index - 1}, `.repeat(9) : '1'}]\n`);
    const cost = (text: string) => {
      const times = Array.from({ length: 15 }, () => {
        const start = performance.now();
        parse(text);
        return performance.now() - start;
      });
      return Math.min(...times);
    };
    const text = bomb.join('');
    expect(parse(text).diagnostics).toMatchObject([{ code: 'spec.too_many_aliases' }]);
    // By length, so that the bound does not depend on which file happens to be the normal one.
    expect(cost(text) / text.length).toBeLessThan((cost(GOOD) / GOOD.length) * 10);
  });

  it('lets a few aliases through', () => {
    const { spec, diagnostics } = parse(
      GOOD.replace('timeout_ms: 5000', 'timeout_ms: &wait 5000').replace('2000', '*wait'),
    );
    expect(diagnostics).toEqual([]);
    expect(spec?.resources[0]?.timeoutMs).toBe(5000);
  });

  it('reads text the way YAML 1.2 does', () => {
    const { spec } = parse(GOOD.replace('Keeps short notes.', 'no').replace('\n', '\r\n'));
    expect(spec?.summary).toBe('no');
    expect(parse(`\ufeff${GOOD}`).spec?.id).toBe('notes');
  });

  it('reports every defect in one pass', () => {
    const text = GOOD.replace('effects: write', 'effects: wirte')
      .replace('5000', '0')
      .replace('name: Notes', 'nmae: Notes');
    expect(
      parse(text)
        .diagnostics.map(({ code }) => code)
        .sort(),
    ).toEqual(['spec.invalid_choice', 'spec.missing_field', 'spec.timeout_out_of_range', 'spec.unknown_key']);
  });

  it('never throws and never stays silent, whatever happens to a good spec', () => {
    const pieces = [
      '[',
      ']',
      '{',
      '}',
      ': ',
      '- ',
      '? ',
      '\n',
      '\t',
      '&a ',
      '*a',
      '!t ',
      '|',
      '"',
      "'",
      '#',
      '__proto__: 1\n',
      '0',
      '~',
      '<<: ',
    ];
    let seed = 20_240_607;
    const random = (below: number) => (seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff) % below;
    for (let round = 0; round < 500; round++) {
      let text = GOOD;
      for (let edit = 0; edit <= random(4); edit++) {
        const at = random(text.length);
        text = text.slice(0, at) + (random(3) ? pieces[random(pieces.length)] : '') + text.slice(at + random(12));
      }
      const { spec, diagnostics } = parse(text);
      const failed = diagnostics.some(({ severity }) => severity === 'error');
      expect(spec === undefined, text).toBe(failed);
      for (const { line, column } of diagnostics) expect(line >= 1 && column >= 1, text).toBe(true);
    }
  });
});
