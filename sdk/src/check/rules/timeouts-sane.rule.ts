import type { Hit } from '../finding.ts';
import type { MuscleFacts } from '../muscle-facts.ts';

/** Below this no store or network call finishes reliably. */
const SHORT_MS = 100;
/** After this most clients have given up: see the client profiles. */
const LONG_MS = 60_000;

export function* timeoutsSane({ spec, specFile, positions }: MuscleFacts): Iterable<Hit> {
  for (const kind of ['scopes', 'resources', 'prompts'] as const) {
    for (const [index, entry] of (spec?.[kind] ?? []).entries()) {
      const { name, timeoutMs } = entry;
      const place = { file: specFile, ...positions.at([kind, index, 'timeout_ms']) };
      if (timeoutMs < SHORT_MS)
        yield { ...place, message: `${name} has ${timeoutMs} ms, in which hardly any store or network call ends.` };
      // An upload goes over http, where the sender waits as long as it sends.
      const uploads = 'http' in entry && entry.http?.body === 'stream';
      // Nobody waits for a job.
      const isJob = 'kind' in entry && entry.kind === 'job';
      if (timeoutMs > LONG_MS && !uploads && !isJob)
        yield { ...place, message: `${name} may take ${timeoutMs / 1000} s, but most clients give up after 60 s.` };
    }
  }
}
