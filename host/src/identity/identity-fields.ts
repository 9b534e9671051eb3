import type { Mode } from '@northstar/sdk';
import { MODES } from '../config/host-config.ts';
import type { ErrorCode } from '../errors/error-table.ts';
import { NorthstarError } from '../errors/northstar-error.ts';

/** Identity as a source states it, unchecked: header values, claims, environment or a stored record. */
export interface StatedIdentity {
  readonly mode?: string | undefined;
  readonly tenantId?: string | undefined;
  readonly projectId?: string | undefined;
  readonly appId?: string | undefined;
  readonly surfaceId?: string | undefined;
  readonly userId?: string | undefined;
}

export const TENANT_PATTERN = /^t_[a-z0-9_-]+$/;
/** Ids end up in store keys, logs and stream names, so they are plain ASCII without spaces. */
export const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_.:@|+/=-]{0,127}$/;

export function checkMode(value: string | undefined): Mode {
  if (value === undefined || value === '')
    throw new NorthstarError('context.missing_mode', 'Send the X-Mode header: lab, saas or enterprise.');
  if (!MODES.includes(value as Mode))
    throw new NorthstarError('context.invalid_mode', `X-Mode is "${shown(value)}"; send lab, saas or enterprise.`);
  return value as Mode;
}

export function checkTenant(value: string | undefined): string {
  if (value === undefined || value === '')
    throw new NorthstarError('context.missing_tenant', 'Send the X-Tenant-Id header, such as t_acme.');
  if (value.length > 64 || !TENANT_PATTERN.test(value))
    throw new NorthstarError(
      'context.invalid_tenant',
      `X-Tenant-Id is "${shown(value)}"; it must match ^t_[a-z0-9_-]+$ and be at most 64 characters, such as t_acme.`,
    );
  return value;
}

export function checkProject(value: string | undefined): string {
  if (value === undefined || value === '')
    throw new NorthstarError('context.missing_project', 'Send the X-Project-Id header, such as p_website.');
  return checkId('context.invalid_project', 'X-Project-Id', value);
}

const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** A malformed traceparent is dropped, as the W3C recommendation asks: tracing must never fail a request. */
export function readTraceparent(value: string | undefined): string | undefined {
  return TRACEPARENT.test(value ?? '') ? value : undefined;
}

/** Checks an optional id; `undefined` and `''` mean that it was not sent. */
export function checkOptionalId(header: string, value: string | undefined): string | undefined {
  if (value === undefined || value === '') return undefined;
  return checkId('context.invalid_header', header, value);
}

function checkId(code: ErrorCode, header: string, value: string): string {
  if (!ID_PATTERN.test(value))
    throw new NorthstarError(
      code,
      `${header} is "${shown(value)}"; use 1 to 128 letters, digits or _ . : @ | + / = -, and send it once.`,
    );
  return value;
}

/** A caller's own value, cut and stripped of control characters before it goes into a message. */
function shown(value: string): string {
  // eslint-disable-next-line no-control-regex
  return value.slice(0, 40).replace(/[\u0000-\u001f\u007f]/g, '?');
}
