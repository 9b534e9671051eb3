import { isMuscleId } from '@northstar/sdk/bind';
import { NorthstarError } from '../../errors/northstar-error.ts';
import { SYSTEM_TENANT, type RequestContext } from '../../identity/request-context.ts';
import type { MuscleStatus } from '../../muscles/muscle-status.ts';
import type { Exchange, HttpParts } from '../http-parts.ts';
import { sendJson } from '../send.ts';
import { operatorRoute, type Route } from './route.ts';

/** The state of each muscle, and toggling. It affects every tenant: operators of the system tenant toggle. */
export function muscleRoutes({ registry, control, decisions, auth }: HttpParts): Route[] {
  const assertReach = (context: RequestContext): void => {
    if (auth.kind === 'none' || context.tenantId === SYSTEM_TENANT) return;
    throw new NorthstarError(
      'identity.operator_required',
      `Muscles serve every tenant; turning them on or off needs an operator of ${SYSTEM_TENANT}.`,
    );
  };
  const toggle = (
    verb: 'enable' | 'disable' | 'reload' | 'forget',
    act: (id: string, actor: string) => Promise<MuscleStatus | undefined>,
  ): Route => ({
    method: 'post',
    path: `/admin/muscles/:id/${verb}`,
    handle: async ({ res, context, params }: Exchange) => {
      assertReach(context);
      const id = params.id ?? '';
      const status = isMuscleId(id) ? await act(id, context.actor.id) : undefined;
      if (status === undefined)
        throw new NorthstarError(
          'muscle.not_found',
          `No muscle is called ${JSON.stringify(id.slice(0, 100))}. GET /admin/muscles lists the ones there are.`,
        );
      sendJson(res, 200, status);
    },
  });
  const routes: Route[] = [
    {
      method: 'get',
      path: '/admin/muscles',
      handle: async ({ res }) => sendJson(res, 200, { muscles: registry.statuses, enabled_by: control.sources }),
    },
    toggle('enable', (id, actor) => control.choose(id, true, actor)),
    toggle('disable', (id, actor) => control.choose(id, false, actor)),
    toggle('forget', (id) => control.forget(id)),
    toggle('reload', (id) => control.reload(id)),
  ];
  return routes.map((route) => operatorRoute(route, decisions));
}
