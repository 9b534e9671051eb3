const COMMENT = /(?:\/\/|#|\/\*)\s*muscle-check-allow\s+([a-z-]+)\s*:\s*\S/;

/**
 * Lines that a comment allows a rule on: its own, and the one after it. `// muscle-check-allow no-policy-in-code: the
 * licence here is a field of the photo`. Without a reason it allows nothing.
 */
export function readAllowances(text: string): ReadonlyMap<number, readonly string[]> {
  const allowed = new Map<number, string[]>();
  text.split('\n').forEach((line, index) => {
    const rule = COMMENT.exec(line)?.[1];
    if (rule === undefined) return;
    for (const place of [index + 1, index + 2]) allowed.set(place, [...(allowed.get(place) ?? []), rule]);
  });
  return allowed;
}
