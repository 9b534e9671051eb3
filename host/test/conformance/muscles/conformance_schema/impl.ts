import type { JsonObject, MuscleContext } from '@northstar/sdk';

export function echoArguments(_ctx: MuscleContext, args: JsonObject): JsonObject {
  return args;
}
