import { join } from 'node:path';
import { bindMuscle, parseSpec, type BoundMuscle, type Diagnostic, type Parse } from '@northstar/sdk/bind';
import { withinTime } from '../../../errors/within-time.ts';
import { importDiagnostic } from '../../import-diagnostic.ts';
import { codeFile, MuscleImporter } from '../../muscle-importer.ts';
import { StartedTimers } from '../../started-timers.ts';
import type { LoadParams, PartRef } from '../messages.ts';

/** One handler of a loaded muscle, with what its arguments and its answer are checked by. */
export interface Part {
  readonly action: string;
  readonly handler: (ctx: never, args: never) => unknown;
  readonly parseInput: Parse;
  readonly parseOutput?: Parse;
  readonly resultBytes: number;
  /** The handler is a generator. */
  readonly inPieces?: boolean;
}

interface LoadedMuscle {
  readonly bound: BoundMuscle;
  readonly implFile: string;
  readonly timers: StartedTimers;
  readonly parts: ReadonlyMap<string, Part>;
}

interface LoadedData {
  readonly diagnostics: readonly Diagnostic[];
  readonly scopes: readonly { name: string; inputSchema: unknown; outputSchema?: unknown }[];
}

const anything: Parse = (value) => ({ ok: true, value });

/** The muscles of one isolate, bound by the same binder that the host uses for those that run inline. */
export class LoadedMuscles {
  readonly #importers = new Map<string, MuscleImporter>();
  readonly #muscles = new Map<number, LoadedMuscle>();

  async load({ instance, id, dir, tree, cacheDir, importMs, resultBytes }: LoadParams): Promise<LoadedData> {
    const file = join(dir, 'spec.yaml');
    const { spec, positions } = parseSpec({ text: '', tree, file, folderName: id });
    if (spec === undefined) throw new Error('the host and this isolate read spec.yaml differently');
    let imported: { file: string; exports: Record<string, unknown> };
    const timers = new StartedTimers();
    try {
      imported = await timers.during(() => this.#importer(cacheDir).import(dir, importMs));
    } catch (error) {
      timers.clear();
      return { diagnostics: [importDiagnostic('load.import_failed', codeFile(dir), error)], scopes: [] };
    }
    const { exports, file: implFile } = imported;
    const { muscle: bound, diagnostics } = bindMuscle({ spec, positions, file, exports, implFile });
    if (bound === undefined) {
      timers.clear();
      return { diagnostics, scopes: [] };
    }
    this.#muscles.set(instance, { bound, implFile, timers, parts: partsOf(bound, resultBytes) });
    const scopes = bound.scopes.map((scope) => ({
      name: scope.spec.name,
      inputSchema: scope.inputSchema,
      ...(scope.outputSchema && { outputSchema: scope.outputSchema }),
    }));
    return { diagnostics, scopes };
  }

  /** `ms`: milliseconds that it may take. What it has not said by then, this says for it. */
  async setup(instance: number, ms: number): Promise<{ ok: true } | { ok: false; diagnostic: Diagnostic }> {
    const muscle = this.#muscle(instance);
    try {
      const done = muscle.timers.during(async () => muscle.bound.setup?.());
      await withinTime(done, ms, { what: 'setup did not finish' });
      return { ok: true };
    } catch (error) {
      return { ok: false, diagnostic: importDiagnostic('load.setup_failed', muscle.implFile, error) };
    }
  }

  async unload(instance: number): Promise<void> {
    const { bound, timers } = this.#muscle(instance);
    this.#muscles.delete(instance);
    // Others of its group stay here, and would have it run beside the next version.
    timers.clear();
    await bound.dispose?.();
  }

  part({ instance, kind, name }: PartRef): Part {
    const part = this.#muscle(instance).parts.get(`${kind} ${name}`);
    if (part === undefined) throw new Error(`no ${kind} ${name} is loaded`);
    return part;
  }

  #muscle(instance: number): LoadedMuscle {
    const muscle = this.#muscles.get(instance);
    if (muscle === undefined) throw new Error('no such muscle is loaded');
    return muscle;
  }

  #importer(cacheDir: string): MuscleImporter {
    const importer = this.#importers.get(cacheDir) ?? new MuscleImporter(cacheDir);
    this.#importers.set(cacheDir, importer);
    return importer;
  }
}

function partsOf(bound: BoundMuscle, resultBytes: number): Map<string, Part> {
  const parts = new Map<string, Part>();
  const add = (kind: PartRef['kind'], name: string, part: Partial<Part>): void => {
    const { handler } = part;
    if (handler) parts.set(`${kind} ${name}`, { action: name, parseInput: anything, resultBytes, ...part, handler });
  };
  for (const { spec, handler, parseInput, parseOutput } of bound.scopes)
    add('tool', spec.name, {
      handler,
      parseInput,
      ...(parseOutput && { parseOutput }),
      inPieces: spec.kind === 'stream',
    });
  for (const { spec, handler, lister, completer } of bound.resources) {
    add('resource', spec.name, { handler });
    if (lister) add('listing', spec.name, { handler: lister });
    if (completer) add('completion', spec.name, { handler: completer });
  }
  for (const { spec, handler, completer } of bound.prompts) {
    add('prompt', spec.name, { handler });
    if (completer) add('completion', spec.name, { handler: completer });
  }
  return parts;
}
