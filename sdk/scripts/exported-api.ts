import { join } from 'node:path';
import ts from 'typescript';

const SDK = join(import.meta.dirname, '..');

/** The entries that authors import, by the name they import them under. */
export const ENTRIES = {
  '@northstar/sdk': 'src/index.ts',
  '@northstar/sdk/bind': 'src/bind/index.ts',
  '@northstar/sdk/build': 'src/build/index.ts',
  '@northstar/sdk/scaffold': 'src/scaffold/index.ts',
  '@northstar/sdk/testing': 'src/testing/index.ts',
} as const;

export interface ExportedName {
  readonly name: string;
  readonly kind: 'function' | 'class' | 'value' | 'type';
  /** As the compiler declares it to others, without comments. */
  readonly declaration: string;
  /** Its doc comment. */
  readonly doc: string;
}

/** Everything that each entry exports, in alphabetical order. */
export function exportedApi(): Map<string, ExportedName[]> {
  const { config } = ts.readConfigFile(join(SDK, '../tsconfig.json'), ts.sys.readFile) as { config: object };
  const files = Object.values(ENTRIES).map((entry) => join(SDK, entry));
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files }, ts.sys, join(SDK, '..'));
  const program = ts.createProgram(files, { ...options, noEmit: false, declaration: true, emitDeclarationOnly: true });
  const declared = new Map<string, ts.SourceFile>();
  program.emit(
    undefined,
    (path, text) => declared.set(path, ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)),
    undefined,
    true,
  );
  const checker = program.getTypeChecker();
  return new Map(
    Object.entries(ENTRIES).map(([entry, file]) => {
      const source = program.getSourceFile(join(SDK, file));
      const module = source && checker.getSymbolAtLocation(source);
      const symbols = module ? checker.getExportsOfModule(module) : [];
      const names = symbols.map((symbol) => exportedName(symbol, checker, declared));
      return [entry, names.sort((a, b) => (a.name < b.name ? -1 : 1))];
    }),
  );
}

function exportedName(symbol: ts.Symbol, checker: ts.TypeChecker, declared: Map<string, ts.SourceFile>): ExportedName {
  const actual = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const path = actual.declarations?.[0]?.getSourceFile().fileName.replace(/\.ts$/, '.d.ts') ?? '';
  const file = declared.get(path);
  const statements = file?.statements.filter((statement) => namesOf(statement).includes(actual.name)) ?? [];
  if (!file || statements.length === 0) throw new Error(`No declaration of ${symbol.name} was emitted.`);
  const printer = ts.createPrinter({ removeComments: true });
  return {
    name: symbol.name,
    kind: kindOf(actual),
    declaration: statements.map((node) => printer.printNode(ts.EmitHint.Unspecified, node, file)).join('\n'),
    doc: ts.displayPartsToString(actual.getDocumentationComment(checker)).trim(),
  };
}

function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => (ts.isIdentifier(name) ? name.text : ''));
  const { name } = statement as ts.DeclarationStatement;
  return name && ts.isIdentifier(name) ? [name.text] : [];
}

function kindOf({ flags }: ts.Symbol): ExportedName['kind'] {
  if (flags & ts.SymbolFlags.Function) return 'function';
  if (flags & ts.SymbolFlags.Class) return 'class';
  return flags & ts.SymbolFlags.Variable ? 'value' : 'type';
}
