import { format, resolveConfig } from 'prettier';
import { join } from 'node:path';
import { BROKEN_MUSCLES } from '../test/check/broken-muscles.ts';
import { apiPage, apiReport } from './api-pages.ts';
import { exportedApi } from './exported-api.ts';
import { rulePages } from './rule-pages.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Repository path and text of every file that is made from the sources. */
export async function referenceFiles(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const [name, text] of rulePages(BROKEN_MUSCLES)) files.set(`docs/reference/rules/${name}`, text);
  const api = exportedApi();
  files.set('docs/reference/sdk.md', apiPage(api));
  for (const [path, text] of files) {
    const config = await resolveConfig(join(ROOT, path));
    files.set(path, await format(text, { ...config, filepath: path }));
  }
  files.set('sdk/api-report.txt', apiReport(api));
  return files;
}
