import type { Hit } from '../finding.ts';
import type { MuscleFacts } from '../muscle-facts.ts';

/** Facts of the caller that only policy may decide by. */
const IDENTITY = /(^|\.)(request\.(mode|tenantId|projectId|appId|surfaceId|actor\.(id|type)))$/;
const CHECK =
  /^(has|check|require|verify|assert|is|can|validate|ensure|need)_?(firearm|licen[cs]e|entitlement|permission|grant|role|allowed)/i;

export function* noPolicyInCode({ sources }: MuscleFacts): Iterable<Hit> {
  for (const { file, comparisons, strings, identifiers, calls } of sources) {
    for (const { chain, literal, at } of comparisons) {
      if (!IDENTITY.test(chain)) continue;
      yield { file, ...at, message: `The code compares ${chain} with "${literal}": that is a policy.` };
    }
    for (const { text, at } of strings)
      if (/^firearm\.[a-z]/.test(text)) yield { file, ...at, message: `The code names the licence "${text}".` };
    const told = new Set<number>();
    for (const { text, at } of identifiers) {
      if (!/firearm/i.test(text)) continue;
      told.add(at.line);
      yield { file, ...at, message: `"${text}" speaks of firearms, which are policy.` };
    }
    for (const { text, at } of calls) {
      const name = text.split('.').at(-1) ?? text;
      if (CHECK.test(name) && !told.has(at.line))
        yield { file, ...at, message: `${text}() checks a licence or a permission.` };
    }
  }
}
