import type { Json } from '@northstar/sdk';
import { StoreError } from '../../store-error.ts';
import { toJsonText } from '../json-text.ts';
import { DYNAMO_LIMITS } from './dynamo-caps.ts';

/** As `toJsonText`, with the lower limit of this engine. */
export function toDynamoJson(value: Json, what: string): string {
  const text = toJsonText(value, what);
  const bytes = Buffer.byteLength(text);
  const { maxValueBytes } = DYNAMO_LIMITS;
  if (bytes <= maxValueBytes) return text;
  throw new StoreError(
    'too_large',
    `The value of ${what} has ${bytes} bytes as JSON: DynamoDB keeps at most ${maxValueBytes}. Put large data into the object store.`,
  );
}
