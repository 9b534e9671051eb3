import { inputRequired, type ClientQuestion, type InputRequired, type MuscleContext } from '@northstar/sdk';
import { accepted, acceptedText, asObject, form, rootUris, sample, sampledText } from './answers.ts';

type Answer = string | InputRequired;

/** Goes on only with its own state; one that was tampered with never comes here. */
export function askWithState(ctx: MuscleContext): Answer {
  const confirmed = accepted(ctx.answers?.confirm, 'ok');
  if (asObject(ctx.state).waiting === 'confirm' && typeof confirmed === 'boolean') return `state-ok: ${confirmed}`;
  return inputRequired({
    questions: { confirm: form('Please confirm', 'ok', 'boolean') },
    state: { waiting: 'confirm' },
  });
}

export function askThreeThings(ctx: MuscleContext): Answer {
  const name = acceptedText(ctx.answers?.user_name, 'name');
  const greeting = sampledText(ctx.answers?.greeting);
  const uris = rootUris(ctx.answers?.client_roots);
  if (name !== undefined && greeting !== undefined && uris !== undefined)
    return `${greeting} ${name}, you have ${uris.length} roots`;
  return inputRequired({
    questions: {
      user_name: form('What is your name?', 'name'),
      greeting: sample('Generate a greeting', 50),
      client_roots: { ask: 'roots' },
    },
    state: { waiting: 'everything' },
  });
}

export function askTwice(ctx: MuscleContext): Answer {
  const state = asObject(ctx.state);
  const name = acceptedText(ctx.answers?.step1, 'name') ?? state.name;
  if (state.round === undefined || typeof name !== 'string')
    return inputRequired({
      questions: { step1: form('Step 1: What is your name?', 'name') },
      state: { round: 1 },
    });
  const color = acceptedText(ctx.answers?.step2, 'color');
  if (color === undefined)
    return inputRequired({
      questions: { step2: form('Step 2: What is your favorite color?', 'color') },
      state: { round: 2, name },
    });
  return `Multi-round complete: ${name} likes ${color}`;
}

export function askWhatIsDeclared(ctx: MuscleContext): Answer {
  if (ctx.answers !== undefined) return `Answered: ${Object.keys(ctx.answers).join(', ')}`;
  const { elicitation, sampling, roots } = ctx.clientCapabilities;
  const questions: Record<string, ClientQuestion> = {
    ...(elicitation !== undefined && { user_name: form('What is your name?', 'name') }),
    ...(sampling !== undefined && { greeting: sample('Generate a greeting', 50) }),
    ...(roots !== undefined && { client_roots: { ask: 'roots' } }),
  };
  return Object.keys(questions).length === 0 ? 'The client cannot be asked.' : inputRequired({ questions });
}
