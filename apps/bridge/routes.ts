import {
  agreementEnded,
  agreementRecorded,
  absenceSubmitted,
  alarmAcknowledged,
  actGiven,
  approvalClosed,
  approvalEscalated,
  approvalMoved,
  approvalOpened,
  approvalReminded,
  approvalRoundEscalated,
  auditChainAnchored,
  deadlineMissed,
  driftFound,
  emergencyAccountChanged,
  emergencyAccountRefused,
  emergencyAccountUsed,
  escalationAcknowledged,
  escalationEnded,
  escalationRequested,
  escalationStarted,
  hostKeyRefused,
  invitationAccepted,
  invitationCreated,
  invitationExpired,
  invitationResent,
  invitationWithdrawn,
  linkRevealed,
  moverSubmitted,
  notificationFailed,
  offboardingSubmitted,
  onboardingSubmitted,
  personErased,
  planApproved,
  planApprovedV2,
  planPresented,
  planRejected,
  planRejectedV2,
  promiseChanged,
  reinstatementSubmitted,
  requestClosed,
  requestRefused,
  retentionBegun,
  retentionChanged,
  runEnded,
  runLost,
  runStalled,
  runStarted,
  slaMarkLifted,
  slaTargetBreached,
  slaWarningReached,
  stepEnded,
  stepReminded,
  tenantAccessClosed,
  tenantAccessProven,
  tenantAccessReminded,
  tenantChanged,
  tenantCreated,
  tenantErased,
  tenantErasureDue,
  tenantErasureOrdered,
  tenantExportReleased,
  tenantExportRequested,
  tenantOffboardingAnnounced,
  tenantOffboardingMoved,
  tenantResumed,
  tenantSuspended,
  ticketAssigned,
  ticketAttachmentAdded,
  ticketLinksChanged,
  ticketWatchersChanged,
  ticketRunEnded,
  ticketClassified,
  ticketTagged,
  ticketMerged,
  ticketSplit,
  ticketCommented,
  ticketDateChanged,
  ticketMailRequested,
  ticketOpened,
  ticketPriorityChanged,
  ticketStatusChanged,
  ticketTargetsChanged,
  ticketTimeChanged,
  webhookDeliveryRequested,
  webhookDisabled,
  type EventDefinition,
} from '#libs/events';
import {
  actSignal,
  alarmNewsSignal,
  approvalNewsSignal,
  decisionSignal,
  departureNewsSignal,
  invitationNewsSignal,
  retentionNewsSignal,
  slaNewsSignal,
  type DecisionMessage,
  type ProcessName,
  type ServedWorkflow,
} from '#workflows';

/** What an event tells of a decision. Version 1 also says who and why; since version 2 that stands in our tables alone. */
export type Decision = typeof planApprovedV2.sample & Partial<Pick<typeof planApproved.sample, 'decidedBy' | 'reason'>>;

/** What the bridge does with an event. Rules stay out of here: an event starts, signals or is for other readers. */
export type Route =
  | { readonly does: 'start'; readonly process: ProcessName }
  | { readonly does: 'decide'; readonly signal: string; message(data: Decision, eventId: string): DecisionMessage }
  | { readonly does: 'act'; readonly signal: string }
  | { readonly does: 'serve'; readonly workflow: ServedWorkflow; readonly id: string; readonly signal: string | null }
  | { readonly does: 'nothing' };

