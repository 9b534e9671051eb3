import { toolResult, type ContentBlock, type MuscleContext, type ToolResult } from '@northstar/sdk';
import { PNG, WAV } from './samples.ts';

const image: ContentBlock = { type: 'image', data: PNG, mimeType: 'image/png' };

export function simpleText(): string {
  return 'This is a simple text response for testing.';
}

export function imageContent(): ToolResult {
  return toolResult({ content: [image] });
}

export function audioContent(): ToolResult {
  return toolResult({ content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }] });
}

export function embeddedResource(): ToolResult {
  const resource = {
    uri: 'test://embedded-resource',
    mimeType: 'text/plain',
    text: 'This is an embedded resource content.',
  };
  return toolResult({ content: [{ type: 'resource', resource }] });
}

export function multipleContentTypes(): ToolResult {
  const resource = {
    uri: 'test://mixed-content-resource',
    mimeType: 'application/json',
    text: JSON.stringify({ test: 'data', value: 123 }),
  };
  return toolResult({
    content: [{ type: 'text', text: 'Multiple content types test:' }, image, { type: 'resource', resource }],
  });
}

export function errorHandling(): ToolResult {
  return toolResult({
    content: [{ type: 'text', text: 'This tool intentionally returns an error for testing' }],
    isError: true,
  });
}

export function regionHeader(_ctx: MuscleContext, args: { region?: string }): string {
  return `region=${args.region ?? ''}`;
}
