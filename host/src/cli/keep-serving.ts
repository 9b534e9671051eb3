import { errorFields, type Logger } from '../log/logger.ts';

/**
 * Keeps the host up when something goes wrong that nobody awaited: a rejected promise or a throwing timer of one muscle
 * must not end every other's calls. What happened is logged; the muscle's own state may be damaged.
 */
export function keepServing(logger: Logger): void {
  process.on('unhandledRejection', (reason) =>
    logger.log('error', 'unhandled rejection, most likely in a muscle', errorFields(reason)),
  );
  process.on('uncaughtException', (error) =>
    logger.log('error', 'uncaught exception, most likely in a muscle', errorFields(error)),
  );
}
