/** The load process: keeps a number of requests in flight for a while, and checks every answer. */
import { Agent, request, type IncomingMessage } from 'node:http';
import type { LoadJob, LoadReply, LoadResult } from './load-messages.ts';
import {
  initializedNotification,
  initializeRequest,
  parseAnswer,
  rpcRequest,
  type RpcRequest,
} from './mcp-exchange.ts';
import { percentile } from './statistics.ts';

interface Answer {
  readonly message: IncomingMessage;
  readonly text: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 1000 });
/** Sessions by server, opened once and used for the whole run. */
const sessionsByUrl = new Map<string, string[]>();
let sent = 0;

function post(url: string, { headers, body }: Omit<RpcRequest, 'check'>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = request(url, { method: 'POST', agent, headers }, (message) => {
      let text = '';
      message.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      message.on('end', () => resolve({ message, text })).on('error', reject);
    });
    req.on('error', reject).end(body);
  });
}

async function openSession(url: string): Promise<string> {
  const { message, text } = await post(url, initializeRequest());
  const id = message.headers['mcp-session-id'];
  if (typeof id !== 'string') throw new Error(`no session, status ${message.statusCode}: ${text.slice(0, 300)}`);
  await post(url, initializedNotification(id));
  return id;
}

async function sessionsFor({ url, era, connections }: LoadJob): Promise<readonly string[]> {
  if (era !== '2025-11-25') return [];
  const open = sessionsByUrl.get(url) ?? [];
  sessionsByUrl.set(url, open);
  while (open.length < connections) open.push(await openSession(url));
  return open;
}

async function run(job: LoadJob): Promise<LoadResult> {
  const sessions = await sessionsFor(job);
  const latencies: number[] = [];
  const started = performance.now();
  const until = started + job.durationMs;
  const enough = sent + job.minRequests;
  const client = async (index: number): Promise<void> => {
    while (performance.now() < until || sent < enough) {
      const exchange = rpcRequest(job, sent++, sessions[index]);
      const before = performance.now();
      const { message, text } = await post(job.url, exchange);
      latencies.push(performance.now() - before);
      if (message.statusCode !== 200) throw new Error(`status ${message.statusCode}: ${text.slice(0, 500)}`);
      exchange.check(parseAnswer(message.headers['content-type'], text));
    }
  };
  await Promise.all(Array.from({ length: job.connections }, (_, index) => client(index)));
  return {
    requests: latencies.length,
    seconds: (performance.now() - started) / 1000,
    p50Ms: percentile(latencies, 50),
    p99Ms: percentile(latencies, 99),
  };
}

process.on('message', (job: LoadJob) => {
  const reply = (message: LoadReply): void => void process.send?.(message);
  run(job).then(
    (result) => reply({ ok: true, result }),
    (error: unknown) => reply({ ok: false, reason: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
