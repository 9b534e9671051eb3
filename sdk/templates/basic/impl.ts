import type { MuscleContext } from '@northstar/sdk';
import { z } from 'zod';

export const HelloInput = z.object({
  name: z.string().min(1).max(100).describe('Who to greet.'),
  language: z.enum(['en', 'de', 'fr']).default('en').describe('Language of the greeting.'),
});

export const Greeting = z.object({
  greeting: z.string(),
  tenant_id: z.string().describe('The tenant that the host sees the caller as.'),
});

const HELLO = { en: 'Hello', de: 'Hallo', fr: 'Bonjour' } as const;

export function handleHello(ctx: MuscleContext, args: z.infer<typeof HelloInput>): z.infer<typeof Greeting> {
  return { greeting: `${HELLO[args.language]}, ${args.name}!`, tenant_id: ctx.request.tenantId };
}
