import { createHash } from 'node:crypto';
import type { BoundMuscle, BoundScope } from '../bind/bound-muscle.ts';
import { sha256OfJson } from '../bind/canonical-json.ts';
import { scopePromise } from '../bind/scope-promise.ts';
import type { Effects, ScopeKind } from '../contract/spec.ts';
import type { Material } from './bill-of-materials.ts';

/** Generation of manifest.json. A host that meets a higher one asks to be updated. */
export const MANIFEST_VERSION = 1;

/** One scope of a built muscle, as its manifest lists it. */
export interface ManifestScope {
  readonly name: string;
  readonly description: string;
  readonly effects: Effects;
  readonly kind: ScopeKind;
  /** Digest of what the scope promises its callers; audit records state the same as `tool_digest`. */
  readonly digest: string;
  /** Path of the JSON Schema in the built folder: `schemas/echo.ping.input.json`. */
  readonly input_schema: string;
  readonly output_schema?: string;
}

/** manifest.json of a built muscle: what it is, what is in it, and the digests to check both by. */
export interface Manifest {
  readonly manifest_version: typeof MANIFEST_VERSION;
  readonly id: string;
  readonly name: string;
  readonly summary: string;
  readonly version: string;
  readonly api_version: number;
  /**
   * `sha256:` over canonical JSON of the code and of everything that callers and policy are told: names, descriptions,
   * schemas, annotations. Equal content has an equal digest, whatever its version.
   */
  readonly digest: string;
  /** Modules that the code imports and the host gives. */
  readonly host_modules: readonly string[];
  readonly scopes: readonly ManifestScope[];
  /** Packages whose code is in impl.js. */
  readonly sbom: readonly Material[];
  /** SHA-256 of every other file, by path. */
  readonly files: { readonly [path: string]: string };
  /** What it was built with; not part of the digest. */
  readonly built_with: { readonly [tool: string]: string };
}

export interface ManifestParts {
  readonly muscle: BoundMuscle;
  /** Every file of the folder but manifest.json, by path. */
  readonly files: ReadonlyMap<string, string>;
  readonly hostModules: readonly string[];
  readonly sbom: readonly Material[];
  readonly builtWith: { readonly [tool: string]: string };
}

export function makeManifest({ muscle, files, hostModules, sbom, builtWith }: ManifestParts): Manifest {
  const { id, name, summary, version, apiVersion } = muscle.spec;
  return {
    manifest_version: MANIFEST_VERSION,
    id,
    name,
    summary,
    version,
    api_version: apiVersion,
    digest: contentDigest(muscle, files.get('impl.js') ?? ''),
    host_modules: hostModules,
    scopes: muscle.scopes.map(manifestScope),
    sbom,
    files: Object.fromEntries(
      [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, text]) => [path, sha256(text)]),
    ),
    built_with: builtWith,
  };
}

export const schemaFile = (scope: string, side: 'input' | 'output'): string => `schemas/${scope}.${side}.json`;

function manifestScope(scope: BoundScope): ManifestScope {
  const { name, description, effects, kind } = scope.spec;
  return {
    name,
    description,
    effects,
    kind,
    digest: sha256OfJson(scopePromise(scope)),
    input_schema: schemaFile(name, 'input'),
    ...(scope.outputSchema && { output_schema: schemaFile(name, 'output') }),
  };
}

/** The whole checked spec counts, so that nothing which policy or clients read can change unseen; the version does not. */
function contentDigest({ spec, scopes }: BoundMuscle, code: string): string {
  const { version: _version, ...promised } = spec;
  return `sha256:${sha256OfJson({ code: sha256(code), spec: promised, promises: scopes.map(scopePromise) })}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
