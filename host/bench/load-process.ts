import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadJob, LoadReply, LoadResult } from './load-messages.ts';

/** The load generator, in a process of its own so that it takes no CPU from the server's account. */
export interface LoadProcess {
  run(job: LoadJob): Promise<LoadResult>;
  stop(): void;
}

export function startLoad(): LoadProcess {
  const child = fork(fileURLToPath(new URL('load-generator.ts', import.meta.url)), {
    execArgv: ['--import', 'jiti/register'],
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`The load process ended with ${String(code)}.`);
  });
  // Awaited by whoever waits for a reply; at the end of the run nobody does.
  ended.catch(() => undefined);
  return {
    async run(job) {
      const reply = once(child, 'message') as Promise<[LoadReply]>;
      child.send(job);
      const [message] = await Promise.race([reply, ended]);
      if (!message.ok) throw new Error(`${job.method} at ${job.url}: ${message.reason}`);
      return message.result;
    },
    stop: () => child.disconnect(),
  };
}
