import { errorFields, type Logger } from '../log/logger.ts';
import type { MuscleRegistry } from '../muscles/muscle-registry.ts';

/**
 * Keeps the host up when something goes wrong that nobody awaited: a rejected promise or a throwing timer of one muscle
 * must not end every other's calls. It is logged with the muscle that it came from, where its stack tells, and stands
 * among that muscle's diagnostics; the muscle's own state may be damaged.
 */
export function keepServing(logger: Logger, registry: MuscleRegistry): void {
  const note = (what: string) => (thrown: unknown) => {
    const error = registry.noteUncaught(thrown);
    logger.log('error', `${what}${error ? ' in a muscle' : ', most likely in a muscle'}`, {
      ...(error && { muscle: error.muscle }),
      ...errorFields(thrown),
    });
  };
  process.on('unhandledRejection', note('unhandled rejection'));
  process.on('uncaughtException', note('uncaught exception'));
}