/** Every event of the catalogue has its line; a test compares both. */
export const routes: ReadonlyMap<string, Route> = new Map([
  starts(offboardingSubmitted, 'offboarding'),
  starts(reinstatementSubmitted, 'reinstatement'),
  starts(onboardingSubmitted, 'onboarding'),
  starts(moverSubmitted, 'mover'),
  starts(absenceSubmitted, 'absence'),
  signals(planApproved, decisionSignal.name, decisionMessage('approve')),
  signals(planRejected, decisionSignal.name, decisionMessage('reject')),
  signals(planApprovedV2, decisionSignal.name, decisionMessage('approve')),
  signals(planRejectedV2, decisionSignal.name, decisionMessage('reject')),
  [actGiven.type, { does: 'act', signal: actSignal.name }],
  serves(approvalOpened, 'approval', 'approvalId'),
  serves(approvalMoved, 'approval', 'approvalId', approvalNewsSignal.name),
  serves(approvalClosed, 'approval', 'approvalId', approvalNewsSignal.name),
  forOthers(approvalReminded),
  forOthers(approvalRoundEscalated),
  forOthers(planPresented),
  forOthers(approvalEscalated),
  forOthers(deadlineMissed),
  forOthers(stepReminded),
  forOthers(requestRefused),
  forOthers(requestClosed),
  forOthers(runStarted),
  forOthers(stepEnded),
  forOthers(runEnded),
  forOthers(driftFound),
  forOthers(runStalled),
  forOthers(runLost),
  forOthers(linkRevealed),
  forOthers(hostKeyRefused),
  // the consumer of webhooks takes it (apps/bridge/webhooks)
  forOthers(webhookDeliveryRequested),
  forOthers(webhookDisabled),
  forOthers(ticketDateChanged),
  serves(ticketTargetsChanged, 'sla', 'ticketId', slaNewsSignal.name),
  serves(promiseChanged, 'retargeting', 'changeId'),
  forOthers(ticketAttachmentAdded),
  forOthers(ticketTimeChanged),
  forOthers(ticketLinksChanged),
  forOthers(ticketWatchersChanged),
  forOthers(ticketRunEnded),
  forOthers(ticketClassified),
  forOthers(ticketTagged),
  forOthers(ticketMerged),
  forOthers(ticketSplit),
  serves(ticketMailRequested, 'ticketMail', 'mailId'),
  serves(ticketOpened, 'sla', 'ticketId'),
  serves(ticketCommented, 'sla', 'ticketId', slaNewsSignal.name),
  serves(ticketStatusChanged, 'sla', 'ticketId', slaNewsSignal.name),
  serves(ticketPriorityChanged, 'sla', 'ticketId', slaNewsSignal.name),
  serves(ticketAssigned, 'sla', 'ticketId', slaNewsSignal.name),
  serves(escalationRequested, 'sla', 'ticketId', slaNewsSignal.name),
  serves(escalationAcknowledged, 'sla', 'ticketId', slaNewsSignal.name),
  forOthers(escalationStarted),
  forOthers(escalationEnded),
  forOthers(slaWarningReached),
  forOthers(slaTargetBreached),
  forOthers(slaMarkLifted),
  forOthers(notificationFailed),
  forOthers(auditChainAnchored),
  forOthers(tenantCreated),
  forOthers(tenantChanged),
  forOthers(tenantSuspended),
  forOthers(tenantResumed),
  forOthers(agreementRecorded),
  forOthers(agreementEnded),
  forOthers(personErased),
  serves(tenantExportRequested, 'handover', 'exportId'),
  forOthers(tenantExportReleased),
  serves(tenantOffboardingAnnounced, 'departure', 'offboardingId'),
  serves(tenantOffboardingMoved, 'departure', 'offboardingId', departureNewsSignal.name),
  forOthers(tenantAccessClosed),
  forOthers(tenantAccessReminded),
  forOthers(tenantAccessProven),
  forOthers(tenantErasureDue),
  serves(emergencyAccountUsed, 'alarm', 'alarmId'),
  serves(emergencyAccountRefused, 'alarm', 'alarmId'),
  serves(emergencyAccountChanged, 'alarm', 'alarmId'),
  serves(alarmAcknowledged, 'alarm', 'alarmId', alarmNewsSignal.name),
  serves(invitationCreated, 'invitation', 'invitationId'),
  serves(invitationResent, 'invitation', 'invitationId', invitationNewsSignal.name),
  serves(invitationWithdrawn, 'invitation', 'invitationId', invitationNewsSignal.name),
  serves(invitationAccepted, 'invitation', 'invitationId', invitationNewsSignal.name),
  forOthers(invitationExpired),
  serves(tenantErasureOrdered, 'erasure', 'erasureId'),
  forOthers(tenantErased),
  serves(retentionBegun, 'retention', 'retentionId'),
  serves(retentionChanged, 'retention', 'retentionId', retentionNewsSignal.name),
]);

type Line = readonly [type: string, route: Route];
/** Events that reach a workflow name its request. */
type OfRequest = { readonly type: string; readonly sample: { readonly requestId: string } };

function starts(definition: OfRequest, process: ProcessName): Line {
  return [definition.type, { does: 'start', process }];
}

function signals(
  definition: { readonly type: string; readonly sample: Decision },
  signal: string,
  message: (data: Decision, eventId: string) => DecisionMessage,
): Line {
  return [definition.type, { does: 'decide', signal, message }];
}

/**
 * An event of something that has a small workflow of its own: it starts that workflow or, with a signal's name, has it look
 * again. `id` names the field that holds the thing's id; `servedEvents` says which events of it are ours.
 */
function serves(
  definition: Pick<EventDefinition, 'type'>,
  workflow: ServedWorkflow,
  id: string,
  signal: string | null = null,
): Line {
  return [definition.type, { does: 'serve', workflow, id, signal }];
}

function forOthers(definition: Pick<EventDefinition, 'type'>): Line {
  return [definition.type, { does: 'nothing' }];
}

function decisionMessage(decision: DecisionMessage['decision']) {
  return ({ revision, planHash, decidedBy, reason }: Decision, eventId: string): DecisionMessage => ({
    ...{ eventId, decision, revision, planHash },
    ...(decidedBy === undefined ? {} : { decidedBy, reason: reason ?? null }),
  });
}
