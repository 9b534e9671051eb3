import { ISOLATIONS, type Isolation } from '@northstar/sdk';
import type { Environment } from './environment.ts';
import type { IsolationConfig } from './host-config.ts';

const DEFAULT_HEAP_MB = 128;
/** Variables that say nothing but where and in which language a process runs. Windows starts no process without its own. */
const HARMLESS = ['TZ', 'LANG', 'LC_ALL', 'SystemRoot'];

/** What NORTHSTAR_ISOLATION, …_GROUPS, …_HEAP_MB and …_ENV say. */
export function readIsolation(env: Environment, problems: string[]): IsolationConfig {
  let least: Isolation = 'inline';
  const byMuscle: Record<string, Isolation> = {};
  for (const entry of list(env.NORTHSTAR_ISOLATION)) {
    const [id, mode] = entry.includes('=') ? entry.split('=', 2).map((part) => part.trim()) : [undefined, entry];
    if (!isIsolation(mode))
      problems.push(
        `NORTHSTAR_ISOLATION has "${entry}"; write ${ISOLATIONS.join(', ')}, or one of them after a muscle's id: media_v2=process.`,
      );
    else if (id === undefined) least = stricter(least, mode);
    else byMuscle[id] = stricter(byMuscle[id] ?? 'inline', mode);
  }
  return Object.freeze({
    least,
    byMuscle: Object.freeze(byMuscle),
    groups: readGroups(env.NORTHSTAR_ISOLATION_GROUPS, problems),
    heapMb: readHeap(env.NORTHSTAR_ISOLATION_HEAP_MB, problems),
    env: Object.freeze(passedOn(env, problems)),
  });
}

/** The isolation of the two that protects more. */
export function stricter(one: Isolation, other: Isolation): Isolation {
  return ISOLATIONS.indexOf(one) > ISOLATIONS.indexOf(other) ? one : other;
}

function isIsolation(text: string | undefined): text is Isolation {
  return (ISOLATIONS as readonly (string | undefined)[]).includes(text);
}

function readGroups(value: string | undefined, problems: string[]): boolean {
  const text = value?.trim() || 'spec';
  if (text !== 'spec' && text !== 'none')
    problems.push(`NORTHSTAR_ISOLATION_GROUPS is "${text}"; set it to spec (as the specs say) or none.`);
  return text !== 'none';
}

function readHeap(value: string | undefined, problems: string[]): number {
  if (value === undefined || value.trim() === '') return DEFAULT_HEAP_MB;
  const megabytes = Number(value);
  if (Number.isInteger(megabytes) && megabytes >= 32 && megabytes <= 65_536) return megabytes;
  problems.push(`NORTHSTAR_ISOLATION_HEAP_MB is "${value}"; set it to a whole number of MiB from 32 to 65536.`);
  return DEFAULT_HEAP_MB;
}

function passedOn(env: Environment, problems: string[]): Record<string, string> {
  const asked = list(env.NORTHSTAR_ISOLATION_ENV);
  // Its own settings hold the token of the command line and the addresses of its stores.
  for (const name of asked.filter((candidate) => candidate.toUpperCase().startsWith('NORTHSTAR_')))
    problems.push(`NORTHSTAR_ISOLATION_ENV names ${name}, which is the host's own; take it off the list.`);
  const names = [...HARMLESS, ...asked];
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

function list(value: string | undefined): string[] {
  const parts = (value ?? '').split(',').map((part) => part.trim());
  return parts.filter((part) => part !== '');
}
