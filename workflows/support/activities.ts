import type { RoundSchedule } from '#libs/approvals/model';
import type { RunGraph, RunOutcome, RunState, RunStatus, Sharing, StepResult, WaitingFor } from '#libs/process/model';

/** The request that a workflow works on. */
export interface RequestRef {
  readonly tenant: string;
  readonly requestId: string;
}

export interface RunRef extends RequestRef {
  readonly runId: string;
}

/** A plan that waits for approval, without its values. */
export interface PlanTicket {
  readonly revision: number;
  readonly planHash: string;
  readonly graph: RunGraph;
}

/** `waiting`: a system cannot be asked now; whoever asks again, `patiently`, gets an answer when it can. */
export type PlanningResult =
  ({ readonly kind: 'planned' } & PlanTicket) | { readonly kind: 'refused' } | { readonly kind: 'waiting' };

/** Which plan of a request to draw (1, the first, when left out). */
export interface PlanTask extends RequestRef {
  readonly revision?: number;
  /** Tried until it can be drawn, instead of telling that it has to wait. */
  readonly patiently?: boolean;
}

/** What a look at drift found at one step. */
export interface DriftNotice {
  readonly stepId: string;
  readonly identity: boolean;
}

export interface StepsTask extends RunRef {
  readonly stepIds: readonly string[];
  /** `apply` does the plan's steps, `compensate` takes back what they wrote in this run. */
  readonly mode: 'apply' | 'compensate';
}

/**
 * Work against a customer's systems, on the queue of the systems' site. Each call may repeat after a crash: plans and
 * step outcomes are committed under their request, revision or step, and what is committed is not done again.
 */
export interface SiteActivities {
  /** Reads the systems, draws the plan and presents it, or refuses the request. */
  drawPlan(task: PlanTask): Promise<PlanningResult>;
  /** Compares what was approved with what is there now, for steps that have not begun. */
  lookForDrift(task: RunRef & { stepIds: readonly string[] }): Promise<readonly DriftNotice[]>;
  /**
   * Draws held steps anew and presents the difference as the revision after `after`, the last one presented. `gone`: the
   * object no longer exists.
   */
  drawDifference(
    task: RunRef & { stepIds: readonly string[]; after?: number },
  ): Promise<({ kind: 'planned' } & PlanTicket) | { kind: 'gone' }>;
  /** Does steps of one system; each is committed as it ends. */
  workSteps(task: StepsTask): Promise<readonly StepResult[]>;
  /** Reminds whoever a manual step is assigned to, by mail where that is an address. */
  remind(task: RunRef & { stepId: string; number: number }): Promise<void>;
}

