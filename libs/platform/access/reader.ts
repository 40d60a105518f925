import { sql, type RawBuilder } from 'kysely';
import { tenantsOf, type Actor } from './actor.js';
import { mayDo } from './permissions.js';

/** Who reads, as far as confidential requests go. */
export interface Reader {
  readonly subject: string;
  /** May decide on plans at the customer: such people see its confidential requests. */
  readonly decides: boolean;
  /** The customers for which the reader is an owner of the MSP: sees those that need a second person there. */
  readonly confirmsFor: readonly string[];
}

export function readerOf(actor: Actor): Reader {
  return {
    subject: actor.subject,
    decides: actor.kind === 'customer' && mayDo(actor, 'plan.decide', actor.home),
    confirmsFor: actor.kind === 'msp' ? tenantsOf({ grants: actor.grants.filter(({ role }) => role === 'owner') }) : [],
  };
}

/**
 * The condition on who sees a confidential request and what is made of it; true for every other request. The columns hold
 * the request's tenant and id. Whatever it hides has to look as if it did not exist.
 */
export function isShownTo(reader: Reader, request: { tenant: string; id: string }): RawBuilder<boolean> {
  const { subject, decides, confirmsFor } = reader;
  const tenant = sql.ref(request.tenant);
  return sql<boolean>`request_is_shown(${tenant}, ${sql.ref(request.id)}, ${subject}, ${decides}, ${tenant} = ANY (${confirmsFor}::text[]))`;
}
