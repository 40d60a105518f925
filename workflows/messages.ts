import { defineSignal } from '@temporalio/workflow';
import type { RunAct } from '#libs/process/model';

/** Workflow types by process; the type's name never changes. */
export type ProcessName = 'offboarding' | 'reinstatement' | 'onboarding' | 'mover' | 'absence';

/** What starts a planned run. Everything else is read by activities. */
export interface PlannedRunInput {
  readonly tenant: string;
  readonly requestId: string;
  /** The event that started it. */
  readonly eventId: string;
  /** Set when continued as new. */
  readonly resume?: unknown;
}

/** A person's decision on a plan; final before it is sent (design, rule 2). */
export interface DecisionMessage {
  readonly eventId: string;
  readonly decision: 'approve' | 'reject';
  readonly revision: number;
  readonly planHash: string;
  /** Both are absent since version 2 of the events: our tables say who decided and why. */
  readonly decidedBy?: string;
  readonly reason?: string | null;
}

/** A person's intervention in a run. */
export interface ActMessage {
  readonly eventId: string;
  readonly act: RunAct;
  /** Our tables hold the act and its effect on steps already; without it the workflow still has to commit that. */
  readonly recorded?: boolean;
  /** Only in messages that are not recorded. */
  readonly by?: string;
}

export const decisionSignal = defineSignal<[DecisionMessage]>('decision');
export const actSignal = defineSignal<[ActMessage]>('act');

/** Which tasks of a queue go first; Temporal knows 1 (first) to 5, and 3 unless it is told. */
export const TURN = {
  /** Steps that lock a leaver out. They were approved one by one and held against the brake, so they stay few. */
  accessCritical: 1,
  usual: 3,
  /** What a file of requests brings by hundreds, and what may come a little later: plans, looks for drift, mails. */
  bulk: 4,
} as const;

/** Within one priority Temporal serves tenants in turn, so that the flood of one does not delay the others (ADR 34). */
export function turnOf(
  tenant: string,
  priorityKey: number = TURN.usual,
): { readonly fairnessKey: string; readonly priorityKey: number } {
  return { fairnessKey: tenant, priorityKey };
}

/** The workflow's id: tenant, process and our UUID, never a name (design, rule 2). */
export function workflowIdOf(tenant: string, process: ProcessName, requestId: string): string {
  return `${tenant}/${process}/${requestId}`;
}

/** What starts the rework of a run that had ended: steps that failed are tried again. */
export interface ReworkInput {
  readonly tenant: string;
  readonly requestId: string;
  readonly runId: string;
  /** Set when continued as new. */
  readonly resume?: unknown;
}

/** A rework belongs to the act that ordered it: a run can be reworked more than once. */
export const REWORK = 'rework';

export function reworkIdOf(tenant: string, actId: string): string {
  return `${tenant}/${REWORK}/${actId}`;
}

/** The audit workflow that compares our open requests with Temporal. One per installation. */
export const RECONCILER = { workflowType: 'reconcile', workflowId: 'stellwerk/reconcile' } as const;

export interface ReconcileInput {
  readonly everySeconds: number;
  /** Where the round goes on, when continued as new within one. */
  readonly after?: string;
}

/** Small workflows that serve something in our tables: `<tenant>/<workflow>/<id>`, one per thing. */
export type ServedWorkflow =
  | 'approval'
  | 'handover'
  | 'departure'
  | 'erasure'
  | 'alarm'
  | 'invitation'
  | 'retention'
  | 'ticketMail'
  | 'sla'
  | 'retargeting';

/** What starts a workflow that serves something. Everything else is read by activities. */
export interface ServedInput {
  readonly tenant: string;
  readonly id: string;
}

export function servedIdOf(tenant: string, workflow: ServedWorkflow, id: string): string {
  return `${tenant}/${workflow}/${id}`;
}

/** What starts the following of a change of what is promised. */
export interface RetargetingInput extends ServedInput {
  /** The last ticket that was looked at; set when continued as new. */
  readonly after?: { readonly tenant: string; readonly id: string } | null;
  /** 1, then 2: the look that finds what was opened meanwhile. */
  readonly round?: number;
}

/** Something changed in our tables: a workflow that serves it looks again. */
export interface NewsMessage {
  readonly eventId: string;
}

export const approvalNewsSignal = defineSignal<[NewsMessage]>('approvalNews');
export const departureNewsSignal = defineSignal<[NewsMessage]>('departureNews');
export const alarmNewsSignal = defineSignal<[NewsMessage]>('alarmNews');

/** What starts the telling of an alarm. */
export interface AlarmInput extends ServedInput {
  /** How often owners were told; set when continued as new. */
  readonly told?: number;
}
export const retentionNewsSignal = defineSignal<[NewsMessage]>('retentionNews');
export const slaNewsSignal = defineSignal<[NewsMessage]>('slaNews');
export const invitationNewsSignal = defineSignal<[NewsMessage]>('invitationNews');

/** What starts the watch over a ticket's clocks. */
export interface SlaInput extends ServedInput {
  /** The ids of the last events that it heard of; set when continued as new. */
  readonly heard?: readonly string[];
}

/** What starts the telling of one event to one subscription. */
export interface WebhookInput {
  readonly tenant: string;
  readonly deliveryId: string;
  /** The next try; set when continued as new. */
  readonly attempt?: number;
}

export const WEBHOOK = 'webhook';

export function webhookIdOf(tenant: string, deliveryId: string): string {
  return `${tenant}/${WEBHOOK}/${deliveryId}`;
}
