import type { Breakage } from './breakage.ts';

const IMPL = 'impl.ts';
const KEYS = 'store/keys.ts';
const IMPORT_ZOD = "import { z } from 'zod';";
const ADD_LINE = '  const note = { key: randomUUID(), text: args.text };\n';

/** A line at the top level of impl.ts. */
const atTop = (line: string): Pick<Breakage, 'file' | 'change'> => ({
  file: IMPL,
  change: [IMPORT_ZOD, `${IMPORT_ZOD}\n${line}`],
});

/** A line in the handler of impl.ts that adds a note. */
const inAddNote = (line: string): Pick<Breakage, 'file' | 'change'> => ({
  file: IMPL,
  change: [ADD_LINE, `${ADD_LINE}  ${line}\n`],
});

/** Defects of impl.ts, and of the file that it imports. */
export const BROKEN_CODE: readonly Breakage[] = [
  {
    name: 'handler that is no function',
    rule: 'exports-fit',
    file: IMPL,
    change: [
      'export async function readNote(ctx: Ctx, args: z.infer<typeof ReadInput>) {',
      'export const readNote = "later";\nasync function _read(ctx: Ctx, args: z.infer<typeof ReadInput>) {',
    ],
    place: 'spec.yaml:22:14',
    says: /a string, not a function/,
  },
  {
    name: 'exported function without a scope',
    rule: 'exports-fit',
    file: IMPL,
    change: ['type Ctx =', 'export function dropNote() {}\ntype Ctx ='],
    place: '15:17',
    says: /"dropNote", which spec.yaml does not name.*Add the scope/s,
  },
  {
    name: 'model that is no object',
    rule: 'models-fit',
    file: IMPL,
    change: [
      "export const ReadInput = z.object({ key: z.string().describe('Key that field_notes.add answered.') });",
      'export const ReadInput = z.string();',
    ],
    place: 'spec.yaml:23:18',
    says: /must be z\.object/,
  },
  {
    name: 'model with a date',
    rule: 'models-fit',
    file: IMPL,
    change: ["z.string().min(1).max(2000).describe('The note.')", "z.date().describe('When.')"],
    place: 'spec.yaml:11:18',
    says: /z\.iso\.datetime/,
  },
  {
    name: 'syntax error',
    rule: 'code-loads',
    file: IMPL,
    change: [
      '  const note = { key: randomUUID(), text: args.text };\n',
      '  const note = { key: randomUUID(, text: args.text };\n',
    ],
    place: '18:34',
    says: /Syntax error.*cannot compile/s,
  },
  {
    name: 'import of a file that is not there',
    rule: 'code-loads',
    file: IMPL,
    change: ["'./store/keys.ts'", "'./store/key.ts'"],
    place: '4:23',
    says: /no file "\.\/store\/key\.ts".*Correct the path/s,
  },
  {
    name: 'import of a name that is not exported',
    rule: 'code-loads',
    file: KEYS,
    change: ['export function keyOf', 'export function keyFor'],
    place: 'impl.ts:4:10',
    says: /no export "keyOf".*Export keyOf there/s,
  },
  {
    name: 'error while importing',
    rule: 'code-loads',
    ...atTop("JSON.parse('{');"),
    place: '4:6',
    says: /Importing impl\.ts failed: .*JSON.*setup\(\)/s,
  },
  {
    name: 'end of the process while importing',
    rule: 'code-loads',
    file: KEYS,
    change: ['/** Notes', "import { exit } from 'node:process';\nexit(3);\n/** Notes"],
    place: 'impl.ts:1:1',
    says: /ended with status 3.*Take process\.exit out/s,
  },
  {
    name: 'import of the host',
    rule: 'imports-stay-inside',
    ...atTop("import '@northstar/host';"),
    place: '4:8',
    says: /is the host.*ctx/s,
  },
  {
    name: 'import of another muscle',
    rule: 'imports-stay-inside',
    ...atTop("import type {} from '@northstar/muscle-echo';"),
    place: '4:21',
    says: /another muscle/,
  },
  {
    name: 'import from outside the folder',
    rule: 'imports-stay-inside',
    ...atTop("import type {} from '../neighbour/impl.ts';"),
    place: '4:21',
    says: /outside the folder.*copy it/s,
  },
  {
    name: 'package that is not declared',
    rule: 'dependencies-declared',
    ...atTop("import type {} from 'left-pad';"),
    place: '4:21',
    says: /"left-pad" is not among.*npm install left-pad/s,
  },
  {
    name: 'line on stdout',
    rule: 'no-stdout',
    ...inAddNote("console.log('added');"),
    place: '19:3',
    says: /console\.log writes to stdout.*ctx\.log/s,
  },
  {
    name: 'stream to stdout in another file',
    rule: 'no-stdout',
    file: KEYS,
    change: ['  return', '  process.stdout.write(id);\n  return'],
    place: '3:3',
    says: /process\.stdout\.write.*ctx\.log/s,
  },
  {
    name: 'mode decides',
    rule: 'no-policy-in-code',
    ...inAddNote("if (ctx.request.mode === 'lab') return note;"),
    place: '19:7',
    says: /compares ctx\.request\.mode with "lab".*Operators bind/s,
  },
  {
    name: 'licence decides',
    rule: 'no-policy-in-code',
    ...inAddNote("await ctx.tabular.get('firearm.notes.write');"),
    place: '19:25',
    says: /licence "firearm\.notes\.write".*ctx\.gate/s,
  },
  {
    name: 'process ends in a handler',
    rule: 'no-process-control',
    ...inAddNote('if (note.text === "") process.exit(1);'),
    place: '19:25',
    says: /process\.exit acts on the whole host.*MuscleError/s,
  },
  {
    name: 'timer at the top level',
    rule: 'no-process-control',
    ...atTop('setInterval(() => undefined, 1000);'),
    place: '4:1',
    says: /setInterval runs while.*dispose\(\)/s,
  },
  {
    name: 'capability that was not asked for',
    rule: 'capabilities-declared',
    ...inAddNote("await (ctx as any).events.append('added', { type: 'added', data: {} });"),
    place: '19:9',
    says: /requires event_spine.*Add event_spine/s,
  },
  {
    name: 'argument without a description',
    rule: 'descriptions-useful',
    file: IMPL,
    change: [".max(2000).describe('The note.')", '.max(2000)'],
    place: 'spec.yaml:11:18',
    says: /argument text means.*\.describe/s,
  },
  {
    name: 'tuple for a client',
    rule: 'clients-keep-tools',
    file: IMPL,
    change: [
      "z.string().min(1).max(2000).describe('The note.')",
      "z.union([z.string(), z.tuple([z.string(), z.number()])]).describe('The note, and its weight.')",
    ],
    place: 'spec.yaml:11:18',
    says: /tuple at "text".*VS Code.*object with a named property/s,
  },
];
