import type { Findings } from './findings.ts';
import { isScopeName, MAX_NAME_LENGTH, namespacesOf, wireName } from './names.ts';
import type { Position } from './spec-positions.ts';

/** A name that policy uses as the action, and where it stands. */
export interface NamedEntry {
  readonly what: 'scope' | 'resource' | 'prompt';
  readonly name: string;
  readonly at: Position;
}

/**
 * Checks the names of one muscle against its namespace and each other, and gives the namespace: the declared one, or
 * else the reading of the id that the names use. Scopes, resources and prompts share one set of names, because a
 * policy record that names an action must mean one thing.
 */
export function checkNames(
  entries: readonly NamedEntry[],
  owner: { id?: string | undefined; namespace?: string | undefined },
  findings: Findings,
): string | undefined {
  const fromId = owner.id === undefined ? [] : namespacesOf(owner.id);
  const allowed = owner.namespace === undefined ? fromId : [owner.namespace];
  const used = entries.map((entry) => prefixOf(entry.name, allowed)).find((prefix) => prefix !== undefined);
  const namespace = used ?? allowed[0];
  const byName = new Map<string, NamedEntry>();
  const byWireName = new Map<string, NamedEntry>();

  for (const entry of entries) {
    checkForm(entry, namespace, findings);
    if (namespace !== undefined) checkNamespace(entry, used === undefined ? allowed : [namespace], findings);
    const twin = byName.get(entry.name);
    const collision = byWireName.get(wireName(entry.name));
    if (twin) {
      const message = `The name "${entry.name}" is taken by the ${twin.what} on line ${twin.at.line}. Rename one of them.`;
      findings.error('spec.duplicate_name', entry.at, message);
    } else if (collision) {
      const message = `"${entry.name}" and "${collision.name}" on line ${collision.at.line} both become the tool name "${wireName(entry.name)}". Rename one of them.`;
      findings.error('spec.wire_name_collision', entry.at, message);
    } else {
      byName.set(entry.name, entry);
      byWireName.set(wireName(entry.name), entry);
    }
  }
  return namespace;
}

function prefixOf(name: string, namespaces: readonly string[]): string | undefined {
  return namespaces.find((namespace) => name.startsWith(`${namespace}.`));
}

function checkForm(entry: NamedEntry, namespace: string | undefined, findings: Findings): void {
  if (!isScopeName(entry.name)) {
    const example = `${namespace ?? 'my_muscle'}.${suggestOperation(entry.name)}`;
    const message = `"${entry.name}" is not a ${entry.what} name. Write <namespace>.<operation> in lower-case letters, digits and underscores, for example "${example}".`;
    findings.error('spec.invalid_name', entry.at, message);
  } else if (entry.name.length > MAX_NAME_LENGTH) {
    const message = `"${entry.name}" has ${entry.name.length} characters; MCP clients accept ${MAX_NAME_LENGTH}. Shorten it.`;
    findings.error('spec.name_too_long', entry.at, message);
  }
}

function checkNamespace(entry: NamedEntry, namespaces: readonly string[], findings: Findings): void {
  if (!isScopeName(entry.name) || prefixOf(entry.name, namespaces) !== undefined) return;
  const wanted = namespaces.map((namespace) => `"${namespace}."`).join(' or ');
  const advice = `Write "${namespaces[0]}.${suggestOperation(entry.name)}", or declare another namespace at the top of the spec.`;
  const message = `The ${entry.what} name "${entry.name}" must start with ${wanted}, like all names of this muscle. ${advice}`;
  findings.error('spec.wrong_namespace', entry.at, message);
}

function suggestOperation(name: string): string {
  const last = name.split(/[./]/).at(-1) ?? '';
  const words = last.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
  return words.replace(/[^a-z0-9_]+/g, '_').replace(/^[^a-z]+|_+$/g, '') || 'read';
}
