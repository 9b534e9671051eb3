import { StoreError } from '../../store-error.ts';

interface ServiceError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly $fault?: 'client' | 'server';
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** The connection never came to be: the request was not sent. */
const NOT_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/^ResourceNotFound/, 'the table does not exist in this region and account. Create it, or correct its name.'],
  [
    /^(AccessDenied|UnrecognizedClient|InvalidSignature|MissingAuthentication|ExpiredToken|IncompleteSignature)/,
    'the credentials are refused. Check the role or access keys and their permissions on the table.',
  ],
  [/^(Credentials|TokenProvider)/, 'no credentials were found. Give the host a role or access keys.'],
  [
    /Throttl|^ProvisionedThroughput|^RequestLimitExceeded/,
    'the table is throttled. Repeat later, or raise its capacity.',
  ],
];

/**
 * What the client threw, in the words of the port. `writing`: the request may have been carried out although no
 * answer came, unless the failure proves that it was not.
 */
export function toStoreError(error: unknown, doing: string, { writing }: { writing: boolean }): unknown {
  if (error instanceof StoreError) return error;
  if (!isServiceError(error)) return error;
  const { name, message } = error;
  const options = { cause: error };
  if (name === 'ConditionalCheckFailedException') {
    return new StoreError(
      'conflict',
      `DynamoDB could not ${doing}: it has changed. Read it again and decide.`,
      options,
    );
  }
  if (name === 'ValidationException' && /size|exceed/i.test(message)) {
    return new StoreError('too_large', `DynamoDB could not ${doing}: an item holds at most 400 KiB.`, options);
  }
  const advice = ADVICE.find(([pattern]) => pattern.test(name));
  if (advice) return new StoreError('unavailable', `DynamoDB could not ${doing}: ${advice[1]}`, options);
  if (writing && !provesNothingHappened(error)) {
    return new StoreError('unknown_outcome', `DynamoDB did not confirm to ${doing} (${name}): read it again.`, options);
  }
  const reason = error.code ?? name;
  return new StoreError(
    'unavailable',
    `DynamoDB could not ${doing}: ${reason}. Check the network and repeat.`,
    options,
  );
}

function provesNothingHappened(error: ServiceError): boolean {
  if (error.code !== undefined && NOT_SENT.has(error.code)) return true;
  if (error.name === 'TimeoutError' && /did not establish a connection/.test(error.message)) return true;
  const status = error.$metadata?.httpStatusCode;
  return status !== undefined && status >= 400 && status < 500;
}

/** Of the service or the network, as opposed to a bug of ours, which stays what it is. */
function isServiceError(error: unknown): error is ServiceError {
  if (!(error instanceof Error)) return false;
  const { $fault, $metadata, code, name } = error as Partial<ServiceError>;
  const named = /^(TimeoutError|AbortError|CredentialsProviderError|TokenProviderError)$/.test(name ?? '');
  return $fault !== undefined || $metadata !== undefined || /^E(?!RR_)/.test(code ?? '') || named;
}
