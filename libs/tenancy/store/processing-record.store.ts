import { sql } from 'kysely';
import type { Transaction } from '#libs/platform/database';
import { thirdCountries } from '../model/agreement.model.js';
import { agreementInForce, type AgreementRow } from './agreement.store.js';

/** Somebody to write to. */
export interface Party {
  readonly name: string;
  readonly contacts: readonly {
    readonly name: string;
    readonly role: string;
    readonly mail: string | null;
    readonly phone: string | null;
  }[];
}

/** The record of processing that a processor keeps per controller (GDPR Art. 30(2)), from what is there now. */
export interface ProcessingRecord {
  readonly tenant: string;
  readonly drawnAt: Date;
  readonly processor: Party;
  readonly controller: Party;
  /** Null: none is in force. */
  readonly agreement: AgreementRow | null;
  /** Processes that were requested or have a template, e.g. `offboarding`. */
  readonly processes: readonly string[];
  /** Kinds of the customer's systems, with how many there are. */
  readonly systems: readonly { readonly kind: string; readonly count: number }[];
  /** Countries outside the European Economic Area that data go to. */
  readonly thirdCountries: readonly string[];
}

export async function drawProcessingRecord(tx: Transaction, tenant: string): Promise<ProcessingRecord> {
  const { rows } = await sql<
    Omit<ProcessingRecord, 'tenant' | 'agreement' | 'thirdCountries' | 'drawnAt'> & { at: Date }
  >`
    SELECT now() AS at, processor_identity() AS processor,
      (SELECT jsonb_build_object('name', t.name, 'contacts', coalesce((
          SELECT jsonb_agg(jsonb_build_object('name', c.name, 'role', c.role, 'mail', c.mail, 'phone', c.phone) ORDER BY c.role, c.name)
          FROM contacts c WHERE c.tenant_id = t.id AND c.role IN ('management', 'data_protection')), '[]'))
        FROM tenants t WHERE t.id = ${tenant}) AS controller,
      ARRAY(SELECT type FROM requests WHERE tenant_id = ${tenant} UNION SELECT process FROM process_templates WHERE tenant_id = ${tenant} ORDER BY 1) AS processes,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'count', n) ORDER BY kind), '[]')
        FROM (SELECT kind, count(*) AS n FROM systems WHERE tenant_id = ${tenant} GROUP BY kind) s) AS systems`.execute(
    tx,
  );
  const { at, ...facts } = rows[0]!;
  const agreement = (await agreementInForce(tx, tenant)) ?? null;
  const countries = agreement
    ? thirdCountries({ subProcessors: agreement.sub_processors, dataLocations: agreement.data_locations })
    : [];
  return { tenant, drawnAt: at, ...facts, agreement, thirdCountries: countries };
}