/** What only touches our own database: local activities, each one transaction, harmless to repeat. */
export interface RecordActivities {
  /**
   * Null when our database knows no approval of that plan (the message was not ours), or when the request was called off or
   * put off since.
   */
  beginRun(
    task: RequestRef & {
      revision: number;
      workflowId: string;
      process: string;
      /** By a lock-out before the approval: only what locks out may run. */
      lockOut?: boolean;
    },
  ): Promise<{
    runId: string | null;
    /** It is shown as running already. */
    running?: boolean;
    /** Its steps share activities; absent in histories from before they did. */
    sharing?: Sharing | true;
  }>;
  /** Where a run stands by our tables. */
  readPosition(run: RunRef): Promise<{ graph: RunGraph; state: RunState; revision: number; sharing?: Sharing | true }>;
  /** By when the first of the request's steps has to be proven done (UTC), as far as the request itself says; or null. */
  readDeadline(ref: RequestRef): Promise<string | null>;
  /** Tells that an approval does not come although its deadline does. */
  escalateApproval(task: RequestRef & { level: number; deadline: string }): Promise<void>;
  /**
   * Tells that steps were not proven done by their deadline. Gives those that were put off and are not told yet (nothing in
   * histories from before it did); `deadlines` are the workflow's (UTC instants by step).
   */
  recordMissedDeadlines(
    task: RunRef & { stepIds: readonly string[]; deadlines?: Readonly<Record<string, string>> },
  ): Promise<readonly string[]>;
  /** Puts a manual step into a person's hands, or says why it may not begin (nothing in histories from before it did). */
  openManualStep(task: RunRef & { stepId: string }): Promise<StepResult | null>;
  /**
   * A person's decision on the difference after drift takes effect: the new plan becomes the run's plan, or not. Gives the
   * run's graph after it (`true` in histories from before it did); false when our database knows no such decision.
   */
  settleDifference(
    task: RunRef & { revision: number; approved: boolean; stepIds?: readonly string[] },
  ): Promise<boolean | { readonly graph: RunGraph }>;
  recordStatus(task: RunRef & { status: RunStatus; waitingFor: WaitingFor | null }): Promise<void>;
  recordSkipped(task: RunRef & { steps: readonly { stepId: string; reason: string }[] }): Promise<void>;
  recordAct(
    task: RunRef & { eventId: string; by: string; act: string; stepId: string | null; reason: string | null },
  ): Promise<void>;
  /** Steps whose activity was cancelled: `unknown` where a write may have happened, else `skipped`. */
  settleCancelled(task: RunRef & { stepIds: readonly string[]; reason: string }): Promise<readonly StepResult[]>;
  /**
   * Ends the run and closes the request, unless a person's act came first: then gives what is to be done still, and the run
   * goes on. Nothing (absent in histories from before it could be refused): it has ended.
   */
  endRun(task: RunRef & { outcome: RunOutcome; workflowId?: string }): Promise<UntoldActs | null>;
}

/** Acts that our tables hold and the workflow has not heard of when it wants to end the run. */
export interface UntoldActs {
  /** Steps that were to be tried anew. */
  readonly openSteps: readonly string[];
  readonly cancel: { readonly undo: boolean } | null;
}

export interface ReconcilePage {
  /** Where the next page begins; null after the last. */
  readonly next: string | null;
  readonly looked: number;
  /** The pause that is configured now; a workflow that began earlier follows it. */
  readonly everySeconds?: number;
}

/** Compares open requests with Temporal by id; holds a Temporal client. */
export interface AuditActivities {
  reconcilePage(task: { after: string | null }): Promise<ReconcilePage>;
}

/** A question to approvers. */
export interface ApprovalRef {
  readonly tenant: string;
  readonly approvalId: string;
}

/** Where a question stands; `schedule` says what happens while nobody decides. */
export interface ApprovalLook {
  readonly isOpen: boolean;
  readonly stage: number;
  /** False: nobody who could be asked has a mail address. */
  readonly asksByMail: boolean;
  readonly schedule: RoundSchedule;
}

/** What approvers are told by mail: a stage's for the first time, or all who have not decided, again. */
export interface ApprovalTelling extends ApprovalRef {
  readonly kind: 'ask' | 'remind' | 'escalate';
  /** Counts the tellings of one kind from 1. */
  readonly number: number;
}

/** What touches our own database only: local activities, each one transaction, harmless to repeat. */
export interface ApprovalRecords {
  lookAtApproval(ref: ApprovalRef): Promise<ApprovalLook>;
  /** Puts a reminder on record; false when it was decided meanwhile. */
  recordReminder(task: ApprovalRef & { readonly number: number }): Promise<boolean>;
  /** From now on those to whom it is escalated may decide; false when it was decided meanwhile. */
  escalateRound(ref: ApprovalRef): Promise<boolean>;
  /** Ends it with a rejection, or leaves it open and escalates it, as its policy says; false when it was decided meanwhile. */
  expireRound(ref: ApprovalRef): Promise<boolean>;
}

/** What goes to people by mail. */
export interface ApprovalMails {
  /** Sends the mails that were not sent yet. */
  tellApprovers(task: ApprovalTelling): Promise<void>;
}

/** An alarm that owners are told of. */
export interface AlarmRef {
  readonly tenant: string;
  readonly id: string;
}

/** The `number`th time that owners are told, from 1. */
export interface AlarmTelling extends AlarmRef {
  readonly number: number;
}

