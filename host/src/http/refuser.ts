import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AuthConfig } from '../config/host-config.ts';
import { NorthstarError } from '../errors/northstar-error.ts';
import type { RequestContext, Transport } from '../identity/request-context.ts';
import { statedIds } from '../identity/stated-ids.ts';
import { errorFields, type Logger } from '../log/logger.ts';
import type { RefusalLog } from '../spine/refusal-log.ts';
import { authChallenge } from './auth-metadata.ts';
import { OPERATOR_GATE } from './routes/route.ts';
import { hungUp, sendError } from './send.ts';

export interface RefuserParts {
  readonly refusals: RefusalLog;
  readonly logger: Logger;
  readonly auth: AuthConfig;
  readonly publicUrl?: string | undefined;
}

/** Answers what was thrown for a request: a refusal is recorded first, a failure is logged, then the envelope goes out. */
export class Refuser {
  readonly #parts: RefuserParts;
  readonly #callers = new WeakMap<IncomingMessage, RequestContext>();

  constructor(parts: RefuserParts) {
    this.#parts = parts;
  }

  /** Notes whose request it is, for the case that it is refused later. */
  identified(req: IncomingMessage, context: RequestContext): void {
    this.#callers.set(req, context);
  }

  async refuse(req: IncomingMessage, res: ServerResponse, { thrown, transport }: Refused): Promise<void> {
    const sent = res.getHeader('x-request-id');
    const requestId = typeof sent === 'string' ? sent : newRequestId();
    if (isRefusal(thrown))
      await this.#record(req, { code: thrown.code, transport, requestId, action: actionOf(thrown) });
    if (hungUp(res)) return void res.destroy();
    sendError(res, thrown, {
      requestId,
      challenge: authChallenge(this.#parts, req),
      onMasked: (original) =>
        this.#parts.logger.log('error', 'request failed', {
          request_id: requestId,
          path: req.url ?? '',
          ...errorFields(original),
        }),
    });
  }

  async #record(
    req: IncomingMessage,
    about: { code: string; transport: Transport; requestId: string; action: string | undefined },
  ): Promise<void> {
    const { refusals } = this.#parts;
    const path = (req.url ?? '/').split('?', 1)[0] ?? '/';
    const refused = { ...about, method: req.method, path };
    const context = this.#callers.get(req);
    if (context) return refusals.ofCaller(context, refused);
    const remote = req.socket.remoteAddress ?? 'unknown';
    await refusals.ofStranger({ ...refused, ...statedIds(req.headers), remote });
  }
}

export interface Refused {
  readonly thrown: unknown;
  readonly transport: Transport;
}

export function newRequestId(): string {
  return `req_${randomBytes(12).toString('base64url')}`;
}

/** The scope that was asked for, where the refusal is about one. */
function actionOf({ details }: NorthstarError): string | undefined {
  return typeof details.action_name === 'string' ? details.action_name : undefined;
}

/**
 * Whether the host said no, other than failing. What an operator route refuses to others is on record already. A key set
 * that cannot be fetched refuses everybody, so it counts.
 */
function isRefusal(thrown: unknown): thrown is NorthstarError {
  if (!(thrown instanceof NorthstarError) || thrown.gate === OPERATOR_GATE) return false;
  return thrown.status < 500 || thrown.code.startsWith('overload.') || thrown.code === 'identity.unavailable';
}
