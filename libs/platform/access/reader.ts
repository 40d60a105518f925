import { sql, type RawBuilder } from 'kysely';
import type { Actor } from './actor.js';
import { mayDo } from './permissions.js';

/** Who reads, as far as confidential requests go. */
export interface Reader {
  readonly subject: string;
  /** May decide on plans at the customer: such people see its confidential requests. */
  readonly decides: boolean;
  /** An owner of the MSP: sees those that need a second person there. */
  readonly confirms: boolean;
}

export function readerOf(actor: Actor): Reader {
  return {
    subject: actor.subject,
    decides: actor.kind === 'customer' && mayDo(actor, 'plan.decide'),
    confirms: actor.kind === 'msp' && actor.role === 'owner',
  };
}

/**
 * The condition on who sees a confidential request and what is made of it; true for every other request. The columns hold
 * the request's tenant and id. Whatever it hides has to look as if it did not exist.
 */
export function isShownTo(reader: Reader, request: { tenant: string; id: string }): RawBuilder<boolean> {
  const { subject, decides, confirms } = reader;
  return sql<boolean>`request_is_shown(${sql.ref(request.tenant)}, ${sql.ref(request.id)}, ${subject}, ${decides}, ${confirms})`;
}