/** What only touches our own database: a local activity. */
export interface AlarmRecords {
  /** Whether nobody acknowledged it yet. */
  isAlarmOpen(ref: AlarmRef): Promise<boolean>;
}

export interface AlarmMails {
  /** Sends the mails of one telling that were not sent yet. */
  tellOwners(task: AlarmTelling): Promise<void>;
}

/** Telling receivers outside of the house. */
export interface WebhookActivities {
  /** One try. A repeat sends the same message under the same id. */
  deliverWebhook(task: {
    readonly tenant: string;
    readonly deliveryId: string;
    readonly attempt: number;
  }): Promise<{ kind: 'ended' } | { kind: 'again'; inSeconds: number; counts: boolean }>;
}

/** A customer's export. */
export interface HandoverRef {
  readonly tenant: string;
  readonly id: string;
}

/** Writes a customer's export; each is harmless to repeat, and what was written is not written again. */
export interface HandoverActivities {
  handoverFiles(ref: HandoverRef): Promise<readonly string[]>;
  writeHandoverFile(task: HandoverRef & { readonly file: string }): Promise<void>;
  finishHandover(ref: HandoverRef): Promise<{ readonly availableDays: number }>;
  discardHandover(ref: HandoverRef): Promise<void>;
}

/** The off-boarding of a customer. */
export interface DepartureRef {
  readonly tenant: string;
  readonly id: string;
}

/** Where a customer that leaves stands, and what is next; `dueAt` in milliseconds since 1970. */
export type DepartureLook =
  | { readonly stage: 'announced' | 'proven' | 'fetched'; readonly dueAt: number }
  /** `toProbe`: entries of the access list to try. With open runs nothing is tried: they need the access still. */
  | { readonly stage: 'closed'; readonly openRuns: number; readonly toProbe: readonly string[] }
  /** `released`: two owners have said so. */
  | { readonly stage: 'due'; readonly released: boolean }
  | { readonly stage: 'over' };

/** What touches our own database only: local activities, each one transaction, harmless to repeat. */
export interface DepartureRecords {
  lookAtDeparture(ref: DepartureRef): Promise<DepartureLook>;
  /** Shuts the customer out, calls off what is open if that was chosen, and draws the access list. */
  closeAccess(ref: DepartureRef): Promise<void>;
  /** Closes what was left for fetching the handover. */
  closeFetching(ref: DepartureRef): Promise<void>;
  /** Destroys the credentials once every entry is proven or confirmed; false until then. */
  settleAccess(ref: DepartureRef): Promise<boolean>;
  /** Tells that our access is not proven gone. */
  remindOfAccess(task: DepartureRef & { readonly number: number }): Promise<void>;
  /** The retention is over: two owners may have everything erased. */
  recordDue(ref: DepartureRef): Promise<void>;
  /** Begins the erasure, from which nobody goes back; false while a legal hold or an open request forbids it. */
  beginErasure(ref: DepartureRef): Promise<boolean>;
}

/** Trying our credentials at the customer's systems. */
export interface AccessProbes {
  /** Signs in at the system of an entry with what we hold, and puts on the list what it answered. */
  probeAccess(task: DepartureRef & { readonly entry: string }): Promise<void>;
}

/** An invitation. */
export interface InvitationRef {
  readonly tenant: string;
  readonly invitationId: string;
}

