import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';

export interface CosmosServer {
  readonly endpoint: string;
  /** Any key will do. */
  readonly key: string;
  stop(): Promise<void>;
}

/**
 * The Cosmos DB server from npm, as a child process on a free port of the loopback interface. It keeps everything in
 * memory. Known to be wrong: its queries look into every partition, and its batches keep what came before a failure.
 */
export async function startCosmosServer(): Promise<CosmosServer> {
  const main = createRequire(import.meta.url).resolve('@vercel/cosmosdb-server');
  const args = [join(main, '..', 'cli.js'), '--no-ssl', '--host', '127.0.0.1', '--port', '0'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  };
  const endpoint = await new Promise<string>((resolve, reject) => {
    let said = '';
    const listen = (chunk: Buffer): void => {
      said += chunk.toString();
      const port = /:(\d+)\s/.exec(said)?.[1];
      if (port) resolve(`http://127.0.0.1:${port}/`);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The Cosmos DB server ended with ${code}: ${said}`)));
  });
  return { endpoint, key: Buffer.from('k'.repeat(64)).toString('base64'), stop };
}
