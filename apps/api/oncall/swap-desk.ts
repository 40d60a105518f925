import type { Json } from '#libs/kernel';
import {
  answerSwap,
  findSchedule,
  findSwap,
  insertOverride,
  insertSwap,
  recordOf,
  shiftsOf,
  SwapImpossible,
  SwapNotFound,
  swapsOf,
  type ScheduleRecord,
  type SwapRow,
} from '#libs/oncall';
import { PermissionDenied, requirePermission, type Actor } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { CallKey } from '#libs/platform/idempotency';
import type { FindTenant } from '../access/access.decorators.js';
import type { Writer } from '../access/caller.js';
import { LARGEST_PAGE } from '../http/page.query.js';
import { createOnce } from '../tenants/tenancy-record.js';
import { required, requirePeople, scheduleNotFound } from './schedule-desk.js';
import type { SwapAnswerDto, SwapDto } from './schedule.dto.js';
import { swapView, type SwapsView, type SwapView } from './schedule.view.js';
import { spanOf } from './spans.js';

interface Span {
  readonly from: Date;
  readonly to: Date;
}

/** Swaps: proposed by one person, and nothing until the other accepts. */
export class SwapDesk {
  constructor(private readonly database: Database) {}

  /** Throws `ScheduleNotFound`. */
  list(actor: Actor, id: string): Promise<SwapsView> {
    return inTenants(this.database, actor.sees, async (tx) => {
      const schedule = await findSchedule(tx, actor.sees, id);
      if (!schedule) throw scheduleNotFound(id);
      return { items: (await swapsOf(tx, schedule.tenant_id, id, LARGEST_PAGE)).map(swapView) };
    });
  }

  /**
   * Throws `ScheduleNotFound`, `SpanInvalid`, `OnCallPersonUnknown`, `SwapImpossible`, `PermissionDenied` for somebody
   * else’s without the right to enter spans, and what an idempotent call throws.
   */
  propose(call: CallKey, { actor, tenant }: Writer, scheduleId: string, body: SwapDto): Promise<SwapView> {
    const { giver = actor.subject, taker } = body;
    if (giver !== actor.subject) requirePermission(actor, 'oncall.write', tenant);
    const gives = spanOf(body.gives, 'gives.');
    const takes = body.takes === undefined || body.takes === null ? null : spanOf(body.takes, 'takes.');
    return createOnce(this.database, call, async (tx) => {
      const schedule = await required(tx, tenant, scheduleId);
      await requirePeople(tx, tenant, [taker], () => 'taker');
      const swap = { scheduleId, giver, taker, gives, takes };
      requireTheirs(await recordOf(tx, schedule, earliestOf(swap)), swap);
      const row = await insertSwap(tx, tenant, swap, actor.subject);
      await onRecord(tx, row, 'oncall_swap.proposed', actor);
      return swapView(row);
    });
  }

  /**
   * The other person’s answer; accepting it enters the spans. A repeat of the same answer changes nothing. Throws
   * `SwapNotFound`, `SwapImpossible`, or `PermissionDenied` for anybody else.
   */
  answer({ actor, tenant }: Writer, id: string, { answer }: SwapAnswerDto): Promise<SwapView> {
    return inTenants(this.database, [tenant], async (tx) => {
      const swap = await findSwap(tx, [tenant], id);
      if (!swap) throw swapNotFound(id);
      if (swap.taker !== actor.subject)
        throw new PermissionDenied(`Only ${swap.taker} can answer this. An operator enters spans for others instead.`);
      const schedule = await required(tx, tenant, swap.schedule_id);
      const answered = await answerSwap(tx, swap, answer, actor.subject);
      if (!answered) return repeated(await findSwap(tx, [tenant], id), answer);
      if (answer === 'accepted') {
        const spans = spansOf(answered);
        requireTheirs(await recordOf(tx, schedule, earliestOf(spans)), spans);
        await enter(tx, answered, actor);
      }
      await onRecord(tx, answered, `oncall_swap.${answer}`, actor);
      return swapView(answered);
    });
  }
}

/** Whose a swap is. Throws `SwapNotFound`. */
export const tenantOfSwap: FindTenant = async (tx, tenants, id) => {
  const row = await findSwap(tx, tenants, id);
  if (!row) throw swapNotFound(id);
  return row.tenant_id;
};

interface Swap {
  readonly giver: string;
  readonly taker: string;
  readonly gives: Span;
  readonly takes: Span | null;
}

function spansOf(row: SwapRow): Swap {
  const takes = row.takes_from && row.takes_to ? { from: row.takes_from, to: row.takes_to } : null;
  return { giver: row.giver, taker: row.taker, gives: { from: row.gives_from, to: row.gives_to }, takes };
}

function earliestOf({ gives, takes }: Swap): number {
  return Math.min(gives.from.getTime(), takes?.from.getTime() ?? Infinity);
}

/** Throws `SwapImpossible` unless each is on call all of what they give. */
function requireTheirs(record: ScheduleRecord, { giver, taker, gives, takes }: Swap): void {
  if (giver === taker) throw new SwapImpossible(`${giver} has it already. Name somebody else who takes it.`);
  const isTheirs = (person: string, { from, to }: Span): boolean => {
    const shifts = shiftsOf(record, from.getTime(), to.getTime());
    const isWhole = shifts.reduce((ms, shift) => ms + shift.to - shift.from, 0) === to.getTime() - from.getTime();
    return isWhole && shifts.every((shift) => shift.person === person);
  };
  const missing = !isTheirs(giver, gives) ? [giver, gives] : takes && !isTheirs(taker, takes) ? [taker, takes] : null;
  if (!missing) return;
  const [person, { from, to }] = missing as [string, Span];
  throw new SwapImpossible(
    `${person} is not on call from ${from.toISOString()} to ${to.toISOString()} throughout. Look at the shifts again.`,
  );
}

async function enter(tx: Transaction, swap: SwapRow, { subject }: Actor): Promise<void> {
  const { giver, taker, gives, takes } = spansOf(swap);
  const half = { scheduleId: swap.schedule_id, reason: null, swapId: swap.id };
  await insertOverride(tx, swap.tenant_id, { ...half, person: taker, ...gives }, subject);
  if (takes) await insertOverride(tx, swap.tenant_id, { ...half, person: giver, ...takes }, subject);
}

function repeated(now: SwapRow | undefined, answer: string): SwapView {
  if (now?.status === answer) return swapView(now);
  throw new SwapImpossible(`It was ${now?.status ?? 'answered'} before. Propose another one.`);
}

function swapNotFound(id: string): SwapNotFound {
  return new SwapNotFound(`There is no swap ${id}, or you may not see it.`);
}

async function onRecord(tx: Transaction, swap: SwapRow, action: string, { subject: actor }: Actor): Promise<void> {
  const object = { kind: 'oncall_swap', id: swap.id };
  await appendAudit(tx, swap.tenant_id, { action, actor, object, after: swapView(swap) as unknown as Json });
}
