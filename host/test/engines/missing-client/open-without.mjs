// node open-without.mjs '{"hidden":"pg","module":"open-postgres","open":"openPostgres","options":{}}'
// Calls what was built as a host does where one package is not installed, and prints what it throws.
import { readdirSync } from 'node:fs';
import { register } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const { hidden, module, open, options } = JSON.parse(process.argv[2]);
// Node looks for it where nothing is installed, and fails in its own words.
const hooks = `export const resolve = (specifier, context, next) =>
  next(specifier, specifier === ${JSON.stringify(hidden)} ? { ...context, parentURL: 'file:///nowhere/x.mjs' } : context);`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

const dist = join(import.meta.dirname, '../../../dist');
const file = readdirSync(dist).find((name) => new RegExp(`^${module}-[A-Z0-9]{8}\\.js$`).test(name));
const opened = await import(pathToFileURL(join(dist, file)).href);
await opened[open](options).then(
  () => console.log(JSON.stringify({ opened: true })),
  ({ name, code, message }) => console.log(JSON.stringify({ name, code, message })),
);
process.exit();
