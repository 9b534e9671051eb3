import { NorthstarError } from '../../errors/northstar-error.ts';
import { isOperator } from '../../identity/request-context.ts';
import type { Exchange } from '../http-parts.ts';

/** One method and path of the control plane. The handler answers by itself or throws. */
export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** express path: `/firearms/grants/:grant_id`. */
  readonly path: string;
  readonly handle: (exchange: Exchange) => Promise<void>;
}

/** A route for operators only. In lab without authentication everyone is one. */
export function operatorRoute(route: Route): Route {
  return {
    ...route,
    handle: async (exchange) => {
      if (!isOperator(exchange.context))
        throw new NorthstarError(
          'identity.operator_required',
          `${route.method.toUpperCase()} ${route.path} is for operators; ask for a token with the "operator" role.`,
        );
      await route.handle(exchange);
    },
  };
}
