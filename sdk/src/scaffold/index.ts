export { createMuscle, type CreatedMuscle, type CreateMuscleOptions } from './create-muscle.ts';
export { ScaffoldError } from './scaffold-error.ts';
export { LAYOUTS, type Layout } from './target-folder.ts';
export { TEMPLATE_NAMES, TEMPLATES, type TemplateName } from './templates.ts';
