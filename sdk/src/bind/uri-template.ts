const VARIABLE = /\{([^{}]*)\}/g;
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;

/** What is wrong with a URI or level 1 URI template (RFC 6570), as the rest of a sentence, or nothing. */
export function uriProblem(uri: string): string | undefined {
  const variables = uriVariables(uri);
  const odd = variables.find((name) => !VARIABLE_NAME.test(name));
  if (odd !== undefined) return `has the variable {${odd}}. Use plain names of letters, digits and underscores.`;
  const twice = variables.find((name, index) => variables.indexOf(name) !== index);
  if (twice !== undefined) return `has the variable {${twice}} twice. Rename one.`;
  const filled = uri.replace(VARIABLE, 'x');
  if (/[{}]/.test(filled)) return 'has a brace without its partner. Write each variable as {name}.';
  if (!SCHEME.test(uri)) {
    return 'does not start with a scheme of letters, digits, "+", "-" or ".". Write for example "media-v2://assets".';
  }
  if (/\s/.test(uri) || !URL.canParse(filled)) return 'is not a URI. Percent-encode what a URI cannot hold.';
  return undefined;
}

/** Names in braces, in order. */
export function uriVariables(uri: string): string[] {
  return [...uri.matchAll(VARIABLE)].map((match) => match[1] ?? '');
}

/** Two templates with one shape match the same URIs. */
export function uriShape(uri: string): string {
  return uri.replace(VARIABLE, '{}');
}
