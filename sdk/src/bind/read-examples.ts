import type { JsonObject } from '../contract/json.ts';
import type { ScopeExample } from '../contract/spec.ts';
import { FieldReader } from './field-reader.ts';
import { plainValue } from './yaml-node.ts';

/** Calls that work. Whether the model accepts them is for `muscle check` to say; the host serves without them. */
export function readExamples(parent: FieldReader): ScopeExample[] {
  const items = parent.list('examples')?.items ?? [];
  return items.flatMap((item, index): ScopeExample[] => {
    const { findings } = parent.context;
    if (item.kind !== 'map') {
      const message = `Entry ${index + 1} of examples must be a mapping such as "{ arguments: { text: hello } }".`;
      findings.error('spec.wrong_type', item.at, message);
      return [];
    }
    return [readExample(new FieldReader(item, `Example ${index + 1}`, parent.context))];
  });
}

function readExample(fields: FieldReader): ScopeExample {
  const title = fields.text('title');
  const after = fields.text('after');
  const given = fields.mapping('arguments');
  if (fields.node('arguments') === undefined) fields.missing('arguments', 'Add the arguments of a call that works.');
  fields.close();
  return {
    ...(title !== undefined && { title }),
    ...(after !== undefined && { after }),
    arguments: given ? (plainValue(given) as JsonObject) : {},
  };
}
