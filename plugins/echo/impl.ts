import type { MuscleContext } from '@northstar/sdk';
import { z } from 'zod';

export const PingInput = z.object({
  message: z.string().max(1000).default('pong').describe('Text to send back, at most 1000 characters.'),
});

export const Pong = z.object({
  message: z.string().describe('The text that was sent.'),
  tenant_id: z.string().describe('The tenant that the host sees the caller as.'),
  at: z.iso.datetime().describe('When the host answered, UTC.'),
});

export function handlePing(ctx: MuscleContext, args: z.infer<typeof PingInput>): z.infer<typeof Pong> {
  return { message: args.message, tenant_id: ctx.request.tenantId, at: new Date().toISOString() };
}