/** An invitation as its workflow needs it. */
export interface InvitationLook {
  /** Nobody accepted or withdrew it, and its end is not on record. */
  readonly isOpen: boolean;
  readonly byMail: boolean;
  /** Counts its sendings from 1. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface InvitationTelling extends InvitationRef {
  readonly number: number;
}

/** What touches our own database only: local activities, each one transaction, harmless to repeat. */
export interface InvitationRecords {
  lookAtInvitation(ref: InvitationRef): Promise<InvitationLook>;
  /** Puts it on record when the time is over, by the database's clock. */
  expireInvitation(ref: InvitationRef): Promise<void>;
}

export interface InvitationMails {
  /** Sends the mail of one sending, once; nothing when a later one took its place or the invitation is over. */
  sendInvitation(task: InvitationTelling): Promise<void>;
}

/** A mail about a ticket. */
export interface TicketMailRef {
  readonly tenant: string;
  readonly id: string;
}

export interface TicketMails {
  /** Sends it once, as far as that can be known; nothing when it has ended. */
  sendTicketMail(ref: TicketMailRef): Promise<void>;
}

/** What only touches our own database: a local activity. */
export interface TicketMailRecords {
  /** Puts on record that no server took it in time. */
  giveUpTicketMail(ref: TicketMailRef): Promise<void>;
}

/** The erasure of a customer: a record of the MSP's. */
export interface ErasureRef {
  readonly tenant: string;
  readonly id: string;
}

/** Each is harmless to repeat: what is gone is not counted again. */
export interface ErasureActivities {
  /** Deletes every history of the customer's from the engine. */
  forgetHistories(ref: ErasureRef): Promise<void>;
  /** Takes names and free text out of the audit that the law keeps. */
  pseudonymiseAudit(ref: ErasureRef): Promise<void>;
  /** Deletes the customer's rows, in batches, table by table. */
  eraseRows(ref: ErasureRef): Promise<void>;
  /** Puts the end on record. */
  finishErasure(ref: ErasureRef): Promise<void>;
  /** When the next of what the law keeps is due, in milliseconds since 1970; null: nothing is left that ever is. */
  nextKept(ref: ErasureRef): Promise<number | null>;
  /** Deletes what the law no longer keeps. */
  eraseKept(ref: ErasureRef): Promise<void>;
}

export interface RetentionRef {
  readonly tenant: string;
  readonly id: string;
}

/** What is left after a round of erasing. */
export type RetentionLook =
  /** More is due than one round takes. */
  | { readonly next: 'more' }
  /** So long until the next request is due, by the database's clock, in milliseconds; null: nothing has ended. */
  | { readonly next: 'wait'; readonly waitMs: number | null }
  /** The customer is gone. */
  | { readonly next: 'over' };

export interface RetentionActivities {
  /** Erases ended requests that are due and that no legal hold keeps, in batches. A repeat goes on where it stopped. */
  eraseEnded(ref: RetentionRef): Promise<RetentionLook>;
}

/** A ticket whose clocks run. */
export interface TicketRef {
  readonly tenant: string;
  readonly ticketId: string;
}

/** Where a ticket stands after everything that was due is on record. */
export interface TicketLook {
  /** It is closed, and nothing comes any more. */
  readonly isOver: boolean;
  /** So long until something is due by itself, by the database's clock; null: nothing is. */
  readonly waitMs: number | null;
  /** Who has to be told still: ids of notifications. */
  readonly pending: readonly string[];
}

/** What only touches our own database: a local activity, one transaction, harmless to repeat. */
export interface SlaRecords {
  advanceTicket(ref: TicketRef): Promise<TicketLook>;
}

/** Telling people and channels of escalations. */
export interface NotificationActivities {
  /** One try by one way. A repeat sends the same message under the same id. */
  deliverNotification(task: {
    readonly tenant: string;
    readonly notificationId: string;
  }): Promise<
    | { readonly kind: 'ended'; readonly outcome: 'sent' | 'failed' | 'withdrawn' }
    | { readonly kind: 'again'; readonly inMs: number }
  >;
}

export interface ChangeRef {
  readonly tenant: string;
  readonly changeId: string;
}

export interface RetargetPage {
  /** Where the next page begins; null when every open ticket has followed. */
  readonly next: { readonly tenant: string; readonly id: string } | null;
}

/** Open tickets follow changes of what is promised. */
export interface RetargetActivities {
  /** Milliseconds until the change counts; 0 when it does, or there is none. */
  waitForChange(ref: ChangeRef): Promise<number>;
  /** Has the next open tickets follow, each under its lock; a repeat changes nothing. */
  retargetPage(
    ref: ChangeRef & { readonly after: RetargetPage['next']; readonly isLast: boolean },
  ): Promise<RetargetPage>;
}
