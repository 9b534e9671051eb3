import { inputRequired, type ClientQuestion, type InputRequired, type MuscleContext } from '@northstar/sdk';
import { z } from 'zod';
import { acceptedText, form, rootUris, sample, sampledText } from './answers.ts';

export const PromptInput = z.object({ prompt: z.string() });
export const MessageInput = z.object({ message: z.string() });

type Answer = string | InputRequired;

export function askModel(ctx: MuscleContext, { prompt }: z.infer<typeof PromptInput>): Answer {
  const text = sampledText(ctx.answers?.reply);
  return text === undefined ? inputRequired({ questions: { reply: sample(prompt) } }) : `LLM response: ${text}`;
}

export function askUser(ctx: MuscleContext, { message }: z.infer<typeof MessageInput>): Answer {
  return askOnce(ctx, form(message, 'response'), 'User response');
}

export function askWithDefaults(ctx: MuscleContext): Answer {
  const properties = {
    name: { type: 'string', default: 'John Doe' },
    age: { type: 'integer', default: 30 },
    score: { type: 'number', default: 95.5 },
    status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', default: true },
  };
  const message = 'Please review the fields, which all have defaults';
  return askOnce(
    ctx,
    { ask: 'elicit', message, schema: { type: 'object', properties, required: [] } },
    'Elicitation completed',
  );
}

export function askWithEnums(ctx: MuscleContext): Answer {
  const options = ['option1', 'option2', 'option3'];
  const titled = [
    { const: 'value1', title: 'First Option' },
    { const: 'value2', title: 'Second Option' },
    { const: 'value3', title: 'Third Option' },
  ];
  const properties = {
    untitledSingle: { type: 'string', enum: options },
    titledSingle: { type: 'string', oneOf: titled },
    legacyEnum: { type: 'string', enum: ['opt1', 'opt2', 'opt3'], enumNames: ['Option 1', 'Option 2', 'Option 3'] },
    untitledMulti: { type: 'array', minItems: 1, maxItems: 3, items: { type: 'string', enum: options } },
    titledMulti: { type: 'array', minItems: 1, maxItems: 3, items: { anyOf: titled } },
  };
  const message = 'Please choose from each list';
  return askOnce(
    ctx,
    { ask: 'elicit', message, schema: { type: 'object', properties, required: [] } },
    'Elicitation completed',
  );
}

export function needSampling(ctx: MuscleContext): Answer {
  return sampledText(ctx.answers?.reply) ?? inputRequired({ questions: { reply: sample('Say pong') } });
}

export function askName(ctx: MuscleContext): Answer {
  const name = acceptedText(ctx.answers?.user_name, 'name');
  return name === undefined
    ? inputRequired({ questions: { user_name: form('What is your name?', 'name') } })
    : `Hello, ${name}!`;
}

export function askCapital(ctx: MuscleContext): Answer {
  const text = sampledText(ctx.answers?.capital_question);
  return text ?? inputRequired({ questions: { capital_question: sample('What is the capital of France?') } });
}

export function askRoots(ctx: MuscleContext): Answer {
  const uris = rootUris(ctx.answers?.client_roots);
  return uris === undefined
    ? inputRequired({ questions: { client_roots: { ask: 'roots' } } })
    : `The client has ${uris.length} roots: ${uris.join(', ')}`;
}

/** One question, answered by whatever the user does with the form. */
function askOnce(ctx: MuscleContext, question: ClientQuestion, said: string): Answer {
  const answer = ctx.answers?.form;
  return answer === undefined
    ? inputRequired({ questions: { form: question } })
    : `${said}: action=${String(answer.action)}, content=${JSON.stringify(answer.content ?? {})}`;
}
