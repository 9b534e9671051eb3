import type ts from 'typescript';
import type { Position } from '../../bind/spec-positions.ts';
import { readAllowances } from '../allowances.ts';
import { chainOf, destructured } from './chains.ts';
import type { Comparison, Found, ImportFound, SourceFacts } from './source-facts.ts';
import { compilerOptions, type TypeScript } from './find-typescript.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer I)[] ? I[] : T[K] };

export interface SourceText {
  readonly path: string;
  /** As it is shown in findings. */
  readonly file: string;
  readonly text: string;
}

/** Parses one file and collects what the rules look at. Runs nothing, and never throws on bad source. */
export function readSource(compiler: TypeScript, source: SourceText): SourceFacts {
  const { path, file, text } = source;
  const { diagnostics = [], outputText: compiled } = compiler.transpileModule(text, {
    fileName: path,
    reportDiagnostics: true,
    compilerOptions: compilerOptions(compiler),
  });
  const root = compiler.createSourceFile(path, text, compiler.ScriptTarget.Latest, true);
  const facts: Writable<SourceFacts> = {
    file,
    path,
    compiled,
    syntaxErrors: diagnostics.map((found) => ({
      text: compiler.flattenDiagnosticMessageText(found.messageText, ' '),
      at: positionIn(root, found.start ?? 0),
    })),
    imports: [],
    computedImports: [],
    chains: [],
    calls: [],
    topLevelCalls: [],
    strings: [],
    identifiers: [],
    comparisons: [],
    exports: [],
    allowed: readAllowances(text),
  };
  visit(root, { compiler, root, facts, inFunction: false });
  return facts;
}

interface Visit {
  readonly compiler: TypeScript;
  readonly root: ts.SourceFile;
  readonly facts: Writable<SourceFacts>;
  readonly inFunction: boolean;
}

function visit(node: ts.Node, visiting: Visit): void {
  const { compiler, root, facts } = visiting;
  const at = (part: ts.Node = node): Position => positionIn(root, part.getStart(root));
  if (compiler.isImportDeclaration(node) || compiler.isExportDeclaration(node)) {
    if (node.moduleSpecifier && compiler.isStringLiteral(node.moduleSpecifier))
      facts.imports.push({
        text: node.moduleSpecifier.text,
        at: at(node.moduleSpecifier),
        names: names(node, visiting),
      });
    else if (compiler.isExportDeclaration(node)) facts.exports.push(...exportedNames(node, visiting));
    return;
  }
  if (compiler.isImportEqualsDeclaration(node) && compiler.isExternalModuleReference(node.moduleReference)) {
    const { expression } = node.moduleReference;
    if (compiler.isStringLiteral(expression))
      facts.imports.push({ text: expression.text, at: at(expression), names: [] });
  }
  if (compiler.isImportTypeNode(node) && compiler.isLiteralTypeNode(node.argument)) {
    const { literal } = node.argument;
    if (compiler.isStringLiteral(literal)) facts.imports.push({ text: literal.text, at: at(literal), names: [] });
  }
  if (compiler.isCallExpression(node)) readCall(node, visiting, at);
  if (compiler.isIdentifier(node)) facts.identifiers.push({ text: node.text, at: at() });
  if (compiler.isStringLiteralLike(node)) facts.strings.push({ text: node.text, at: at() });
  if (compiler.isVariableDeclaration(node)) facts.chains.push(...destructured(compiler, node, at));
  const comparison = comparisonOf(node, visiting, at);
  if (comparison) facts.comparisons.push(comparison);
  facts.exports.push(...declaredExports(node, visiting));
  const chain = chainOf(compiler, node);
  const inner = isAccess(compiler, node.parent) && node.parent.expression === node;
  if (chain !== undefined && !inner && chain.includes('.')) facts.chains.push({ text: chain, at: at() });

  const inFunction = visiting.inFunction || compiler.isFunctionLike(node);
  compiler.forEachChild(node, (child) => visit(child, { ...visiting, inFunction }));
}

