import type { JsonSchema } from '../contract/json.ts';
import { refused, type Adapted, type ModelSide } from './adapted-model.ts';
import { adaptZod3, isZod3 } from './zod3-model.ts';
import { adaptZod4, isZod4 } from './zod4-model.ts';

/**
 * Turns a model export into a JSON Schema and a check, whichever copy of zod 4 or `zod/v3` it was made with. The one
 * place that converts: each converter silently writes an empty schema for the other generation's models. `known` is what
 * an earlier conversion of the very same model gave, which then is not repeated.
 */
export function adaptModel(model: unknown, side: ModelSide, known?: JsonSchema): Adapted {
  if (isZod4(model)) return adaptZod4(model, side, known);
  if (isZod3(model)) return adaptZod3(model, side);
  const found = model === null ? 'null' : Array.isArray(model) ? 'a list' : `a value of type ${typeof model}`;
  const message = `is ${found}, not a zod schema. Export z.object({ … }).`;
  return refused({ code: 'bind.not_a_model', message });
}
