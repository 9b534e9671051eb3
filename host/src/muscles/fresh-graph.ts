import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, sep } from 'node:path';

type Graph = Record<string, { exports: unknown } | undefined>;

/** How jiti evaluates one file into a graph: at once, or as a promise with `async`. */
export type Evaluate = (source: string, options: EvaluateOptions) => unknown;
export interface EvaluateOptions {
  readonly id: string;
  readonly filename: string;
  readonly ext: string;
  readonly async: boolean;
  readonly forceTranspile?: boolean;
  readonly cache: Graph;
}

/**
 * The module graph of one import of one muscle, for jiti to fill. jiti hands .js, .mjs and .cjs files to Node, which
 * keeps them for good: a second import would run a new impl.ts on old helpers. So those of the muscle's own folder are
 * evaluated here, the moment that jiti looks for them. What lies in node_modules stays Node's.
 */
export function freshGraph(dir: string, evaluate: Evaluate): Graph {
  forgetJson(dir);
  const justStarted = new Map<string, { exports: unknown }>();
  const graph: Graph = new Proxy<Graph>(Object.create(null) as Graph, {
    get(evaluated, file) {
      if (typeof file !== 'string') return undefined;
      const known = justStarted.get(file) ?? evaluated[file];
      if (known !== undefined || !isOwnScript(dir, file)) return known;
      const started = { exports: start(file, { evaluate, graph }) };
      // jiti looks twice in one go and must see the promise both times. Later it must not: files that import each
      // other in a circle would wait for each other for ever.
      justStarted.set(file, started);
      queueMicrotask(() => justStarted.delete(file));
      return started;
    },
  });
  return graph;
}

/** jiti reads JSON through Node's require, whose cache would answer with what stood there first. */
function forgetJson(dir: string): void {
  const { cache } = createRequire(import.meta.url);
  for (const file of Object.keys(cache)) if (isOwn(dir, file)) delete cache[file];
}

function isOwn(dir: string, file: string): boolean {
  return file.startsWith(dir + sep) && !file.slice(dir.length).includes(`${sep}node_modules${sep}`);
}

function isOwnScript(dir: string, file: string): boolean {
  return /\.[cm]?js$/.test(file) && isOwn(dir, file);
}

/** The exports, or a promise of them where the file is an ES module: jiti awaits whatever an import gives. */
function start(file: string, { evaluate, graph }: { evaluate: Evaluate; graph: Graph }): unknown {
  const source = readFileSync(file, 'utf8');
  const ext = extname(file);
  const isEsm = ext === '.mjs' || (ext === '.js' && /^\s*(import|export)\b/m.test(source));
  const options = { id: file, filename: file, ext, async: isEsm, forceTranspile: true, cache: graph };
  const exports = evaluate(source, options);
  // What CommonJS exports is also its default export, as it is when Node imports it.
  const bare = !isEsm && ((typeof exports === 'object' && exports !== null) || typeof exports === 'function');
  if (bare && !('default' in exports)) Object.defineProperty(exports, 'default', { value: exports, enumerable: false });
  return exports;
}
