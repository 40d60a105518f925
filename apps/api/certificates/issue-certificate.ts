import { readerOf, type Actor } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { PublishedKey, SigningKeys } from '#libs/platform/secrets';
import { readRunFacts } from '#libs/process';
import {
  certificateOf,
  certificateText,
  isRunOutcome,
  peopleOfCertificate,
  type Certificate,
} from '#libs/process/model';
import { listConfirmations, listDecisions, readRequest } from '#libs/requests';
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
async function readPeople(tx: Transaction, ref: RequestRef): Promise<ReturnType<typeof peopleOfCertificate>> {
  const request = await readRequest(tx, ref);
  const decisions = await listDecisions(tx, ref.tenant, ref.requestId);
  return peopleOfCertificate(request, decisions, await listConfirmations(tx, ref.tenant, ref.requestId));
}

async function timeZoneOf(tx: Transaction, tenant: string): Promise<string> {
  const row = await tx.selectFrom('tenants').select('time_zone').where('id', '=', tenant).executeTakeFirstOrThrow();
  return row.time_zone;
}
