import type { MuscleControl } from '../../../src/muscles/enabled/muscle-control.ts';
import type { MuscleRegistry } from '../../../src/muscles/muscle-registry.ts';
import { implOf, specOf, type PluginFolder } from './plugin-folder.ts';

interface LoadedHost {
  readonly registry: MuscleRegistry;
  readonly control: MuscleControl;
}
interface CallingClient {
  call(name: string): Promise<{ structuredContent?: Record<string, unknown>; isError?: boolean }>;
}

export interface LoadReport {
  readonly reloads: number;
  readonly calls: number;
  /** Refused, or answered with an error. */
  readonly failed: number;
  /** Begun and never answered. */
  readonly dropped: number;
  /** Answered by a version that was not live during the call, or by parts of two versions. */
  readonly mixed: number;
  /** Distinct versions that answered. */
  readonly versions: number;
  readonly failures: readonly string[];
}

/** The files of version `n` of the muscle that is reloaded: its answer names the version of every part. */
export const busyMuscle = (n: number): Record<string, string> => ({
  'spec.yaml': specOf('busy', ['run'], `version: 1.0.${n}\n`),
  'impl.ts': implOf('[1, helper]'.replace('1', String(n)), `import { helper } from './helper.ts';`),
  'helper.ts': `export const helper = ${n};\n`,
});

/** Reloads one muscle again and again while every client calls it as fast as it can. */
export async function reloadUnderLoad(
  { registry, control }: LoadedHost,
  {
    plugins,
    clients,
    reloads,
  }: { plugins: Pick<PluginFolder, 'put'>; clients: readonly CallingClient[]; reloads: number },
): Promise<LoadReport> {
  const live = (): number =>
    Number(registry.current.muscles.find(({ spec }) => spec.id === 'busy')?.spec.version.split('.')[2]);
  const count = { begun: 0, ended: 0, failed: 0, mixed: 0 };
  const failures: string[] = [];
  const versions = new Set<number>();
  let done = false;
  const callOn = async (client: CallingClient): Promise<void> => {
    while (!done) {
      const first = live();
      count.begun++;
      try {
        const { structuredContent, isError } = await client.call('busy_run');
        const [version = Number.NaN, helper] = (structuredContent?.version ?? []) as number[];
        versions.add(version);
        if (isError) count.failed++;
        else if (!(version === helper && first <= version && version <= live())) count.mixed++;
      } catch (error) {
        count.failed++;
        const { cause } = error as { cause?: unknown };
        failures.push(`${String(error)}${cause === undefined ? '' : ` (${String(cause)})`}`);
      }
      count.ended++;
    }
  };
  const calling = clients.map(callOn);
  const first = live();
  for (let n = first + 1; n <= first + reloads; n++) {
    await plugins.put('busy', busyMuscle(n));
    const status = await control.reload('busy');
    if (status?.state !== 'active') throw new Error(`reload ${n} left the muscle ${JSON.stringify(status)}`);
  }
  done = true;
  await Promise.all(calling);
  const { begun, ended, failed, mixed } = count;
  return { reloads, calls: begun, failed, dropped: begun - ended, mixed, versions: versions.size, failures };
}
