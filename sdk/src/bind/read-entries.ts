import { FieldReader } from './field-reader.ts';
import type { Position } from './spec-positions.ts';
import { kindName } from './yaml-node.ts';

/** One entry of `scopes`, `resources` or `prompts`, with what later checks need to point into it. */
export interface SpecEntry<T> {
  readonly value: T;
  readonly fields: FieldReader;
  readonly nameAt: Position;
}

/** Reads a list of mappings. Entries of another type are reported and left out. */
export function readEntries<T>(
  parent: FieldReader,
  key: 'scopes' | 'resources' | 'prompts' | 'arguments',
  read: (fields: FieldReader, what: string) => T,
): SpecEntry<T>[] {
  const singular = key.slice(0, -1);
  const word = singular.charAt(0).toUpperCase() + singular.slice(1);
  return (parent.list(key)?.items ?? []).flatMap((item, index) => {
    if (item.kind !== 'map') {
      const message = `Entry ${index + 1} of ${key} is ${kindName(item)}, which must be a mapping that starts with "- name: …".`;
      parent.context.findings.error('spec.wrong_type', item.at, message);
      return [];
    }
    const name = item.entries.get('name')?.value;
    const what = name?.kind === 'scalar' && name.value ? `${word} "${name.source}"` : `${word} ${index + 1}`;
    const fields = new FieldReader(item, what, parent.context);
    const value = read(fields, what);
    fields.close();
    return [{ value, fields, nameAt: fields.at('name') }];
  });
}
