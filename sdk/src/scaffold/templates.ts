/** The folders of `templates/` that are muscles, with what each is for. */
export const TEMPLATES = {
  basic: 'one scope that reads, and nothing else',
  'read-write': 'records in a store: add, read, list, delete',
  'http-upload': 'files of any size, streamed in and out over HTTP',
  stream: 'an answer that comes in pieces',
  job: 'work in the background, with progress and a result',
} as const;

/** Name of a template: `basic`, `read-write` and so on. */
export type TemplateName = keyof typeof TEMPLATES;

/** The names of all templates, the plainest first. */
export const TEMPLATE_NAMES = Object.keys(TEMPLATES) as TemplateName[];

export const isTemplateName = (text: string): text is TemplateName => Object.hasOwn(TEMPLATES, text);
