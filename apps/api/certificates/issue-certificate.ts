import type { Json } from '#libs/kernel';
import { readerOf, type Actor } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { PublishedKey, SigningKeys } from '#libs/platform/secrets';
import { readRunFacts } from '#libs/process';
import {
  certificateOf,
  certificateText,
  isRunOutcome,
  type Asked,
  type Certificate,
  type Confirmed,
  type Decided,
} from '#libs/process/model';
import { listConfirmations, listDecisions, readRequest, type ConfirmationRow, type DecisionRow } from '#libs/requests';
import { requireShownRun } from '../runs/read-runs.js';
import { RunNotFinished } from '../runs/run.errors.js';
import { SigningKeyMissing } from './certificate.errors.js';

/** A certificate with what belongs to it but not into it. */
export interface IssuedCertificate {
  readonly certificate: Certificate;
  /** The bytes that are signed; the same run gives the same ones. */
  readonly bytes: Buffer;
  /** IANA zone of the customer. */
  readonly timeZone: string;
}

/** Tells of a run that has ended what was asked, approved, done and proven, and signs it. */
export class IssueCertificate {
  constructor(
    private readonly database: Database,
    private readonly keys: SigningKeys | null,
  ) {}

  /** Throws `RunNotFound` or `RunNotFinished`. */
  async issue(actor: Actor, runId: string): Promise<IssuedCertificate> {
    return inTenants(this.database, actor.sees, async (tx) => {
      const { tenant_id: tenant, request_id, status } = await requireShownRun(tx, readerOf(actor), actor.sees, runId);
      if (!isRunOutcome(status)) throw new RunNotFinished(`The run is ${status}. Ask again after its end.`);
      const facts = await readRunFacts(tx, tenant, runId);
      const people = await readPeople(tx, { tenant, requestId: request_id });
      const certificate = certificateOf({ ...facts, ...people });
      const timeZone = await timeZoneOf(tx, tenant);
      return { certificate, bytes: Buffer.from(certificateText(certificate)), timeZone };
    });
  }

  /** The detached signature. Throws `RunNotFound`, `RunNotFinished` or `SigningKeyMissing`. */
  async sign(actor: Actor, runId: string): Promise<string> {
    const { bytes, certificate } = await this.issue(actor, runId);
    const signature = this.signingKeys().sign(bytes);
    const { tenant } = certificate.run;
    const { requestId } = certificate.asked;
    await inTenants(this.database, [tenant], (tx) =>
      appendAudit(tx, tenant, {
        ...{
          action: 'certificate.signed',
          actor: actor.subject,
          object: { kind: 'run', id: runId },
          request: requestId,
        },
        after: { key: this.keyId },
      }),
    );
    return signature;
  }

  /** The keys that signatures are checked with, the present one first. Throws `SigningKeyMissing`. */
  publishedKeys(): readonly PublishedKey[] {
    return this.signingKeys().published;
  }

  /** Names the key that signs; null where none does. */
  get keyId(): string | null {
    return this.keys?.published[0]!.kid ?? null;
  }

  private signingKeys(): SigningKeys {
    if (!this.keys)
      throw new SigningKeyMissing('Set STELLWERK_SIGNING_KEY_FILE of the api; the certificate itself can be had.');
    return this.keys;
  }
}

type RequestRef = { readonly tenant: string; readonly requestId: string };

/** Who asked, decided and confirmed. */
async function readPeople(
  tx: Transaction,
  ref: RequestRef,
): Promise<{ asked: Asked; decided: Decided[]; confirmed: Confirmed[] }> {
  const request = await readRequest(tx, ref);
  const asked = {
    requestId: request.id,
    type: request.type,
    by: request.requested_by,
    at: request.requested_at.toISOString(),
    body: request.body as unknown as Json,
  };
  const decisions = await listDecisions(tx, ref.tenant, ref.requestId);
  const confirmations = await listConfirmations(tx, ref.tenant, ref.requestId);
  return { asked, decided: decisions.map(decided), confirmed: confirmations.map(confirmed) };
}

function decided(row: DecisionRow): Decided {
  const { revision, plan_hash: planHash, decision, decided_by: by, reason } = row;
  const effectiveAt = row.effective_at?.toISOString() ?? null;
  return { revision, planHash, decision, by, at: row.decided_at.toISOString(), effectiveAt, reason };
}

function confirmed(row: ConfirmationRow): Confirmed {
  const { revision, plan_hash: planHash, confirmed_by: by, reason, codes } = row;
  return { revision, planHash, by, at: row.confirmed_at.toISOString(), reason, codes };
}

async function timeZoneOf(tx: Transaction, tenant: string): Promise<string> {
  const row = await tx.selectFrom('tenants').select('time_zone').where('id', '=', tenant).executeTakeFirstOrThrow();
  return row.time_zone;
}
