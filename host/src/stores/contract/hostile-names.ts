/** Keys that must be stored as they are, each apart from all the others. */
export const HOSTILE_KEYS: readonly string[] = [
  ...['.', '..', '../../etc/passwd', '/', '//', '/a', 'a/', 'a//b', 'a/../b', 'a\\b', 'C:\\a', '~', '~objects'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'null', 'undefined', 'absent', '0', '-1', '1e3'],
  ...['%', '%25', '%2e%2e', '%00', 'a%2Fb', 'a/b', 'a%b', '_', 'a_b', '*', '?', 'a?b=c&d', '#', 'a#b', '>', 'con'],
  ...[
    "'",
    "a' OR '1'='1",
    '"',
    '`',
    ';--',
    '{"a":1}',
    '$inc',
    '${x}',
    '<b>',
    'a|b',
    'a:b',
    'a@b',
    'a.b',
    'a,b',
    '!',
    '(',
    ')',
  ],
  ...[' ', ' lead', 'trail ', 'a  b', '\u00a0', '\u200b', '\u202eabc', '\ufeff', '\u2028'],
  ...['A', 'a', '\u0430', '\uff21', 'ss', 'ß', 'I', 'ı', 'İ', '\u00e9', 'e\u0301', 'ﬁ', 'fi'],
  ...['日本', '😀', '\uffee', '\u{10ffff}', '\ue000', '👩‍👩‍👧'],
  ...['x'.repeat(512), 'x'.repeat(511), 'é'.repeat(256), '%'.repeat(512)],
];

/** Kinds that must be kept apart, from each other and from what their own text and a key's make together. */
export const HOSTILE_KINDS: readonly string[] = [
  ...['a', 'A', 'a/b', 'a/b/c', 'a//b', 'a/../b', 'a/.', 'a/', 'a:b', 'a:b:c', 'a:', 'a@b', 'a@', 'a.b', 'a.', 'a..b'],
  ...['a-b', 'a_b', 'muscle:a.b@c/d', 'records/a', 'r', 'e', '0', 'k'.repeat(128)],
];

/** Text whose JSON has so many bytes, every character of it escaped: quoted once more it takes twice the room. */
export function escapedText(jsonBytes: number): string {
  return '"\\'.repeat(Math.floor((jsonBytes - 2) / 4));
}

/** Not keys: refused before a driver sees them. */
export const REFUSED_KEYS: readonly string[] = [
  ...['', '\0', 'a\0b', '\n', 'a\r\nb', '\t', '\x1b[0m', '\x7f', '\x85'],
  ...['\ud800', 'a\udc00', '\udc00\ud800', 'x'.repeat(513), 'é'.repeat(257)],
];

/** Not tenants. The last ones are what a caller without types may pass. */
export const REFUSED_TENANTS: readonly string[] = [
  ...[
    '',
    't_',
    'acme',
    'T_a',
    't_A',
    't_../x',
    't_a/b',
    't_a b',
    't_a\n',
    't_é',
    ' t_a',
    't_a%',
    `t_${'a'.repeat(63)}`,
  ],
  ...([['t_a'], { toString: () => 't_a' }, null, undefined] as unknown as string[]),
];

export const REFUSED_KINDS: readonly string[] = [
  ...['', ' ', 'a b', '../x', 'notes~objects', 'a\n', 'é', '/a', 'a'.repeat(129)],
  ...([['a'], null, undefined] as unknown as string[]),
];
