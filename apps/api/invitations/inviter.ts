import { sql } from 'kysely';
import { NotAdmitted, type Invitation } from '#libs/identity';
import { mayDo, type Actor } from '#libs/platform/access';
import type { Transaction } from '#libs/platform/database';
import { RequestInvalid } from '../http/http.errors.js';
import { requireGrantable } from '../people/grant-power.js';
import { GrantTooPowerful } from '../people/person.errors.js';
import { kindOf } from '../people/person.store.js';

/**
 * Makes sure that whoever invited, or sent the invitation again, could do so now: it does not outlive their rights. What a
 * command made stands on the command's right. Throws `NotAdmitted`.
 */
export async function requireInviterStillMay(tx: Transaction, invitation: Invitation): Promise<void> {
  if (invitation.source !== 'invitation') return;
  for (const subject of await invitersOf(tx, invitation))
    for (const actor of await rightsOf(tx, subject)) if (await mayStill(tx, actor, invitation)) return;
  throw new NotAdmitted('Whoever invited you may not do so any more. Ask for a new invitation.');
}

async function invitersOf(tx: Transaction, { tenant, id, invitedBy }: Invitation): Promise<readonly string[]> {
  const again = await tx
    .selectFrom('audit_entries')
    .select('actor')
    .where('tenant_id', '=', tenant)
    .where('action', '=', 'invitation.resent')
    .where('object_id', '=', id)
    .execute();
  return [...new Set([invitedBy, ...again.map(({ actor }) => actor)])];
}

/** What somebody may do now, wherever they are at home; nothing once they are locked or their keys revoked. */
async function rightsOf(tx: Transaction, subject: string): Promise<readonly Actor[]> {
  const { rows } = await sql<Pick<Actor, 'home' | 'kind' | 'subject' | 'grants' | 'scopes' | 'machine'>>`
    SELECT * FROM rights_of_subject(${subject})`.execute(tx);
  return rows.map((row) => ({ ...row, sees: [], caller: '', method: 'api_key', secondFactor: false }));
}

async function mayStill(tx: Transaction, actor: Actor, { tenant, id, grants }: Invitation): Promise<boolean> {
  if (!mayDo(actor, 'person.write', tenant)) return false;
  const kind = await kindOf(tx, tenant);
  try {
    for (const { role, covers, coversId } of grants) {
      const wish = {
        role: role as Actor['grants'][number]['role'],
        covers,
        ...(coversId === null ? {} : { coversId }),
      };
      await requireGrantable(tx, actor, { tenant_id: tenant, invitation: id }, kind, wish);
    }
    return true;
  } catch (error) {
    if (error instanceof GrantTooPowerful || error instanceof RequestInvalid) return false;
    throw error;
  }
}