function readCall(node: ts.CallExpression, { compiler, facts, inFunction }: Visit, at: (part?: ts.Node) => Position) {
  const [first] = node.arguments;
  const isImport = node.expression.kind === compiler.SyntaxKind.ImportKeyword;
  const isRequire = compiler.isIdentifier(node.expression) && node.expression.text === 'require';
  if ((isImport || isRequire) && first) {
    if (compiler.isStringLiteralLike(first)) facts.imports.push({ text: first.text, at: at(first), names: [] });
    else facts.computedImports.push(at(first));
  }
  const called = chainOf(compiler, node.expression);
  if (called === undefined) return;
  facts.calls.push({ text: called, at: at() });
  if (!inFunction) facts.topLevelCalls.push({ text: called, at: at() });
}

/** `chain === 'text'`, `case 'text'` of a switch over a chain, and `['text'].includes(chain)`. */
function comparisonOf(node: ts.Node, { compiler }: Visit, at: (part?: ts.Node) => Position): Comparison | undefined {
  const pair = (left: ts.Node, right: ts.Node): Comparison | undefined => {
    const chain = chainOf(compiler, left);
    return chain !== undefined && compiler.isStringLiteralLike(right)
      ? { chain, literal: right.text, at: at() }
      : undefined;
  };
  if (compiler.isBinaryExpression(node)) {
    const { EqualsEqualsToken, EqualsEqualsEqualsToken, ExclamationEqualsToken, ExclamationEqualsEqualsToken } =
      compiler.SyntaxKind;
    const equality = [EqualsEqualsToken, EqualsEqualsEqualsToken, ExclamationEqualsToken, ExclamationEqualsEqualsToken];
    if (!equality.includes(node.operatorToken.kind as (typeof equality)[number])) return undefined;
    return pair(node.left, node.right) ?? pair(node.right, node.left);
  }
  if (compiler.isCaseClause(node) && compiler.isSwitchStatement(node.parent.parent))
    return pair(node.parent.parent.expression, node.expression);
  const [argument] = compiler.isCallExpression(node) ? node.arguments : [];
  if (argument && compiler.isCallExpression(node) && compiler.isPropertyAccessExpression(node.expression)) {
    const list = node.expression.expression;
    const [member] = compiler.isArrayLiteralExpression(list) ? list.elements : [];
    if (node.expression.name.text === 'includes' && member) return pair(argument, member);
  }
  return undefined;
}

function names(node: ts.ImportDeclaration | ts.ExportDeclaration, { compiler, root }: Visit): Found[] {
  const named = compiler.isImportDeclaration(node) ? node.importClause?.namedBindings : node.exportClause;
  if (!named || !(compiler.isNamedImports(named) || compiler.isNamedExports(named))) return [];
  return [...named.elements].map((element) => ({
    text: (element.propertyName ?? element.name).text,
    at: positionIn(root, element.getStart(root)),
  }));
}

function exportedNames(node: ts.ExportDeclaration, { compiler, root }: Visit): Found[] {
  if (!node.exportClause || !compiler.isNamedExports(node.exportClause)) return [];
  return node.exportClause.elements.map((element) => ({
    text: element.name.text,
    at: positionIn(root, element.getStart(root)),
  }));
}

function declaredExports(node: ts.Node, { compiler, root }: Visit): Found[] {
  const exported =
    compiler.canHaveModifiers(node) &&
    compiler.getModifiers(node)?.some((modifier) => modifier.kind === compiler.SyntaxKind.ExportKeyword);
  if (!exported) return [];
  const declarations: readonly ts.Node[] = compiler.isVariableStatement(node)
    ? node.declarationList.declarations
    : compiler.isFunctionDeclaration(node) || compiler.isClassDeclaration(node)
      ? [node]
      : [];
  return declarations.flatMap((declaration) => {
    const { name } = declaration as ts.NamedDeclaration;
    return name && compiler.isIdentifier(name) ? [{ text: name.text, at: positionIn(root, name.getStart(root)) }] : [];
  });
}

function isAccess(compiler: TypeScript, node: ts.Node | undefined): node is ts.AccessExpression {
  return node !== undefined && (compiler.isPropertyAccessExpression(node) || compiler.isElementAccessExpression(node));
}

function positionIn(root: ts.SourceFile, offset: number): Position {
  const { line, character } = root.getLineAndCharacterOfPosition(offset);
  return { line: line + 1, column: character + 1 };
}

export type { ImportFound };
