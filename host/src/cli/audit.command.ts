import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Mode } from '@northstar/sdk';
import type { Command } from 'commander';
import { auditChains } from '../spine/audit-chains.ts';
import { auditStream, HOST_CHAIN } from '../spine/audit-record.ts';
import { verifyAudit, type AuditVerdict } from '../spine/verify-audit.ts';
import { openEmbeddedStores } from '../stores/open-embedded-stores.ts';
import { StoreError } from '../stores/store-error.ts';
import { printData } from './print.ts';
import { configFromEnvironment, CommandFailure } from './run-host.ts';

/** `host` in place of a mode is the chain of requests that belong to no tenant. */
type TenantVerdict = { readonly tenant_id: string; readonly mode: Mode | typeof HOST_CHAIN } & AuditVerdict;

export function addAuditCommand(program: Command): void {
  const audit = program.command('audit').description('look into the audit chain: the record of every decision');
  audit
    .command('verify')
    .description('check the audit chain of every tenant, and name the first record that was edited, removed or moved')
    .option('--tenant <id>', 'check this tenant only')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Reads the data folder (NORTHSTAR_DATA_DIR) while no host runs on it. A running host checks one tenant at GET /audit/verify.
Ends with status 1 when a chain is broken. Keep the last "order" and "hash" elsewhere to find a chain rewritten whole.`,
    )
    .action(async (options: { tenant?: string; json?: boolean }) => {
      const verdicts = await verifyDataFolder(options.tenant);
      if (options.json) printData(JSON.stringify({ tenants: verdicts }, null, 2));
      else printData(verdicts.map(describe).join('\n') || 'no audit records yet');
      const broken = verdicts.filter((verdict) => !verdict.ok);
      if (broken.length > 0)
        throw new CommandFailure(
          `The audit chain of ${broken.map(({ tenant_id }) => tenant_id).join(', ')} is broken; restore it from a backup, and find out who could write to the data folder.`,
        );
    });
}

async function verifyDataFolder(tenant: string | undefined): Promise<TenantVerdict[]> {
  const { dataDir } = configFromEnvironment();
  // Opening would create an empty store, and an empty audit is always whole.
  if (!existsSync(join(dataDir, 'northstar.db')))
    throw new CommandFailure(
      `${dataDir} holds no northstar data; set NORTHSTAR_DATA_DIR to the folder that the host printed at start.`,
    );
  const stores = await openEmbeddedStores(dataDir).catch((error: unknown) => {
    if (error instanceof StoreError && error.code === 'unavailable')
      throw new CommandFailure(`${error.message} A running host checks its own chain: GET /audit/verify.`);
    throw error;
  });
  try {
    const chains = (await auditChains(stores.tabular)).filter(
      ({ tenantId }) => tenant === undefined || tenantId === tenant,
    );
    const verdicts: TenantVerdict[] = [];
    for (const { tenantId, mode } of chains) {
      const verdict = await verifyAudit(stores, auditStream(tenantId, mode));
      verdicts.push({ tenant_id: tenantId, mode: mode ?? HOST_CHAIN, ...verdict });
    }
    return verdicts;
  } finally {
    await stores.close();
  }
}

function describe(verdict: TenantVerdict): string {
  return verdict.ok
    ? `${verdict.tenant_id}  ${verdict.mode}  whole  ${verdict.records} records, last ${verdict.head.hash.slice(0, 16)}…`
    : `${verdict.tenant_id}  ${verdict.mode}  BROKEN at record ${verdict.seq}: ${verdict.reason}`;
}
