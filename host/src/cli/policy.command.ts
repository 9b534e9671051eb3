import type { Command } from 'commander';
import type { Explanation } from '../pipeline/explanation.ts';
import { askControlPlane, type HostRequest } from './call-running-host.ts';
import { parseArguments } from './parse-arguments.ts';
import { printData } from './print.ts';
import { CommandFailure, configFromEnvironment, urlOfHost } from './run-host.ts';

export function addPolicyCommand(program: Command): void {
  const policy = program.command('policy').description('ask policy what it says, and why');
  policy
    .command('explain <scope>')
    .description('tell what a call would be told, gate by gate, with the records that each one read; calls nothing')
    .option(
      '--json <arguments>',
      'the arguments of the call, a JSON object; without them the question is about the scope',
    )
    .option('--url <url>', 'a running host; without it the one at NORTHSTAR_HOST and NORTHSTAR_PORT')
    .addHelpText(
      'after',
      `
Prints JSON. Ends with status 1 when the call would be denied.
A host that authenticates needs NORTHSTAR_TOKEN, a bearer token; what gates read is shown to operators.
Example: northstar policy explain media_v2.create_asset --json '{"name":"a.txt","text":"hello"}'`,
    )
    .action(async (scope: string, options: { json?: string; url?: string }) => {
      const config = configFromEnvironment();
      const body = {
        action: scope,
        ...(options.json !== undefined && { arguments: parseArguments(options.json) }),
      };
      const request: HostRequest = { method: 'POST', path: '/policy/explain', body };
      const answer = await askControlPlane<Explanation>(options.url ?? urlOfHost(config), request, config.stdio);
      printData(JSON.stringify(answer, null, 2));
      if (answer.decision === 'deny') throw new CommandFailure(answer.message ?? 'denied');
    });
}
