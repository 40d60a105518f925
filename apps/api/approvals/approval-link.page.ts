import {
  askedUntil,
  barredFrom,
  excludedFrom,
  findRound,
  isApprover,
  isExpired,
  isVoteOf,
  listRoleHolders,
  mailSubject,
  namesOfPerson,
  stateOf,
  toGivenVote,
  type Round,
  type Voter,
} from '#libs/approvals';
import { AppError } from '#libs/kernel';
import type { Transaction } from '#libs/platform/database';
import type { MailedLink } from '#libs/platform/mailed-links';
import type { OutboxHint } from '#libs/platform/outbox';
import type { Plan } from '#libs/process/model';
import { findPlan, findRequest, type StoredRequest, type Verdict } from '#libs/requests';
import type { PageLanguage } from '../http/html.js';
import {
  RefusedAct,
  type ActedByLink,
  type LinkAnswer,
  type LinkForm,
  type LinkPage,
} from '../mailed-links/link-page.js';
import { toldPage } from '../pages/page.js';
import { decideOn, type Outcome } from '../requests/decide-plan.js';
import { holdAnyRequest } from '../requests/open-plan.js';
import { planPage } from './approval-plan.parts.js';
import { APPROVAL_TEXTS, type NotDecidable } from './approval-page.texts.js';

const LONGEST_REASON = 2000;
// what the API refuses in a text elsewhere, too
const UNPRINTABLE = /[^\P{Cc}\n\r\t]|\p{Cs}/u;

/** What a link is about, and whose vote it is. */
interface Asked {
  readonly round: Round;
  readonly request: StoredRequest;
  readonly voter: Voter;
}

/** Lets somebody without an account see the plan and decide on it, by a link in a mail. */
export class ApprovalLinkPage implements LinkPage {
  readonly purpose = 'approval';

  constructor(private readonly hint: OutboxHint) {}

  async show(tx: Transaction, link: MailedLink, language: PageLanguage): Promise<LinkAnswer> {
    const asked = await readAsked(tx, link);
    const not = asked ? await notDecidable(tx, asked) : 'withdrawn';
    if (!asked || not) return told(not ?? 'withdrawn', language);
    const { tenant_id: tenant, id, plan_revision: revision, requested_by: requestedBy } = asked.request;
    const row = (await findPlan(tx, tenant, id, revision))!;
    const customer = await tx
      .selectFrom('tenants')
      .select(['name', 'time_zone'])
      .where('id', '=', tenant)
      .executeTakeFirstOrThrow();
    const shown = {
      plan: row.plan as Plan,
      customer: customer.name,
      timeZone: customer.time_zone,
      requestedBy,
      expiresAt: askedUntil(asked.round.policy, asked.round.row.expires_at, asked.round.readAt),
      isDifference: row.drift !== null,
      confirmations: row.confirmations,
      linkExpiresAt: link.expiresAt,
    };
    return { page: planPage(shown, language) };
  }

  /** A vote like any other, bound to the hash of the plan that the link was sent for. */
  async act(tx: Transaction, link: MailedLink, form: LinkForm, language: PageLanguage): Promise<ActedByLink> {
    const texts = APPROVAL_TEXTS[language];
    const given = givenBy(form);
    if (!given) return { status: 422, usesUp: false, page: toldPage(texts.choose) };
    const found = await findRound(tx, link.tenant, link.objectId);
    if (!found?.row.request_id) return { ...told('withdrawn', language), usesUp: false };
    const held = await holdAnyRequest(tx, link.tenant, found.row.request_id);
    // read again: who else decides holds the request, too
    const asked = (await readAsked(tx, link))!;
    const not = await notDecidable(tx, asked);
    if (not) return { ...told(not, language), usesUp: false };
    const cast = { ...given, voter: asked.voter, planHash: asked.round.row.subject_hash, linkId: link.id };
    try {
      const outcome = await decideOn(tx, held, cast);
      return { usesUp: true, page: toldPage(texts.done[doneBy(given.decision, outcome)]) };
    } catch (error) {
      // the customer's rules have changed since it was asked: what they say is for the reader, and nothing was written
      if (!(error instanceof AppError) || error.kind === 'internal' || error.kind === 'unavailable') throw error;
      const page = toldPage([texts.refused, error.message, texts.unused]);
      throw new RefusedAct({ status: 409, page, refusal: error.code });
    }
  }

  afterwards(): void {
    this.hint.give();
  }
}

async function readAsked(tx: Transaction, link: MailedLink): Promise<Asked | null> {
  const round = await findRound(tx, link.tenant, link.objectId);
  if (!round?.row.request_id) return null;
  const request = await findRequest(tx, [link.tenant], round.row.request_id);
  const subject = mailSubject(link.recipient);
  const alsoKnownAs = await namesOfPerson(tx, link.tenant, [subject]);
  return request ? { round, request, voter: { subject, alsoKnownAs, roles: [] } } : null;
}

/** Why this person cannot decide on this plan now, or null. */
async function notDecidable(tx: Transaction, { round, request, voter }: Asked): Promise<NotDecidable | null> {
  const { row, policy, votes } = round;
  const { tenant_id: tenant, requested_by: requester, subject } = request;
  const isSame = (one: string): boolean => one.toLowerCase() === voter.subject.toLowerCase();
  if (row.status === 'superseded' || request.plan_hash !== row.subject_hash) return 'superseded';
  if (votes.some((vote) => isVoteOf(toGivenVote(vote), voter))) return 'voted';
  if (row.status !== 'open') return row.status;
  if (isExpired(round)) return 'expired';
  const excluded = await excludedFrom(tx, { tenant, requester, subject, policy });
  if (excluded.requester.some(isSame)) return 'requester';
  if (excluded.subject.some(isSame)) return 'subject';
  if (excluded.gone.some(isSame)) return 'not_asked';
  const holders = await listRoleHolders(tx, tenant);
  return isApprover(stateOf(round, barredFrom(round, excluded), holders), voter) ? null : 'not_asked';
}

function told(not: NotDecidable, language: PageLanguage): LinkAnswer {
  return {
    status: not === 'requester' || not === 'subject' ? 403 : 410,
    page: toldPage(APPROVAL_TEXTS[language].not[not]),
    refusal: not,
  };
}

/** What the form says; null when it says nothing that can be decided by. */
function givenBy(form: LinkForm): { readonly decision: Verdict; readonly reason: string | null } | null {
  const decision = form.get('decision');
  const reason = form.get('reason')?.replaceAll('\r\n', '\n').trim() ?? '';
  if (decision !== 'approve' && decision !== 'reject') return null;
  if (reason.length > LONGEST_REASON || UNPRINTABLE.test(reason)) return null;
  if (decision === 'reject' && reason === '') return null;
  return { decision, reason: reason === '' ? null : reason };
}

function doneBy(decision: Verdict, { waitingFor }: Outcome): 'approved' | 'rejected' | 'counted' | 'second_person' {
  if (waitingFor?.kind === 'second_person') return 'second_person';
  if (waitingFor) return 'counted';
  return decision === 'approve' ? 'approved' : 'rejected';
}
