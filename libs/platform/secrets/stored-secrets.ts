import { appendAudit, ENGINE } from '../audit/index.js';
import { inTenants, TenantGatherings, type Database, type Reply } from '../database/index.js';
import { hideFromLogs } from '../observability/index.js';
import type { KeyRing } from './keys/index.js';
import { noteSecretsUsed, readSecrets, requestsOf, unsealSecret } from './secret.store.js';
import {
  nameOfSecret,
  SecretMissing,
  type FoundSecret,
  type SecretSource,
  type SecretUse,
  type VersionedSecrets,
} from './secrets.js';

interface Ask {
  readonly name: string;
  readonly use: SecretUse | null;
}

/**
 * Secrets in our database, else in a second source, such as a file in development. Each use is on record before the value is
 * given. Asks of one tenant that arrive together share their transactions.
 */
export class StoredSecrets implements VersionedSecrets {
  private readonly asks: TenantGatherings<Ask, FoundSecret>;

  constructor(
    private readonly database: Database,
    private readonly keys: KeyRing,
    private readonly second: SecretSource | null,
  ) {
    this.asks = new TenantGatherings({ most: 100 }, (tenant, asks) => this.answer(tenant, asks));
  }

  async resolve(tenant: string, reference: string, use: SecretUse | null = null): Promise<string> {
    return (await this.find(tenant, reference, use)).value;
  }

  find(tenant: string, reference: string, use: SecretUse | null = null): Promise<FoundSecret> {
    return this.asks.ask(tenant, { name: nameOfSecret(reference), use });
  }

  private async answer(tenant: string, asks: readonly Ask[]): Promise<readonly Reply<FoundSecret>[]> {
    const wanted = [...new Set(asks.map(({ name }) => name))];
    const kept = await inTenants(this.database, [tenant], (tx) => readSecrets(tx, tenant, wanted));
    const found = new Map<string, FoundSecret | { readonly error: unknown }>();
    for (const name of wanted) {
      const row = kept.find((candidate) => candidate.name === name);
      found.set(name, await this.open(tenant, name, row).catch((error: unknown) => ({ error })));
    }
    for (const answer of found.values()) if ('value' in answer) hideFromLogs(answer.value);
    await this.record(tenant, asks, found);
    return asks.map(({ name }) => {
      const answer = found.get(name)!;
      return 'error' in answer ? answer : { answer };
    });
  }

  private async open(tenant: string, name: string, row?: Parameters<typeof unsealSecret>[2]): Promise<FoundSecret> {
    if (row) return { value: await unsealSecret(this.keys, tenant, row), versionId: row.id };
    if (this.second) return { value: await this.second.resolve(tenant, `secret://${name}`), versionId: null };
    const advice = `Set it by PUT /v1/secrets/${name} for ${tenant}.`;
    throw new SecretMissing(`secret://${name} of ${tenant} is not known. ${advice}`);
  }

  /** A use that cannot be put on record is no use. */
  private async record(
    tenant: string,
    asks: readonly Ask[],
    found: ReadonlyMap<string, FoundSecret | { readonly error: unknown }>,
  ): Promise<void> {
    const uses = asks.flatMap(({ name, use }) => {
      const answer = found.get(name)!;
      return use === null || 'error' in answer ? [] : [{ name, use, id: answer.versionId }];
    });
    if (uses.length === 0) return;
    const ids = [...new Set(uses.flatMap(({ id }) => id ?? []))];
    await inTenants(this.database, [tenant], async (tx) => {
      await noteSecretsUsed(tx, tenant, ids);
      const requests = await requestsOf(tx, tenant, [...new Set(uses.map(({ use }) => use.runId))]);
      await appendAudit(
        tx,
        tenant,
        uses.map(({ name, use }) => ({
          action: 'secret.used',
          actor: ENGINE,
          object: { kind: 'secret', id: name },
          request: requests.get(use.runId) ?? null,
          after: { ...use },
        })),
      );
    });
  }
}
