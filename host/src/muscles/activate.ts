import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bindMuscle, parseSpec, type Diagnostic } from '@northstar/sdk/bind';
import type { ActiveMuscle } from './active-muscle.ts';
import type { FoundMuscle } from './discover.ts';
import { importDiagnostic } from './import-diagnostic.ts';
import type { IsolateActivator } from './isolation/isolate-activator.ts';
import { withinTime } from '../errors/within-time.ts';
import { codeFile, type MuscleImporter } from './muscle-importer.ts';
import { sealMuscle } from './seal-muscle.ts';
import { StartedTimers } from './started-timers.ts';

export interface Activation {
  /** Absent when any diagnostic is an error. */
  readonly muscle?: ActiveMuscle;
  readonly diagnostics: readonly Diagnostic[];
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
}

/** From a folder to a sealed muscle: read the spec, import the code, bind, set up, seal. Never throws. */
export async function activate(
  found: FoundMuscle,
  { importer, isolates, limits }: ActivationParts,
): Promise<Activation> {
  const file = join(found.dir, 'spec.yaml');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return failed([], importDiagnostic('load.unreadable', file, error));
  }
  const { spec, positions, diagnostics } = parseSpec({ text, file, folderName: found.id });
  if (spec === undefined) return { diagnostics };
  const isolated = await isolates.activate({ found, text, spec, positions });
  if (isolated !== undefined) {
    const { muscle } = isolated;
    return { ...(muscle && { muscle: sealMuscle(muscle) }), diagnostics: [...diagnostics, ...isolated.diagnostics] };
  }

  const timers = new StartedTimers();
  let imported: { file: string; exports: Record<string, unknown> };
  try {
    imported = await timers.during(() => importer.import(found.dir, limits.importMs));
  } catch (error) {
    timers.clear();
    return failed(diagnostics, importDiagnostic('load.import_failed', codeFile(found.dir), error));
  }
  const bound = bindMuscle({ spec, positions, file, exports: imported.exports, implFile: imported.file });
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
  return { muscle: sealMuscle({ ...bound.muscle, dispose: release }), diagnostics: all };
}

function failed(diagnostics: readonly Diagnostic[], last: Diagnostic): Activation {
  return { diagnostics: [...diagnostics, last] };
}
