import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import {
  approversNow,
  askedUntil,
  delegatesOf,
  barredFrom,
  excludedFrom,
  findRound,
  isExpired,
  listRoleHolders,
  peopleToTell,
  stateOf,
  votesEndAt,
  type ToldPerson,
} from '#libs/approvals';
import { approvalMail, Notices, type ApprovalNews } from '#libs/notify';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { MailedLinks } from '#libs/platform/mailed-links';
import type { Pulse, StepSystems } from '#libs/process';
import type { ApprovalRef, ApprovalTelling } from '../../../workflows/support/activities.js';
import { MailSystemTransport } from './mail-transport.js';

const LONGEST_LINK_HOURS = 14 * 24;

/** A question to approvers with everything that its mails tell. */
interface Question {
  readonly news: Omit<ApprovalNews, 'link' | 'kind' | 'standsInFor'>;
  readonly people: readonly ToldPerson[];
  /** When links end at the latest; null: by their own time. */
  readonly votesEnd: Date | null;
}

/** Brings questions to approvers by mail. */
export class ApprovalMailActivities {
  constructor(
    private readonly database: Database,
    private readonly systems: StepSystems,
    private readonly links: MailedLinks,
  ) {}

  /** Sends the mails that did not go out yet. One that cannot go out now does not keep the others from going. */
  async tellApprovers(task: ApprovalTelling, pulse: Pulse): Promise<void> {
    const question = await inTenants(this.database, [task.tenant], (tx) => readQuestion(tx, task));
    if (!question) return;
    const notices = new Notices(this.database, new MailSystemTransport(this.systems, pulse));
    const sent = question.people.map((person) => this.tell(notices, task, question, person));
    const failed = (await Promise.allSettled(sent)).find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
  }

  private async tell(notices: Notices, task: ApprovalTelling, question: Question, person: ToldPerson): Promise<void> {
    const { tenant, approvalId, kind, number } = task;
    const { mail, language, standsInFor } = person;
    const link = person.needsLink ? await this.offer(task, question, person) : null;
    const news = { ...question.news, kind, standsInFor, link };
    const who = createHash('sha256').update(mail.toLowerCase()).digest('hex').slice(0, 12);
    const id = `${approvalId}.${kind}-${number}.${who}`;
    await notices.send({ tenant, id, template: `approval.${kind}`, to: mail, content: approvalMail(language, news) });
  }

  private offer({ tenant, approvalId }: ApprovalRef, { votesEnd }: Question, { mail, language }: ToldPerson) {
    const link = { tenant, purpose: 'approval', objectId: approvalId, recipient: mail, language } as const;
    return this.links.offer({ ...link, validHours: LONGEST_LINK_HOURS, notAfter: votesEnd });
  }
}

/** Null when there is nothing to decide any more. */
async function readQuestion(
  tx: Transaction,
  { tenant, approvalId, kind, number }: ApprovalTelling,
): Promise<Question | null> {
  const round = await findRound(tx, tenant, approvalId);
  if (round?.row.status !== 'open' || isExpired(round)) return null;
  if (kind === 'ask' && round.row.stage !== number) return null;
  const facts = await readFacts(tx, tenant, approvalId);
  const { requester, subject } = facts;
  const excluded = await excludedFrom(tx, { tenant, requester, subject, policy: round.policy });
  const holders = await listRoleHolders(tx, tenant);
  const state = stateOf(round, barredFrom(round, excluded), holders);
  const approvers = kind === 'escalate' ? (round.policy.escalation?.to ?? []) : approversNow(state);
  const people = peopleToTell(state, approvers, holders, await delegatesOf(tx, { round, excluded }));
  const { startsAt, isConfidential, ...told } = facts;
  const expiresAt = askedUntil(round.policy, round.row.expires_at, round.readAt);
  const names = isConfidential ? { subject: null, requestedBy: null } : { subject, requestedBy: requester };
  const { customer, timeZone, process, requestId } = told;
  return {
    news: { requestId, process, customer, timeZone, startsAt, expiresAt, ...names },
    people,
    votesEnd: votesEndAt(round.policy, round.row.expires_at),
  };
}

interface Facts {
  readonly requestId: string;
  readonly process: string;
  readonly customer: string;
  readonly timeZone: string;
  readonly requester: string;
  readonly subject: string;
  readonly isConfidential: boolean;
  readonly startsAt: Date;
}

/** Of rounds about plans; nothing else is asked by mail yet. */
async function readFacts(tx: Transaction, tenant: string, approvalId: string): Promise<Facts> {
  const { rows } = await sql<Facts>`
    SELECT q.id AS "requestId", a.process, t.name AS customer, t.time_zone AS "timeZone", q.requested_by AS requester, q.subject,
      coalesce(q.confidential_until > now(), false) AS "isConfidential", (p.plan ->> 'startsAt')::timestamptz AS "startsAt"
    FROM approval_rounds a JOIN requests q ON q.tenant_id = a.tenant_id AND q.id = a.request_id
      JOIN plans p ON p.tenant_id = a.tenant_id AND p.request_id = a.request_id AND p.revision = a.subject_revision
      JOIN tenants t ON t.id = a.tenant_id
    WHERE a.tenant_id = ${tenant} AND a.id = ${approvalId}`.execute(tx);
  return rows[0]!;
}
