import { proxyActivities, proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import type {
  AccessProbes,
  AlarmMails,
  AlarmRecords,
  ApprovalMails,
  ApprovalRecords,
  AuditActivities,
  DepartureRecords,
  ErasureActivities,
  HandoverActivities,
  InvitationMails,
  InvitationRecords,
  RecordActivities,
  RetargetActivities,
  RetentionActivities,
  SiteActivities,
  TicketMailRecords,
  TicketMails,
} from './activities.js';
import { TURN, turnOf } from '../messages.js';

/**
 * Activities on the queue of a site. Retried for ever: a system that cannot be reached is waited for, visibly, until it
 * answers or a person ends the run. What cannot succeed comes back as a result, not as an error.
 */
export function siteActivities(site = 'default', priorityKey: number = TURN.usual): SiteActivities {
  return proxyActivities<SiteActivities>({
    taskQueue: `${workflowInfo().taskQueue}-site-${site}`,
    priority: turnOfRun(priorityKey),
    startToCloseTimeout: '5 minutes',
    heartbeatTimeout: '10 seconds',
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
  });
}

/** One look only: the next one, or the check before each write, makes up for a look that failed. */
export function driftActivities(site = 'default'): Pick<SiteActivities, 'lookForDrift'> {
  return proxyActivities<Pick<SiteActivities, 'lookForDrift'>>({
    taskQueue: `${workflowInfo().taskQueue}-site-${site}`,
    priority: turnOfRun(TURN.bulk),
    startToCloseTimeout: '1 minute',
    scheduleToCloseTimeout: '2 minutes',
    heartbeatTimeout: '10 seconds',
    retry: { maximumAttempts: 1 },
  });
}

/** Reminders are of use for a while only. */
export function reminderActivities(site = 'default'): Pick<SiteActivities, 'remind'> {
  return proxyActivities<Pick<SiteActivities, 'remind'>>({
    taskQueue: `${workflowInfo().taskQueue}-site-${site}`,
    priority: turnOfRun(TURN.bulk),
    startToCloseTimeout: '1 minute',
    scheduleToCloseTimeout: '1 hour',
    heartbeatTimeout: '10 seconds',
    retry: { initialInterval: '5 seconds', maximumInterval: '5 minutes' },
  });
}

export const records = proxyLocalActivities<RecordActivities>({
  startToCloseTimeout: '15 seconds',
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
});

export const approvals = proxyLocalActivities<ApprovalRecords>({
  startToCloseTimeout: '15 seconds',
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
});

export const invitations = proxyLocalActivities<InvitationRecords>({
  startToCloseTimeout: '15 seconds',
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
});

/** A mail system that is away is waited for, as long as an invitation may hold. */
export function invitationMails(): InvitationMails {
  return proxyActivities<InvitationMails>({
    taskQueue: `${workflowInfo().taskQueue}-site-default`,
    priority: turnOfRun(TURN.bulk),
    startToCloseTimeout: '2 minutes',
    scheduleToCloseTimeout: '14 days',
    heartbeatTimeout: '20 seconds',
    retry: { initialInterval: '2 seconds', maximumInterval: '5 minutes' },
  });
}

export const ticketMailRecords = proxyLocalActivities<TicketMailRecords>({
  startToCloseTimeout: '15 seconds',
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
});

/** A mail system that is away is waited for; after some days what the mail says is no news any more. */
export function ticketMails(): TicketMails {
  return proxyActivities<TicketMails>({
    taskQueue: `${workflowInfo().taskQueue}-site-default`,
    priority: turnOfRun(TURN.usual),
    startToCloseTimeout: '2 minutes',
    scheduleToCloseTimeout: '3 days',
    heartbeatTimeout: '20 seconds',
    retry: { initialInterval: '2 seconds', maximumInterval: '5 minutes' },
  });
}

/** A mail system that is away is waited for, but not for ever: reminders come besides. */
export function approvalMails(): ApprovalMails {
  return proxyActivities<ApprovalMails>({
    taskQueue: `${workflowInfo().taskQueue}-site-default`,
    priority: turnOfRun(TURN.bulk),
    startToCloseTimeout: '2 minutes',
    scheduleToCloseTimeout: '3 days',
    heartbeatTimeout: '20 seconds',
    retry: { initialInterval: '2 seconds', maximumInterval: '5 minutes' },
  });
}

export const departures = proxyLocalActivities<DepartureRecords>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
});

/** A customer of any size: rows go in batches, and what is gone is not looked at again. */
export const erasures = proxyActivities<ErasureActivities>({
  startToCloseTimeout: '12 hours',
  heartbeatTimeout: '20 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

/** A round is bounded; it waits its turn behind what people wait for. */
export function retentions(): RetentionActivities {
  return proxyActivities<RetentionActivities>({
    priority: turnOfRun(TURN.bulk),
    startToCloseTimeout: '1 hour',
    heartbeatTimeout: '20 seconds',
    retry: { initialInterval: '1 second', maximumInterval: '5 minutes' },
  });
}

/** A system that cannot be reached is an answer (`unknown`), so what is tried again here is our own side only. */
export function accessProbes(): AccessProbes {
  return proxyActivities<AccessProbes>({
    taskQueue: `${workflowInfo().taskQueue}-site-default`,
    priority: turnOfRun(TURN.bulk),
    startToCloseTimeout: '5 minutes',
    heartbeatTimeout: '20 seconds',
    retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
  });
}

export const alarms = proxyLocalActivities<AlarmRecords>({
  startToCloseTimeout: '15 seconds',
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
});

/** A mail system that is away is waited for until the next telling begins. */
export function alarmMails(): AlarmMails {
  return proxyActivities<AlarmMails>({
    taskQueue: `${workflowInfo().taskQueue}-site-default`,
    priority: turnOfRun(TURN.accessCritical),
    startToCloseTimeout: '2 minutes',
    heartbeatTimeout: '20 seconds',
    retry: { initialInterval: '2 seconds', maximumInterval: '1 minute' },
  });
}

/** A file of any size: it beats while it is written, and is begun anew when its writer dies. */
export const handovers = proxyActivities<HandoverActivities>({
  startToCloseTimeout: '12 hours',
  heartbeatTimeout: '20 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

/** Of many customers and tickets: it may come a little later, and beats between tickets. */
export function retargets(): RetargetActivities {
  return proxyActivities<RetargetActivities>({
    priority: turnOfRun(TURN.bulk),
    startToCloseTimeout: '5 minutes',
    heartbeatTimeout: '20 seconds',
    retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
  });
}

export const audit = proxyActivities<AuditActivities>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '20 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
});

/** The tenant stands at the beginning of every workflow's id. Said with each activity: runs that began before say nothing themselves. */
function turnOfRun(priorityKey: number): ReturnType<typeof turnOf> {
  return turnOf(workflowInfo().workflowId.split('/', 1)[0]!, priorityKey);
}
