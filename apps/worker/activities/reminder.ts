import { sql } from 'kysely';
import type { Transaction } from '#libs/platform/database';
import type { PlanStep } from '#libs/process/model';
import type { RequestRef } from '../../../workflows/support/activities.js';

/** What of a request matters when somebody is reminded of one of its steps. */
export interface Reminded {
  readonly type: string;
  /** Whom it is about. */
  readonly subject: string;
  /** Whether it is confidential now, by the database's clock. */
  readonly isConfidential: boolean;
  /** The customer's zone (IANA). */
  readonly timeZone: string;
}

export async function readReminded(tx: Transaction, { tenant, requestId }: RequestRef): Promise<Reminded> {
  return tx
    .selectFrom('requests')
    .innerJoin('tenants', 'tenants.id', 'requests.tenant_id')
    .select(['requests.type', 'requests.subject', 'tenants.time_zone as timeZone'])
    .select(sql<boolean>`coalesce(requests.confidential_until > now(), false)`.as('isConfidential'))
    .where('requests.tenant_id', '=', tenant)
    .where('requests.id', '=', requestId)
    .executeTakeFirstOrThrow();
}

/** The text of a reminder, in the customer's time. While the request is confidential it names nothing but the request. */
export function reminderText(
  step: Pick<PlanStep, 'title' | 'input' | 'manual'>,
  request: Pick<Reminded, 'isConfidential' | 'timeZone'> & { readonly id: string },
): { subject: string; text: string } {
  const at = new Date(step.manual!.dueAt);
  const due = dueText('en-GB', at, request.timeZone);
  const faellig = dueText('de-DE', at, request.timeZone);
  if (request.isConfidential) {
    const { id } = request;
    return {
      subject: `Due ${due}: a step of request ${id} / Fällig`,
      text: `A step of the request ${id} waits for you (due ${due}). It is confidential: sign in to see it.\n\nEin Schritt der Anfrage ${id} wartet auf Sie (fällig ${faellig}). Sie ist vertraulich: nach der Anmeldung ist sie zu sehen.\n`,
    };
  }
  const { instructions } = step.input;
  const more = typeof instructions === 'string' ? `\n\n${instructions}` : '';
  return {
    subject: `Due ${due}: ${step.title} / Fällig`,
    text: `This step waits for you: ${step.title} (due ${due}).${more}\n\nDieser Schritt wartet auf Sie: ${step.title} (fällig ${faellig}).\n`,
  };
}

function dueText(locale: string, at: Date, timeZone: string): string {
  const day = { day: 'numeric', month: 'short', year: 'numeric' } as const;
  const hour = { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' } as const;
  return new Intl.DateTimeFormat(locale, { timeZone, ...day, ...hour }).format(at);
}
