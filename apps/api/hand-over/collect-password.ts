import { linkRevealed } from '#libs/events';
import { standingOf } from '#libs/identity';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, setTenants, type Database, type Transaction } from '#libs/platform/database';
import { appendEvent, type OutboxHint } from '#libs/platform/outbox';
import {
  collectSecret,
  findLink,
  findLinkOfToken,
  isLinkToken,
  tenantOfToken,
  type OneTimeLink,
} from '#libs/platform/secrets';
import { appendTimeline } from '#libs/process';
import type { HandOverView } from './hand-over.page.js';

/** Nobody signs in to collect a password. */
const HOLDER = 'holder of the link';
const UNKNOWN: HandOverView = { kind: 'unknown' };
const HELD: HandOverView = { kind: 'held' };

/** What somebody who holds a one-time link can do: look at it as often as they like, and collect the password once. */
export class CollectPassword {
  constructor(
    private readonly database: Database,
    private readonly hint: OutboxHint,
  ) {}

  /** How the link stands. Uses nothing up and decrypts nothing: mail scanners open every link. */
  async look(token: string): Promise<HandOverView> {
    const tenant = isLinkToken(token) ? await tenantOfToken(this.database, token) : null;
    if (tenant === null) return UNKNOWN;
    return inTenants(this.database, [tenant], async (tx) => {
      const link = await findLinkOfToken(tx, tenant, token);
      if (!link) return UNKNOWN;
      return (await isHeld(tx, tenant)) ? HELD : viewOf(tx, link);
    });
  }

  /** Shows the password to the first who asks; the collection, its event and its line in the history commit together. */
  async collect(token: string): Promise<HandOverView> {
    if (!isLinkToken(token)) return UNKNOWN;
    const view = await this.database.transaction().execute(async (tx): Promise<HandOverView> => {
      const tenant = await tenantOfToken(tx, token);
      if (tenant === null) return UNKNOWN;
      await setTenants(tx, [tenant]);
      const link = await findLinkOfToken(tx, tenant, token);
      if (!link) return UNKNOWN;
      if (await isHeld(tx, tenant)) return HELD;
      const password = await collectSecret(tx, link, token);
      const now = (await findLink(tx, tenant, link.id))!;
      if (password === null) return now.state === 'open' ? { kind: 'unavailable' } : viewOf(tx, now);
      await putOnRecord(tx, now);
      return { kind: 'password', password };
    });
    if (view.kind === 'password') this.hint.give();
    return view;
  }
}

/** The customer is suspended, leaves or has left: nobody there is let in, whether by an account or by a link. */
async function isHeld(tx: Transaction, tenant: string): Promise<boolean> {
  return (await standingOf(tx, tenant)).standing !== null;
}

async function viewOf(tx: Transaction, link: OneTimeLink): Promise<HandOverView> {
  if (link.state !== 'open') return { kind: link.state };
  const { time_zone: timeZone } = await tx
    .selectFrom('tenants')
    .select('time_zone')
    .where('id', '=', link.tenant)
    .executeTakeFirstOrThrow();
  return { kind: 'offer', expiresAt: link.expiresAt, timeZone };
}

async function putOnRecord(tx: Transaction, link: OneTimeLink): Promise<void> {
  const { tenant, id: linkId, runId, stepId, collectedAt } = link;
  const { request_id: requestId } = await tx
    .selectFrom('runs')
    .select('request_id')
    .where('tenant_id', '=', tenant)
    .where('id', '=', runId)
    .executeTakeFirstOrThrow();
  await appendTimeline(tx, tenant, runId, [{ kind: 'password_collected', who: HOLDER, stepId, data: { linkId } }]);
  const object = { kind: 'one_time_link', id: linkId };
  const after = { run: runId, step: stepId };
  await appendAudit(tx, tenant, { action: 'password.collected', actor: HOLDER, object, request: requestId, after });
  const aggregate = `run/${runId}`;
  const origin = { tenant, aggregate, correlationId: requestId, causationId: null, at: collectedAt! };
  await appendEvent(tx, linkRevealed, origin, { linkId, requestId, runId, stepId });
}
