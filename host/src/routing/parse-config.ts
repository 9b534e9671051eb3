import { NorthstarError } from '../errors/northstar-error.ts';
import type { Backend } from './engine.ts';

/**
 * The settings as the engine takes them, defaults filled in.
 *
 * @throws NorthstarError `routing.invalid_route` that names every wrong setting and what is allowed, never a value.
 */
export function parseConfig(backend: Pick<Backend, 'name' | 'config'>, config: unknown): unknown {
  const parsed = backend.config.safeParse(config);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'config'}: ${issue.message}`);
  throw new NorthstarError(
    'routing.invalid_route',
    `The config of ${backend.name} is not as expected: ${issues.join('; ')}.`,
  );
}
