export interface Options {
  readonly json: boolean;
  readonly inspector: boolean;
  readonly help: boolean;
}

export const USAGE = `Runs real MCP clients against the built host (npm run build first), over HTTP and stdio.

  --without-inspector  leave the MCP Inspector out; it is fetched with npx and needs a registry or a filled npm cache
  --json               print the report as JSON
  --help               print this

Exit status: 0 when every step passed, 1 when one failed, 2 when the options are wrong.`;

/** Throws on an option that there is not. */
export function readOptions(argv: readonly string[]): Options {
  const known = ['--json', '--without-inspector', '--help'];
  const unknown = argv.filter((argument) => !known.includes(argument));
  if (unknown.length > 0) throw new Error(`Unknown option ${unknown.join(', ')}. Known: ${known.join(', ')}.`);
  return {
    json: argv.includes('--json'),
    inspector: !argv.includes('--without-inspector'),
    help: argv.includes('--help'),
  };
}
