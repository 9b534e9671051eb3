import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builtinModules } from 'node:module';
import type * as tsup from 'tsup';
import { BuildError } from './build-error.ts';
import { BUNDLED, HOST_MODULES } from './host-modules.ts';
import { projectTool } from './project-tool.ts';

export interface BundledCode {
  /** One ES module: the muscle and the packages it uses. */
  readonly code: string;
  /** What the host must give: those of HOST_MODULES that the code imports. */
  readonly hostModules: readonly string[];
  /** Absolute paths of the files that went in. */
  readonly inputs: readonly string[];
  readonly tsupVersion: string;
}

/** The part of esbuild's metafile that is looked at. Paths are relative to the muscle. */
interface Metafile {
  readonly outputs: {
    readonly [file: string]: {
      readonly inputs: { readonly [file: string]: { readonly bytesInOutput: number } };
      readonly imports: readonly { readonly path: string; readonly external?: boolean }[];
    };
  };
}

/** CommonJS packages call `require` for what Node brings; an ES module has none. */
const REQUIRE = `import { createRequire as __northstarRequire } from 'node:module';\nconst require = __northstarRequire(import.meta.url);\n`;

/** Bundles impl.ts and everything that it imports into one file. `work` is an empty folder for what tsup writes. */
export async function bundleCode(dir: string, work: string): Promise<BundledCode> {
  const { tool, version } = projectTool<typeof tsup>('tsup', dir);
  let metafile: Metafile | undefined;
  let failure: string | undefined;
  try {
    await tool.build({
      entry: { impl: join(dir, 'impl.ts') },
      outDir: work,
      config: false,
      silent: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      outExtension: () => ({ js: '.js' }),
      // One file, whatever is imported later: a chunk that is loaded on demand could be missing by then.
      splitting: false,
      noExternal: [BUNDLED],
      external: [...HOST_MODULES],
      removeNodeProtocol: false,
      esbuildPlugins: [
        {
          name: 'northstar-metafile',
          setup: ({ initialOptions, onEnd }) => {
            initialOptions.metafile = true;
            onEnd((result) => {
              metafile = result.metafile;
              const [first] = result.errors;
              if (first)
                failure = `${first.location ? `${first.location.file}:${first.location.line}:${first.location.column + 1} ` : ''}${first.text}`;
            });
          },
        },
      ],
      esbuildOptions: (options) => {
        // Paths in the code are relative to the muscle, so that its bytes do not tell where it was built.
        options.absWorkingDir = dir;
        options.logLevel = 'silent';
      },
    });
  } catch (error) {
    throw new BuildError(`impl.ts cannot be bundled: ${failure ?? (error as Error).message}`);
  }
  const code = await readFile(join(work, 'impl.js'), 'utf8');
  const { inputs, imports } = Object.values(metafile?.outputs ?? {})[0] ?? { inputs: {}, imports: [] };
  const outside = [...new Set(imports.filter(({ external }) => external).map(({ path }) => path))].sort();
  refuseStrangers(outside);
  return {
    code: /\b__require\b/.test(code) ? REQUIRE + code : code,
    hostModules: outside.filter(isHostModule),
    inputs: Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([file]) => join(dir, file)),
    tsupVersion: version,
  };
}

const isHostModule = (path: string): boolean => (HOST_MODULES as readonly string[]).includes(path);

/** What is neither in the file nor in the host would be missing on every machine but this one. */
function refuseStrangers(outside: readonly string[]): void {
  const strangers = outside.filter(
    (path) => !isHostModule(path) && !path.startsWith('node:') && !builtinModules.includes(path),
  );
  if (strangers.length > 0)
    throw new BuildError(
      `${strangers.join(', ')} cannot be bundled into impl.js. Import packages that hold plain JavaScript, by name.`,
    );
}
