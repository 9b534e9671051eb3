import {
  inputRequired,
  type ContentBlock,
  type InputRequired,
  type MuscleContext,
  type PromptMessage,
} from '@northstar/sdk';
import { acceptedText, form } from './answers.ts';
import { PNG } from './samples.ts';

export function simplePrompt(): PromptMessage[] {
  return [fromUser('This is a simple prompt for testing.')];
}

export function promptWithArguments(
  _ctx: MuscleContext,
  { arg1, arg2 }: { arg1: string; arg2: string },
): PromptMessage[] {
  return [fromUser(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)];
}

export function promptWithResource(_ctx: MuscleContext, { resourceUri }: { resourceUri: string }): PromptMessage[] {
  const resource = { uri: resourceUri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' };
  return [fromUser({ type: 'resource', resource }), fromUser('Please process the embedded resource above.')];
}

export function promptWithImage(): PromptMessage[] {
  return [fromUser({ type: 'image', data: PNG, mimeType: 'image/png' }), fromUser('Please analyze the image above.')];
}

export function promptThatAsks(ctx: MuscleContext): PromptMessage[] | InputRequired {
  const context = acceptedText(ctx.answers?.user_context, 'context');
  return context === undefined
    ? inputRequired({ questions: { user_context: form('What context should the prompt use?', 'context') } })
    : [fromUser(`Use this context: ${context}`)];
}

function fromUser(content: ContentBlock | string): PromptMessage {
  return { role: 'user', content: typeof content === 'string' ? { type: 'text', text: content } : content };
}
