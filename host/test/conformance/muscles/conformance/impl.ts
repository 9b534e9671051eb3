import { z } from 'zod';

export const NoInput = z.object({});

export * from './content.ts';
export * from './progress-and-logging.ts';
export * from './list-changes.ts';
export * from './questions.ts';
export * from './question-rounds.ts';
export * from './resources.ts';
export * from './prompts.ts';
