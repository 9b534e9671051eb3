import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { ConfigError } from './config-error.ts';

const ConfigFileModel = z.strictObject({
  muscles: z.strictObject({ enabled: z.array(z.string().min(1)).optional() }).optional(),
});
/** Settings that may change while the host runs. */
export type ConfigFile = z.infer<typeof ConfigFileModel>;

/** Reads the file that `NORTHSTAR_CONFIG` names. Rejects with a ConfigError that names the file and what to change. */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  const refuse = (what: string): ConfigError => new ConfigError([`${path} (NORTHSTAR_CONFIG): ${what}`]);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw refuse(`the file cannot be read: ${(error as Error).message}`);
  }
  // Half of a write looks like this; taking it for "no muscles" would switch everything off.
  if (text.trim() === '') throw refuse('the file is empty; write "muscles: { enabled: [] }" to enable none.');
  // Here, because most hosts have no such file and start faster without the parser.
  const { parse } = await import('yaml');
  let content: unknown;
  try {
    content = parse(text);
  } catch (error) {
    throw refuse(`not valid YAML: ${(error as Error).message.split('\n')[0]}`);
  }
  const parsed = ConfigFileModel.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.join('.') || 'the file';
  throw refuse(`${place}: ${issue?.message}. Expected the form "muscles: { enabled: [echo, media_v2] }".`);
}
