import type { Hit } from '../finding.ts';
import type { MuscleFacts } from '../muscle-facts.ts';

const CONTROL = /^process\.(exit|abort|kill|chdir|umask|setuid|setgid|on|once|addListener|exitCode|reallyExit)$/;
const TIMER = /^(setInterval|setTimeout|setImmediate)$/;

export function* noProcessControl({ sources }: MuscleFacts): Iterable<Hit> {
  for (const { file, chains, topLevelCalls } of sources) {
    for (const { text, at } of chains)
      if (CONTROL.test(text)) yield { file, ...at, message: `${text} acts on the whole host.` };
    for (const { text, at } of topLevelCalls) {
      if (TIMER.test(text))
        yield { file, ...at, message: `${text} runs while the module is imported and is never cleared.` };
    }
  }
}
