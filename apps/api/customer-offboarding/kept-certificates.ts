import { isId } from '#libs/kernel';
import type { Actor } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database } from '#libs/platform/database';
import type { SigningKeys } from '#libs/platform/secrets';
import { findRunProof, listRunProofs } from '#libs/process';
import { findErasure } from '#libs/tenancy';
import { SigningKeyMissing } from '../certificates/certificate.errors.js';
import { invalidCursor, readCursor, writeCursor } from '../http/cursor.js';
import type { CursorQuery } from '../http/page.query.js';
import { RunNotFound } from '../runs/run.errors.js';
import { ErasureNotFound } from './erasure.errors.js';
import { keptCertificateView, type KeptCertificatePageView } from './kept-certificate.view.js';

const LIST = 'kept-certificates';

/** What is kept of the certificates of a customer that was erased. Only who holds the MSP itself sees it: the customer is nobody's any more. */
export class KeptCertificates {
  constructor(
    private readonly database: Database,
    private readonly keys: SigningKeys | null,
  ) {}

  /** By the ids of the runs. Throws `ErasureNotFound` or `InvalidCursor`. */
  async list(actor: Actor, erasureId: string, { cursor, limit }: CursorQuery): Promise<KeptCertificatePageView> {
    const after = placeIn(cursor, erasureId);
    const customer = await this.customerOf(actor, erasureId);
    const rows = await inTenants(this.database, [customer], (tx) =>
      listRunProofs(tx, customer, { after, limit: limit + 1 }),
    );
    const shown = rows.slice(0, limit);
    const nextCursor = rows.length > limit ? writeCursor([LIST, erasureId, shown.at(-1)!.run_id]) : null;
    return { items: shown.map(keptCertificateView), nextCursor };
  }

  /** The bytes that are signed. Throws `ErasureNotFound` or `RunNotFound`. */
  async proof(actor: Actor, erasureId: string, runId: string): Promise<string> {
    const customer = await this.customerOf(actor, erasureId);
    const proof = await inTenants(this.database, [customer], (tx) => findRunProof(tx, customer, runId));
    if (proof === null) throw new RunNotFound(`Nothing is kept of a run ${runId}.`);
    return proof;
  }

  /** Their detached signature, on record. Throws `ErasureNotFound`, `RunNotFound` or `SigningKeyMissing`. */
  async sign(actor: Actor, erasureId: string, runId: string): Promise<string> {
    const proof = await this.proof(actor, erasureId, runId);
    const { keys } = this;
    if (!keys)
      throw new SigningKeyMissing('Set STELLWERK_SIGNING_KEY_FILE of the api; what is kept can be had without.');
    const object = { kind: 'tenant_erasure', id: erasureId };
    const after = { run: runId, key: keys.published[0]!.kid };
    await inTenants(this.database, [actor.home], (tx) =>
      appendAudit(tx, actor.home, { action: 'run_proof.signed', actor: actor.subject, object, after }),
    );
    return keys.sign(Buffer.from(proof));
  }

  private async customerOf({ home, sees }: Actor, id: string): Promise<string> {
    const erasure = sees.includes(home)
      ? await inTenants(this.database, [home], (tx) => findErasure(tx, home, id))
      : undefined;
    if (!erasure) throw new ErasureNotFound(`There is no erasure ${id}, or you may not see it.`);
    return erasure.customer;
  }
}

/** The run after which a page begins; null for the first. Throws `InvalidCursor`. */
function placeIn(cursor: string | undefined, erasureId: string): string | null {
  if (cursor === undefined) return null;
  const [list, erasure, run, ...rest] = readCursor(cursor);
  const isOurs = list === LIST && erasure === erasureId && typeof run === 'string' && isId(run) && rest.length === 0;
  if (!isOurs) throw invalidCursor();
  return run;
}
