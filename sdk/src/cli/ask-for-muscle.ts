import { createInterface, type Interface } from 'node:readline/promises';
import { idProblem, nameFromId } from '../scaffold/muscle-words.ts';
import { isTemplateName, TEMPLATE_NAMES, TEMPLATES } from '../scaffold/templates.ts';
import { CommandFailure } from './command.ts';

/** What a person said about a new muscle, by flag or by answer. */
export interface MuscleAnswers {
  readonly id?: string | undefined;
  readonly template?: string | undefined;
  readonly name?: string | undefined;
  readonly summary?: string | undefined;
}

/** Asks for what no flag said, where a person can answer. Elsewhere it gives back what it got: a script must not hang. */
export async function askForMuscle(
  given: MuscleAnswers,
  { input = process.stdin, output = process.stderr }: { input?: NodeJS.ReadStream; output?: NodeJS.WriteStream } = {},
): Promise<MuscleAnswers> {
  if (input.isTTY !== true || output.isTTY !== true) return given;
  const terminal = createInterface({ input, output });
  const left = new AbortController();
  terminal.once('close', () => left.abort());
  const ask: Ask = (question, fallback) => answerTo(terminal, question, { fallback, left: left.signal });
  try {
    const id = given.id ?? (await askUntil(ask, 'Id, such as my_tool', idProblem));
    // An id that is wrong is told before anyone types the rest.
    if (idProblem(id) !== undefined) return { ...given, id };
    const template = given.template ?? (await askForTemplate(ask, output));
    const name = given.name ?? (await ask('Title for people', nameFromId(id)));
    const summary = given.summary ?? (await ask('What it is for, in one sentence', `What ${name} is for.`));
    return { id, template, name, summary };
  } finally {
    terminal.close();
  }
}

type Ask = (question: string, fallback?: string) => Promise<string>;

async function answerTo(
  terminal: Interface,
  question: string,
  { fallback, left }: { fallback: string | undefined; left: AbortSignal },
): Promise<string> {
  const hint = fallback === undefined ? '' : ` (${fallback})`;
  const answer = await terminal.question(`${question}${hint}: `, { signal: left }).catch(() => {
    // Ctrl-C and Ctrl-D: without this the question would wait for ever.
    throw new CommandFailure('Stopped before anything was written.');
  });
  return answer.trim() || (fallback ?? '');
}

async function askForTemplate(ask: Ask, output: NodeJS.WriteStream): Promise<string> {
  for (const name of TEMPLATE_NAMES) output.write(`  ${name.padEnd(12)}  ${TEMPLATES[name]}\n`);
  const problem = (text: string): string | undefined =>
    isTemplateName(text) ? undefined : `Choose one of ${TEMPLATE_NAMES.join(', ')}.`;
  return askUntil((question) => ask(question, 'basic'), 'Template', problem);
}

/** Asks again until the answer has no problem, and shows each. */
async function askUntil(ask: Ask, question: string, problem: (answer: string) => string | undefined): Promise<string> {
  for (let prefix = ''; ;) {
    const answer = await ask(prefix + question);
    const found = problem(answer);
    if (found === undefined) return answer;
    prefix = `${found}\n`;
  }
}
