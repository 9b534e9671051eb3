import { MuscleError } from '@northstar/sdk';
import { NorthstarError } from '../../../errors/northstar-error.ts';
import type { HostErrorData, ThrownData } from '../messages.ts';

const hostErrors = new WeakMap<object, number>();

/** An error of the host as the muscle sees it. Thrown on, it reaches the caller as what it was. */
export function hostError(data: HostErrorData): Error {
  const { error: number, name, ...facts } = data;
  const error = Object.assign(new Error(facts.message), facts);
  error.name = name;
  hostErrors.set(error, number);
  return error;
}

/** What a handler threw, as data. The values come from a muscle, whatever their types say, so reading may fail too. */
export function thrownData(thrown: unknown): ThrownData {
  const number = typeof thrown === 'object' && thrown !== null ? hostErrors.get(thrown) : undefined;
  if (number !== undefined) return { from: 'host', error: number };
  if (thrown instanceof NorthstarError) return answerFault(thrown);
  try {
    if (MuscleError.is(thrown)) return muscleError(thrown);
  } catch {
    // Told as something unforeseen, which it is.
  }
  return { from: 'other', text: textOf(thrown).slice(0, 20_000) };
}

function muscleError({ code, message, status, retryable, details }: MuscleError): ThrownData {
  return {
    from: 'muscle',
    code: String(code).slice(0, 200),
    message: String(message).slice(0, 4000),
    status: typeof status === 'number' && Number.isFinite(status) ? status : 500,
    retryable: retryable === true,
    details: jsonOf(details),
  };
}

/** Thrown by the check of the answer, which runs here beside the output model. */
function answerFault({ code, message, details, cause }: NorthstarError): ThrownData {
  const known = code === 'payload.too_large' ? code : 'muscle.invalid_result';
  const why = cause === undefined ? undefined : textOf(cause).slice(0, 10_000);
  return { from: 'answer', code: known, message: message.slice(0, 2000), details, ...(why !== undefined && { why }) };
}

function jsonOf(details: unknown): Record<string, never> {
  try {
    const copy = JSON.parse(JSON.stringify(details)) as unknown;
    return typeof copy === 'object' && copy !== null && !Array.isArray(copy) ? (copy as Record<string, never>) : {};
  } catch {
    return {};
  }
}

function textOf(thrown: unknown): string {
  try {
    if (!(thrown instanceof Error)) return String(thrown);
    const cause = thrown.cause === undefined || thrown.cause === thrown ? '' : `\ncaused by ${String(thrown.cause)}`;
    return `${thrown.stack ?? thrown.message}${cause}`;
  } catch {
    return 'what was thrown cannot be printed';
  }
}
