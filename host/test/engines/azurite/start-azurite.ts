import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';

export interface Azurite {
  readonly connectionString: string;
  stop(): Promise<void>;
}

const ACCOUNT = 'hosttests';
const KEY = Buffer.from('k'.repeat(64)).toString('base64');

/** The blob service of Azurite, as a child process on a free port of the loopback interface, all in memory. */
export async function startAzurite(): Promise<Azurite> {
  const main = createRequire(import.meta.url).resolve('azurite/dist/src/blob/main.js');
  const address = ['--blobHost', '127.0.0.1', '--blobPort', '0'];
  const flags = ['--inMemoryPersistence', '--skipApiVersionCheck', '--disableTelemetry'];
  const child = spawn(process.execPath, [main, ...address, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, AZURITE_ACCOUNTS: `${ACCOUNT}:${KEY}` },
  });
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
      const found = /successfully (?:listens on|listening at) (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1];
      if (found) resolve(`${found}/${ACCOUNT}`);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`Azurite ended with ${code}: ${said}`)));
  });
  const parts = { DefaultEndpointsProtocol: 'http', AccountName: ACCOUNT, AccountKey: KEY, BlobEndpoint: endpoint };
  const connectionString = Object.entries(parts).map(([name, value]) => `${name}=${value};`);
  return { connectionString: connectionString.join(''), stop };
}
