import { readdir, readFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ESLint } from 'eslint';
import { check, resolveConfig } from 'prettier';
import ts from 'typescript';

/** lib.d.ts and the packages are parsed once, not once for each muscle. */
const parsed = new Map<string, ts.SourceFile | undefined>();

/** What `tsc --noEmit` says with the tsconfig.json of `home` about the files of `dir`. */
export function typeErrors(dir: string, home: string): string[] {
  const read = (path: string): string => readFileSync(path, 'utf8');
  const { config } = ts.readConfigFile(join(home, 'tsconfig.json'), read) as { config: object };
  const include = [join(relative(home, dir), '**/*.ts').replaceAll('\\', '/')];
  const { options, fileNames } = ts.parseJsonConfigFileContent({ ...config, include }, ts.sys, home);
  if (fileNames.length < 2) return [`${dir} holds no TypeScript`];
  const host = ts.createCompilerHost(options);
  const parse = host.getSourceFile.bind(host);
  host.getSourceFile = (file, ...rest) => {
    if (!parsed.has(file)) parsed.set(file, parse(file, ...rest));
    return parsed.get(file);
  };
  return ts
    .getPreEmitDiagnostics(ts.createProgram(fileNames, options, host))
    .map(({ file, messageText }) => `${file?.fileName ?? ''} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
}

/** What `eslint --max-warnings 0` says with the configuration of `home` about the files of `dir`. */
export async function lintFindings(dir: string, home: string): Promise<string[]> {
  // Several projects in one process: typescript-eslint would guess at the root of each.
  const overrideConfig = { languageOptions: { parserOptions: { tsconfigRootDir: home } } };
  const results = await new ESLint({ cwd: home, overrideConfig }).lintFiles([
    `${relative(home, dir) || '.'}/**/*.{ts,js}`,
  ]);
  return results.flatMap(({ filePath, messages }) => messages.map(({ message }) => `${filePath} ${message}`));
}

/** Files that `prettier --check` would complain about. */
export async function unformatted(dir: string): Promise<string[]> {
  const files = (await readdir(dir)).filter((file) => !file.startsWith('.'));
  const options = (await resolveConfig(join(dir, 'impl.ts'))) ?? {};
  const checked = await Promise.all(
    files.map(async (file) =>
      check(await readFile(join(dir, file), 'utf8'), { ...options, filepath: join(dir, file) }),
    ),
  );
  return files.filter((_, index) => checked[index] !== true);
}
