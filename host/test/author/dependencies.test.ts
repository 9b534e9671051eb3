import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../acceptance/repository.ts';

type Versions = Record<string, string>;

function manifest(folder: string): { dependencies: Versions; devDependencies: Versions } {
  return JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as {
    dependencies: Versions;
    devDependencies: Versions;
  };
}

test.each([
  { folder: 'sdk', fewerThan: 5 },
  { folder: 'host', fewerThan: 20 },
])('[AUTHOR-16] $folder has fewer than $fewerThan direct dependencies', ({ folder, fewerThan }) => {
  expect(Object.keys(manifest(folder).dependencies).length).toBeLessThan(fewerThan);
});

test('[AUTHOR-16] the templates name the versions that this repository is tested with', () => {
  const template = manifest('sdk/templates/package');
  const tested: Versions = { ...manifest('sdk').dependencies, ...manifest('.').devDependencies };
  for (const [name, version] of Object.entries({ ...template.dependencies, ...template.devDependencies })) {
    if (name.startsWith('@northstar/')) continue;
    const installed = JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect({ name, version }).toEqual({ name, version: installed.version });
    expect(tested[name], `${name} is not tested with`).toBeDefined();
  }
});
