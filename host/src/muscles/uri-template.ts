const VARIABLE = /\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

export function isTemplate(uri: string): boolean {
  return uri.includes('{');
}

const compiled = new Map<string, { pattern: RegExp; names: string[] }>();

/**
 * Matches a URI against a fixed URI or an RFC 6570 level 1 template. A variable stands for one non-empty part without
 * `/`, `?` or `#`, so the match is linear whatever the URI holds. Gives the decoded variables, or `undefined`.
 */
export function matchUri(template: string, uri: string): Record<string, string> | undefined {
  if (!isTemplate(template)) return uri === template ? {} : undefined;
  const { pattern, names } = compile(template);
  const match = pattern.exec(uri);
  if (match === null) return undefined;
  try {
    return Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? '')]));
  } catch {
    // A stray % is not an encoding: no resource has such a URI.
    return undefined;
  }
}

function compile(template: string): { pattern: RegExp; names: string[] } {
  const known = compiled.get(template);
  if (known) return known;
  const names = [...template.matchAll(VARIABLE)].map((match) => match[1] ?? '');
  const literals = template.split(/\{[^}]*\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const made = { pattern: new RegExp(`^${literals.join('([^/?#]+)')}$`), names };
  compiled.set(template, made);
  return made;
}
