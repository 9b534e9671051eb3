import { NorthstarError } from '../../errors/northstar-error.ts';
import { isOperator } from '../../identity/request-context.ts';
import type { DecisionLog } from '../../spine/decision-log.ts';
import type { Exchange } from '../http-parts.ts';

/** One method and path of the control plane. The handler answers by itself or throws. */
export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** express path: `/firearms/grants/:grant_id`. */
  readonly path: string;
  readonly handle: (exchange: Exchange) => Promise<void>;
}

/** Stands in the envelope and the record of what `operatorRoute` refuses; it is on record when it is thrown. */
export const OPERATOR_GATE = 'operator';

/**
 * A route for operators only; in lab without authentication everyone is one. What changes something is recorded before
 * it happens, attempts of others included: nobody changes policy without a trace.
 */
export function operatorRoute(route: Route, decisions: DecisionLog): Route {
  const operation = `${route.method.toUpperCase()} ${route.path}`;
  return {
    ...route,
    handle: async (exchange) => {
      const { context, url } = exchange;
      const allowed = isOperator(context);
      if (route.method !== 'get' || !allowed)
        await decisions.recordControl(context, `${route.method.toUpperCase()} ${url.pathname}`, {
          allowed,
          ...(!allowed && { gate: OPERATOR_GATE, code: 'identity.operator_required' }),
        });
      if (!allowed)
        throw new NorthstarError(
          'identity.operator_required',
          `${operation} is for operators; ask for a token with the "operator" role.`,
          { gate: OPERATOR_GATE },
        );
      await route.handle(exchange);
    },
  };
}
