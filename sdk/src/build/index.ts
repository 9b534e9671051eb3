export { BuildError } from './build-error.ts';
export { buildMuscle, type BuildOptions } from './build-muscle.ts';
export type { Material } from './bill-of-materials.ts';
export { packMuscle, type Packed } from './pack-muscle.ts';
export { HOST_MODULES } from './host-modules.ts';
export { MANIFEST_VERSION, type Manifest, type ManifestScope } from './manifest.ts';
