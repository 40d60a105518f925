import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import {
  approversNow,
  delegatesOf,
  barredFrom,
  excludedFrom,
  findRound,
  listRoleHolders,
  peopleToTell,
  stateOf,
  type ToldPerson,
} from '#libs/approvals';
import { approvalMail, Notices, type ApprovalNews } from '#libs/notify';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { MailedLinks } from '#libs/platform/mailed-links';
import type { Pulse, StepSystems } from '#libs/process';
import type { ApprovalRef, ApprovalTelling } from '../../../workflows/support/activities.js';
import { MailSystemTransport } from './mail-transport.js';

const LONGEST_LINK_HOURS = 14 * 24;
const HOUR_MS = 3_600_000;

/** A question to approvers with everything that its mails tell. */
interface Question {
  readonly news: Omit<ApprovalNews, 'link' | 'kind' | 'standsInFor'>;
  readonly people: readonly ToldPerson[];
  /** How long a link is valid that is sent now. */
  readonly linkHours: number;
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

  private offer({ tenant, approvalId }: ApprovalRef, { linkHours }: Question, { mail, language }: ToldPerson) {
    const link = { tenant, purpose: 'approval', objectId: approvalId, recipient: mail, language } as const;
    return this.links.offer({ ...link, validHours: linkHours });
  }
}

/** Null when there is nothing to decide any more. */
async function readQuestion(
  tx: Transaction,
  { tenant, approvalId, kind, number }: ApprovalTelling,
): Promise<Question | null> {
  const round = await findRound(tx, tenant, approvalId);
  if (round?.row.status !== 'open' || (kind === 'ask' && round.row.stage !== number)) return null;
  const facts = await readFacts(tx, tenant, approvalId);
  const { requester, subject } = facts;
  const excluded = await excludedFrom(tx, { tenant, requester, subject, policy: round.policy });
  const state = stateOf(round, barredFrom(round, excluded));
  const approvers = kind === 'escalate' ? (round.policy.escalation?.to ?? []) : approversNow(state);
  const holders = await listRoleHolders(tx, tenant);
  const people = peopleToTell(state, approvers, holders, await delegatesOf(tx, round));
  const { now, startsAt, expiresAt, isConfidential, ...told } = facts;
  const left = expiresAt === null ? Infinity : (expiresAt.getTime() - now.getTime()) / HOUR_MS;
  const names = isConfidential ? { subject: null, requestedBy: null } : { subject, requestedBy: requester };
  const { customer, timeZone, process, requestId } = told;
  return {
    news: { requestId, process, customer, timeZone, startsAt, expiresAt, ...names },
    people,
    linkHours: Math.min(LONGEST_LINK_HOURS, Math.max(1, Math.ceil(left))),
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
  readonly expiresAt: Date | null;
  readonly now: Date;
}

/** Of rounds about plans; nothing else is asked by mail yet. */
async function readFacts(tx: Transaction, tenant: string, approvalId: string): Promise<Facts> {
  const { rows } = await sql<Facts>`
    SELECT q.id AS "requestId", a.process, t.name AS customer, t.time_zone AS "timeZone", q.requested_by AS requester, q.subject,
      coalesce(q.confidential_until > now(), false) AS "isConfidential", (p.plan ->> 'startsAt')::timestamptz AS "startsAt",
      a.expires_at AS "expiresAt", now() AS now
    FROM approval_rounds a JOIN requests q ON q.tenant_id = a.tenant_id AND q.id = a.request_id
      JOIN plans p ON p.tenant_id = a.tenant_id AND p.request_id = a.request_id AND p.revision = a.subject_revision
      JOIN tenants t ON t.id = a.tenant_id
    WHERE a.tenant_id = ${tenant} AND a.id = ${approvalId}`.execute(tx);
  return rows[0]!;
}
