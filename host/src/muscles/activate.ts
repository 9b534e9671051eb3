import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { bindMuscle, parseSpec, type BoundMuscle, type Diagnostic, type ScopeSchemas } from '@northstar/sdk/bind';
import type { ActiveMuscle } from './active-muscle.ts';
import { breathe } from './breathe.ts';
import type { FoundMuscle } from './discover.ts';
import { importDiagnostic } from './import-diagnostic.ts';
import type { IsolateActivator } from './isolation/isolate-activator.ts';
import { withinTime } from '../errors/within-time.ts';
import { codeFile, type MuscleImporter } from './muscle-importer.ts';
import { sealMuscle } from './seal-muscle.ts';
import type { Learned } from './start/load-memory.ts';
import { StartedTimers } from './started-timers.ts';

export interface Activation {
  /** Absent when any diagnostic is an error. */
  readonly muscle?: ActiveMuscle;
  readonly diagnostics: readonly Diagnostic[];
  /** For a later start with the same files. Absent when any diagnostic is an error. */
  readonly learned?: Learned;
  /**
   * Whether the models convert to the schemas that were known before, for a muscle that was loaded with them. Its
   * models may depend on more than its files.
   */
  readonly recheck?: () => boolean;
}

/** Milliseconds that the code of a muscle may take before it serves. */
export interface ActivationLimits {
  /** For importing it: a top-level await that never settles must not stop the start. */
  readonly importMs: number;
  /** For its `setup`. */
  readonly setupMs: number;
}

export interface ActivationParts {
  readonly importer: MuscleImporter;
  readonly isolates: IsolateActivator;
  readonly limits: ActivationLimits;
  /** What an earlier load of the very same files has found out. */
  readonly known?: Learned | undefined;
}

/** From a folder to a sealed muscle: read the spec, import the code, bind, set up, seal. Never throws. */
export async function activate(
  found: FoundMuscle,
  { importer, isolates, limits, known }: ActivationParts,
): Promise<Activation> {
  const file = join(found.dir, 'spec.yaml');
  let text = '';
  try {
    if (known?.tree === undefined) text = await readFile(file, 'utf8');
  } catch (error) {
    return failed([], importDiagnostic('load.unreadable', file, error));
  }
  await breathe();
  const { spec, positions, diagnostics, tree } = parseSpec({
    text,
    file,
    folderName: found.id,
    ...(known?.tree && { tree: known.tree }),
  });
  // Whatever sound spec there is comes from a sound tree.
  if (spec === undefined || tree === undefined) return { diagnostics };
  const isolated = await isolates.activate({ found, tree, spec, positions });
  if (isolated !== undefined) {
    const { muscle } = isolated;
    const all = [...diagnostics, ...isolated.diagnostics];
    return muscle ? { muscle: sealMuscle(muscle), learned: { tree }, diagnostics: all } : { diagnostics: all };
  }

  const timers = new StartedTimers();
  let imported: { file: string; exports: Record<string, unknown> };
  try {
    imported = await timers.during(() => importer.import(found.dir, limits.importMs));
  } catch (error) {
    timers.clear();
    return failed(diagnostics, importDiagnostic('load.import_failed', codeFile(found.dir), error));
  }
  await breathe();
  const parts = { spec, positions, file, exports: imported.exports, implFile: imported.file };
  const { schemas } = known ?? {};
  const bound = bindMuscle({ ...parts, ...(schemas && { schemas }) });
  const all = [...diagnostics, ...bound.diagnostics];
  if (bound.muscle === undefined) {
    timers.clear();
    return { diagnostics: all };
  }
  const { setup, dispose } = bound.muscle;
  const release = async (): Promise<void> => {
    timers.clear();
    await dispose?.();
  };
  try {
    const done = timers.during(async () => setup?.());
    await withinTime(done, limits.setupMs, { what: 'setup did not finish' });
  } catch (error) {
    // What it had begun by then, a connection or a timer, must not outlive it.
    await withinTime(release(), limits.setupMs, { what: 'dispose did not finish' }).catch(() => undefined);
    return failed(all, importDiagnostic('load.setup_failed', imported.file, error));
  }
  const published = schemasOf(bound.muscle);
  return {
    muscle: sealMuscle({ ...bound.muscle, dispose: release }),
    diagnostics: all,
    learned: { tree, schemas: published },
    ...(schemas && { recheck: () => isDeepStrictEqual(schemasOf(bindMuscle(parts).muscle), published) }),
  };
}

/** What its scopes publish. */
function schemasOf(muscle: BoundMuscle | undefined): Map<string, ScopeSchemas> {
  return new Map(
    muscle?.scopes.map(({ spec, inputSchema, outputSchema }) => [
      spec.name,
      { inputSchema, ...(outputSchema && { outputSchema }) },
    ]),
  );
}

function failed(diagnostics: readonly Diagnostic[], last: Diagnostic): Activation {
  return { diagnostics: [...diagnostics, last] };
}
