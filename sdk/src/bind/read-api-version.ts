import type { FieldReader } from './field-reader.ts';
import { kindName } from './yaml-node.ts';

/**
 * The contract that this SDK speaks. Within a major version it only grows: a muscle for 1.0 runs on every 1.x, one for
 * 1.2 needs at least that.
 */
export const API_VERSION = { major: 1, minor: 0 } as const;

const FORM = /^(\d+)(?:\.(\d+))?(?:\.\d+)?$/;

/** Gives the major version. Written as `1`, `1.2` or `"1.2.0"`; the third number is for people. */
export function readApiVersion(fields: FieldReader): number {
  const node = fields.node('api_version');
  if (!node) return API_VERSION.major;
  const { findings } = fields.context;
  const written = node.kind !== 'scalar' ? undefined : typeof node.value === 'string' ? node.value : node.source;
  const match = FORM.exec(written ?? '');
  if (!match) {
    const found = written ?? kindName(node);
    const message = `The spec has ${found} as api_version, which must be a version such as ${API_VERSION.major} or "${API_VERSION.major}.${API_VERSION.minor}".`;
    findings.error('spec.wrong_type', fields.at('api_version'), message);
    return API_VERSION.major;
  }
  const [major, minor] = [Number(match[1]), Number(match[2] ?? 0)];
  const isNewer = major > API_VERSION.major || (major === API_VERSION.major && minor > API_VERSION.minor);
  const isOlder = major < API_VERSION.major;
  if (isNewer || isOlder) {
    const spoken = `${API_VERSION.major}.${API_VERSION.minor}`;
    const advice = isNewer
      ? `Update the host to one that speaks it; or write api_version: ${API_VERSION.major} if the muscle uses nothing newer.`
      : `Update the muscle: its package has a newer version, or the changelog of @northstar/sdk says what changed.`;
    const message = `The muscle is written for api_version ${written}, and this host speaks ${spoken}, which is ${isNewer ? 'older' : 'newer'}. ${advice}`;
    findings.error('spec.unsupported_api_version', fields.at('api_version'), message);
  }
  return major;
}
