import { probeAccess, signInPlace, type AccessProbe, type SystemKind } from '#libs/connectors';
import type { JsonObject } from '#libs/kernel';
import { appendAudit, ENGINE } from '#libs/platform/audit';
import { inTenants, json, type Database, type Transaction } from '#libs/platform/database';
import { OutgoingGuards } from '#libs/platform/outgoing';
import type { VersionedSecrets } from '#libs/platform/secrets';
import { lastSignIn, SignIns, type Pulse } from '#libs/process';
import { judgeRefusal, type Credential } from '#libs/tenancy';
import { sql } from 'kysely';
import type { DepartureRef } from '../../../workflows/support/activities.js';

/** What a try told, judged. */
interface Judged {
  readonly state: AccessProbe['state'] | 'unproven';
  readonly evidence: JsonObject;
}

type Entry = DepartureRef & { readonly entry: string };

/** Tries at a customer's systems whether what we hold still lets us in. */
export class AccessProbeActivities {
  private readonly guards: OutgoingGuards;
  private readonly signIns: SignIns;

  constructor(
    private readonly database: Database,
    private readonly secrets: VersionedSecrets,
  ) {
    this.guards = new OutgoingGuards(database);
    this.signIns = new SignIns(database);
  }

  /** Signs in once per server and writes down what came of it. */
  async probeAccess(place: Entry, { signal }: Pulse): Promise<void> {
    const { tenant, id, entry } = place;
    const judged = await this.probe(place, signal);
    await inTenants(this.database, [tenant], async (tx) => {
      if (!(await writeDown(tx, place, judged))) return;
      const after = { offboarding: id, ...judged };
      await appendAudit(tx, tenant, {
        action: 'access.probed',
        actor: ENGINE,
        object: { kind: 'access', id: entry },
        after,
      });
    });
  }

  private async probe({ tenant, id, entry }: Entry, signal: AbortSignal): Promise<Judged> {
    const name = entry.replace('system/', '');
    const row = await inTenants(this.database, [tenant], (tx) =>
      tx.selectFrom('systems').selectAll().where('tenant_id', '=', tenant).where('name', '=', name).executeTakeFirst(),
    );
    if (!row) return { state: 'unknown', evidence: { code: 'access.system_gone' } };
    const { kind, config, secret_ref: secretRef } = row;
    const system = { tenant, name, kind: kind as SystemKind, config: config as JsonObject, secretRef };
    let versionId: string | null = null;
    const secrets = {
      resolve: async (reference: string): Promise<string> => {
        const found = await this.secrets.find(tenant, reference, null);
        versionId = found.versionId;
        return found.value;
      },
      signedIn: () => this.signIns.note(system, versionId),
    };
    const probe = await probeAccess({ tenant, runId: id, signal, outgoing: this.guards.of(tenant), system, secrets });
    return probe.state === 'gone' ? this.judge(system, { versionId, place: signInPlace(system) }, probe) : probe;
  }

  private async judge(
    { tenant, name }: { readonly tenant: string; readonly name: string },
    tried: Credential,
    { evidence }: AccessProbe,
  ): Promise<Judged> {
    const worked = await inTenants(this.database, [tenant], (tx) => lastSignIn(tx, tenant, name));
    const verdict = judgeRefusal(tried, worked);
    return { state: verdict.state, evidence: { ...evidence, ...verdict.evidence } };
  }
}

/**
 * What lets us in, or is proven gone, takes the place of everything, of a person's word too. What proves nothing leaves a proof or a
 * word as it is.
 */
async function writeDown(tx: Transaction, { tenant, id, entry }: Entry, { state, evidence }: Judged): Promise<boolean> {
  const isProof = state === 'gone' || state === 'still_open';
  const word = { confirmed_by: null, confirmed_at: null, confirm_reason: null };
  const told = {
    state: sql<typeof state>`CASE WHEN state IN ('gone', 'confirmed') THEN state ELSE ${state} END`,
    evidence: sql<string>`CASE WHEN state = 'gone' THEN evidence ELSE ${json(evidence)}::jsonb END`,
  };
  const { numUpdatedRows } = await tx
    .updateTable('tenant_access_list')
    .set(isProof ? { state, evidence: json(evidence), ...word } : told)
    .set({ probes: sql<number>`probes + 1`, probed_at: sql<Date>`now()` })
    .where('tenant_id', '=', tenant)
    .where('offboarding_id', '=', id)
    .where('entry', '=', entry)
    .where('destroyed_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
