import type ts from 'typescript';
import type { Position } from '../../bind/spec-positions.ts';
import type { TypeScript } from './find-typescript.ts';
import type { Found } from './source-facts.ts';

/** `ctx.request.mode` for such a chain of names, also with `?.`, `!` and `['mode']`. `globalThis.` is left out. */
export function chainOf(compiler: TypeScript, node: ts.Node): string | undefined {
  if (compiler.isIdentifier(node)) return node.text;
  if (compiler.isParenthesizedExpression(node) || compiler.isNonNullExpression(node) || compiler.isAsExpression(node))
    return chainOf(compiler, node.expression);
  const name = accessed(compiler, node);
  if (name === undefined) return undefined;
  const before = chainOf(compiler, (node as ts.AccessExpression).expression);
  if (before === undefined) return undefined;
  return before === 'globalThis' ? name : `${before}.${name}`;
}

function accessed(compiler: TypeScript, node: ts.Node): string | undefined {
  if (compiler.isPropertyAccessExpression(node)) return node.name.text;
  if (compiler.isElementAccessExpression(node) && compiler.isStringLiteralLike(node.argumentExpression))
    return node.argumentExpression.text;
  return undefined;
}

/** `const { log } = console` uses `console.log` as much as writing it out. */
export function destructured(
  compiler: TypeScript,
  node: ts.VariableDeclaration,
  at: (part: ts.Node) => Position,
): Found[] {
  const from = node.initializer && chainOf(compiler, node.initializer);
  if (from === undefined || !compiler.isObjectBindingPattern(node.name)) return [];
  const prefix = from === 'globalThis' ? '' : `${from}.`;
  return node.name.elements.flatMap((element) => {
    const name = element.propertyName ?? element.name;
    return compiler.isIdentifier(name) ? [{ text: `${prefix}${name.text}`, at: at(element) }] : [];
  });
}
