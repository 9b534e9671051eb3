import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bindMuscle, parseSpec, type Diagnostic } from '@northstar/sdk/bind';
import type { ActiveMuscle } from './active-muscle.ts';
import type { FoundMuscle } from './discover.ts';
import { importDiagnostic } from './import-diagnostic.ts';
import { withinTime } from '../errors/within-time.ts';
import type { MuscleImporter } from './muscle-importer.ts';
import { sealMuscle } from './seal-muscle.ts';

export interface Activation {
  /** Absent when any diagnostic is an error. */
  readonly muscle?: ActiveMuscle;
  readonly diagnostics: readonly Diagnostic[];
}

/** Milliseconds that importing a muscle may take: a top-level await that never settles must not stop the start. */
const IMPORT_TIMEOUT_MS = 10_000;
/** Milliseconds that a muscle's `setup` may take. */
const SETUP_TIMEOUT_MS = 10_000;

/** From a folder to a sealed muscle: read the spec, import the code, bind, set up, seal. Never throws. */
export async function activate(found: FoundMuscle, importer: MuscleImporter): Promise<Activation> {
  const file = join(found.dir, 'spec.yaml');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return failed([], importDiagnostic('load.unreadable', file, error));
  }
  const { spec, positions, diagnostics } = parseSpec({ text, file, folderName: found.id });
  if (spec === undefined) return { diagnostics };

  let imported: { file: string; exports: Record<string, unknown> };
  try {
    imported = await withinTime(importer.import(found.dir), IMPORT_TIMEOUT_MS, {
      what: 'impl.ts did not finish importing',
    });
  } catch (error) {
    return failed(diagnostics, importDiagnostic('load.import_failed', join(found.dir, 'impl.ts'), error));
  }
  const bound = bindMuscle({ spec, positions, file, exports: imported.exports, implFile: imported.file });
  const all = [...diagnostics, ...bound.diagnostics];
  if (bound.muscle === undefined) return { diagnostics: all };
  try {
    await withinTime(Promise.resolve().then(bound.muscle.setup), SETUP_TIMEOUT_MS, { what: 'setup did not finish' });
  } catch (error) {
    return failed(all, importDiagnostic('load.setup_failed', imported.file, error));
  }
  return { muscle: sealMuscle(bound.muscle), diagnostics: all };
}

function failed(diagnostics: readonly Diagnostic[], last: Diagnostic): Activation {
  return { diagnostics: [...diagnostics, last] };
}
