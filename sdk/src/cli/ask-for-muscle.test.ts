import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { askForMuscle, type MuscleAnswers } from './ask-for-muscle.ts';

/** A terminal on which someone types these lines, each when it is asked for the next. */
async function answering(given: MuscleAnswers, lines: string[]): Promise<{ answers: MuscleAnswers; asked: string }> {
  const input = Object.assign(new PassThrough(), { isTTY: true }) as unknown as NodeJS.ReadStream;
  const output = Object.assign(new PassThrough(), { isTTY: true }) as unknown as NodeJS.WriteStream;
  let asked = '';
  output.on('data', (chunk: Buffer) => {
    asked += chunk.toString();
    if (!chunk.toString().endsWith(': ')) return;
    const line = lines.shift();
    if (line === undefined) input.push(null);
    else input.push(`${line}\n`);
  });
  return { answers: await askForMuscle(given, { input, output }), asked };
}

test('[AUTHOR-07] on a terminal it asks for what no flag says, and asks again after an answer that cannot be', async () => {
  const { answers, asked } = await answering({ summary: 'Keeps notes.' }, [
    'My-Tool',
    'my_tool',
    'read',
    'read-write',
    '',
  ]);
  expect(answers).toEqual({ id: 'my_tool', template: 'read-write', name: 'My tool', summary: 'Keeps notes.' });
  expect(asked).toContain('"My-Tool" is not an id');
  expect(asked).toContain('Choose one of basic');
});

test('[AUTHOR-07] with everything said by flags it asks nothing', async () => {
  const given = { id: 'my_tool', template: 'basic', name: 'Tool', summary: 'Does.' };
  expect(await answering(given, [])).toEqual({ answers: given, asked: '' });
});

test('[AUTHOR-07] a person who leaves at a question stops it', async () => {
  await expect(answering({}, [])).rejects.toThrow('Stopped before anything was written.');
});

test('[AUTHOR-07] where nobody can answer it asks nothing', async () => {
  const input = new PassThrough() as unknown as NodeJS.ReadStream;
  const output = new PassThrough() as unknown as NodeJS.WriteStream;
  expect(await askForMuscle({ id: 'my_tool' }, { input, output })).toEqual({ id: 'my_tool' });
});
