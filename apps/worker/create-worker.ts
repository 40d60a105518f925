import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { NativeConnection, TransportError, Worker, type NativeConnectionOptions } from '@temporalio/worker';
import { blocks, type Block } from '#libs/connectors';
import type { Config } from '#libs/platform/config';
import { openDatabase, tenantsMixed, type Database } from '#libs/platform/database';
import { startHealthServer, type HealthServer, type Logger } from '#libs/platform/observability';
import {
  FileSecrets,
  OneTimeLinks,
  openKeyRing,
  PayloadKeys,
  SealedValues,
  storedKey,
  StoredSecrets,
  type KeyRing,
} from '#libs/platform/secrets';
import { OutgoingGuards } from '#libs/platform/outgoing';
import { MailedLinks } from '#libs/platform/mailed-links';
import { connectTemporal, encryptedPayloads } from '#libs/platform/temporal';
import { MailAddresses, TICKET_MAIL_KEY } from '#libs/tickets';
import { PlanDrawing, StepCompensation, StepExecutor, StepSystems } from '#libs/process';
import { AT_ONCE_OF_ALL, DeliverWebhook } from '#libs/webhooks';
import { sql } from 'kysely';
import type {
  AccessProbes,
  AlarmMails,
  ApprovalMails,
  InvitationMails,
  NotificationActivities,
  RecordActivities,
  SiteActivities,
  TicketMails,
  WebhookActivities,
} from '../../workflows/support/activities.js';
import { AccessProbeActivities } from './activities/access-probe.activities.js';
import { AlarmActivities, AlarmRecordsOnDatabase } from './activities/alarm.activities.js';
import { ApprovalMailActivities } from './activities/approval-mails.activities.js';
import { ApprovalRecordsOnDatabase } from './activities/approval-records.activities.js';
import { atActivityEdge, withPulse } from './activities/activity-edge.js';
import { AuditActivitiesOnEngine } from './activities/audit.activities.js';
import { InvitationMailActivities } from './activities/invitation-mails.activities.js';
import { InvitationRecordsOnDatabase } from './activities/invitation-records.activities.js';
import { HandoverActivitiesOnDatabase } from './activities/handover.activities.js';
import { DepartureRecordsOnDatabase } from './activities/departure.activities.js';
import { RetargetActivitiesOnDatabase } from './activities/retarget.activities.js';
import { RetentionActivitiesOnDatabase } from './activities/retention.activities.js';
import { ErasureActivitiesOnEngine } from './activities/erasure.activities.js';
import { DriftActivities } from './activities/drift.activities.js';
import { NotificationDelivery } from './activities/notification.activities.js';
import { escalationSamples } from './escalation-metrics.js';
import { ChannelSender } from './activities/sla/channel-sender.js';
import { SlaRecordsOnDatabase } from './activities/sla.activities.js';
import { PlanGuards, type DirectoryFacts } from './activities/plan-guards.js';
import { PlanningActivities } from './activities/planning.activities.js';
import { RecordActivitiesOnDatabase } from './activities/record.activities.js';
import { UserNameChoice } from './activities/user-name-choice.js';
import { TicketMailActivities, TicketMailRecordsOnDatabase } from './activities/ticket-mails.activities.js';
import { StepActivities } from './activities/step.activities.js';
import { ReminderActivities, WatchActivitiesOnDatabase } from './activities/watch.activities.js';

export interface WorkerOptions {
  readonly logger: Logger;
  /** The bundle that the build makes; tests give their own. */
  readonly bundlePath?: string;
  /** The building blocks; the catalogue when left out. */
  readonly blocks?: ReadonlyMap<string, Block>;
  /** How the directory is asked about people; by LDAP when left out. */
  readonly facts?: DirectoryFacts;
  /** Seconds from one try of a webhook to the next; as documented when left out. */
  readonly webhookRetrySeconds?: readonly number[];
}

export interface RunningWorker {
  readonly healthPort: number;
  /** Rejects when a worker fails for good; the owner then ends the process. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

const BUNDLE = fileURLToPath(new URL('../../workflows/bundle.js', import.meta.url));

/** Starts the Temporal workers of this process: one for workflows and records, one for the default site's systems. */
export async function startWorker(config: Config, options: WorkerOptions): Promise<RunningWorker> {
  const { logger } = options;
  const database = openDatabase(config.database, 'stellwerk-worker', { requireIsolation: true });
  const keys = openKeyRing(config.masterKeys);
  const payloads = encryptedPayloads(new PayloadKeys(database, keys));
  const temporal = await connectTemporal(config.temporal, payloads);
  const { address, apiKey, tls, namespace, taskQueue } = config.temporal;
  const connection = await connectPatiently({ address, tls, ...(apiKey ? { apiKey } : {}) }, logger);
  const records = bound(new RecordActivitiesOnDatabase(database), RECORDS);
  const audit = bound(
    new AuditActivitiesOnEngine(database, temporal.client, taskQueue, config.reconcileSeconds, logger),
    ['reconcilePage'],
  );
  const watch = bound(new WatchActivitiesOnDatabase(database), WATCH);
  const approvals = bound(new ApprovalRecordsOnDatabase(database), APPROVALS);
  const alarms = bound(new AlarmRecordsOnDatabase(database), ['isAlarmOpen']);
  const invitations = bound(new InvitationRecordsOnDatabase(database), INVITATIONS);
  const sla = bound(new SlaRecordsOnDatabase(database), ['advanceTicket']);
  const ticketMails = bound(new TicketMailRecordsOnDatabase(database), ['giveUpTicketMail']);
  const handovers = bound(new HandoverActivitiesOnDatabase(database, secretsOf(config, { database, keys })), HANDOVERS);
  const departures = bound(new DepartureRecordsOnDatabase(database, fileOf(config)), DEPARTURES);
  const erasures = bound(new ErasureActivitiesOnEngine(database, temporal.client), ERASURES);
  const retargets = bound(new RetargetActivitiesOnDatabase(database), ['waitForChange', 'retargetPage']);
  const retentions = bound(new RetentionActivitiesOnDatabase(database), ['eraseEnded']);
  // a killed worker's workflows go to another one after the sticky time-out: 3 s instead of 10
  const common = {
    connection,
    namespace,
    dataConverter: payloads,
    shutdownGraceTime: '10 seconds',
    shutdownForceTime: '20 seconds',
    stickyQueueScheduleToStartTimeout: '3 seconds',
  } as const;
  const workers = await Promise.all([
    Worker.create({
      ...common,
      taskQueue,
      workflowBundle: { codePath: options.bundlePath ?? BUNDLE },
      activities: atActivityEdge(
        {
          ...records,
          ...watch,
          ...approvals,
          ...alarms,
          ...invitations,
          ...ticketMails,
          ...sla,
          ...handovers,
          ...departures,
          ...erasures,
          ...retargets,
          ...retentions,
          ...audit,
        },
        logger,
      ),
    }),
    Worker.create({
      ...common,
      taskQueue: `${taskQueue}-site-default`,
      activities: atActivityEdge(siteActivities(config, { database, keys }, options), logger),
    }),
    Worker.create({
      ...common,
      taskQueue: `${taskQueue}-webhooks`,
      maxConcurrentActivityTaskExecutions: WEBHOOKS_AT_ONCE,
      activities: atActivityEdge(webhookActivities({ database, keys }, options), logger),
    }),
    Worker.create({
      ...common,
      taskQueue: `${taskQueue}-notifications`,
      maxConcurrentActivityTaskExecutions: NOTIFICATIONS_AT_ONCE,
      activities: atActivityEdge(notificationActivities(config, { database, keys }, options), logger),
    }),
  ]);
  const running = workers.map((worker) => worker.run());
  const checks = {
    database: async () => void (await sql`SELECT 1`.execute(database)),
    temporal: async () => void (await temporal.connection.workflowService.getSystemInfo({})),
    workers: () => Promise.all(workers.map(isPolling)).then(() => undefined),
  };
  const health = await startHealthServer(config.http, checks, () => escalationSamples(database));
  const end = new AbortController();
  const stuck = Promise.all(running).then(() => new Promise<never>(() => undefined));
  const failed = Promise.race([stuck, tenantsMixed(database, end.signal)]);
  failed.catch(() => undefined);
  return {
    healthPort: health.port,
    failed,
    stop: () => {
      end.abort();
      return stopAll({ workers, running, health, connection, temporal, database });
    },
  };
}

/** Where values are kept, and what opens them. */
interface Kept {
  readonly database: Database;
  readonly keys: KeyRing;
}

/** Mostly waiting for receivers; the rest look for a place at one, find none and go. */
const WEBHOOKS_AT_ONCE = AT_ONCE_OF_ALL + 20;

function webhookActivities({ database, keys }: Kept, { webhookRetrySeconds }: WorkerOptions): WebhookActivities {
  const deliver = new DeliverWebhook(database, keys, new OutgoingGuards(database), webhookRetrySeconds);
  return { deliverWebhook: (task) => withPulse((pulse) => deliver.execute(task, pulse.signal)) };
}

/** Mostly waiting for mail servers and providers. */
const NOTIFICATIONS_AT_ONCE = 50;

function notificationActivities(
  config: Config,
  { database, keys }: Kept,
  options: WorkerOptions,
): NotificationActivities {
  const sealed = new SealedValues(database, keys);
  const links = new OneTimeLinks(database, config.publicUrl);
  const secrets = secretsOf(config, { database, keys });
  const systems = new StepSystems(database, options.blocks ?? blocks, secrets, sealed, links);
  const mailedLinks = new MailedLinks(database, sealed, config.publicUrl);
  const sender = new ChannelSender(new OutgoingGuards(database), secrets);
  const delivery = new NotificationDelivery(database, systems, mailedLinks, sender);
  return { deliverNotification: (task) => withPulse((pulse) => delivery.deliver(task, pulse)) };
}

const DEPARTURES = [
  'lookAtDeparture',
  'closeAccess',
  'closeFetching',
  'settleAccess',
  'remindOfAccess',
  'recordDue',
  'beginErasure',
] as const;

const ERASURES = [
  'forgetHistories',
  'pseudonymiseAudit',
  'eraseRows',
  'finishErasure',
  'nextKept',
  'eraseKept',
] as const;

const HANDOVERS = ['handoverFiles', 'writeHandoverFile', 'finishHandover', 'discardHandover'] as const;

/** Customers' secrets: ours, else those in a file. */
function secretsOf(config: Config, { database, keys }: Kept): StoredSecrets {
  return new StoredSecrets(database, keys, fileOf(config));
}

/** The helpdesk's addresses in mails about tickets. */
function ticketAddresses({ ticketMail, publicUrl }: Config, { database, keys }: Kept): MailAddresses {
  const key = storedKey(database, keys, TICKET_MAIL_KEY);
  return new MailAddresses(key, ticketMail?.address ?? null, new URL(publicUrl).hostname);
}

function fileOf({ secretsFile }: Config): FileSecrets | null {
  return secretsFile === null ? null : new FileSecrets(secretsFile);
}

const PAUSE_MS = 1_000;

/** Connects to Temporal as soon as it answers: a worker may start before it does. */
async function connectPatiently(options: NativeConnectionOptions, logger: Logger): Promise<NativeConnection> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await NativeConnection.connect(options);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      if (attempt % 10 === 1) logger.warn({ err: error, attempt }, 'Temporal does not answer yet');
      await pause(PAUSE_MS);
    }
  }
}

function siteActivities(
  config: Config,
  { database, keys }: Kept,
  options: WorkerOptions,
): SiteActivities & ApprovalMails & AlarmMails & InvitationMails & TicketMails & AccessProbes {
  const sealed = new SealedValues(database, keys);
  const secrets = secretsOf(config, { database, keys });
  const links = new OneTimeLinks(database, config.publicUrl);
  const systems = new StepSystems(database, options.blocks ?? blocks, secrets, sealed, links);
  const planning = new PlanningActivities(
    database,
    new PlanDrawing(systems),
    new PlanGuards(database, systems, options.facts),
    new UserNameChoice(database, systems),
  );
  const drift = new DriftActivities(database, systems);
  const reminders = new ReminderActivities(database, systems);
  const access = new AccessProbeActivities(database, secrets);
  const alarms = new AlarmActivities(database, systems);
  const mailedLinks = new MailedLinks(database, sealed, config.publicUrl);
  const mails = new ApprovalMailActivities(database, systems, mailedLinks);
  const invitations = new InvitationMailActivities(database, systems, mailedLinks);
  const ticketMails = new TicketMailActivities(database, systems, ticketAddresses(config, { database, keys }));
  const steps = new StepActivities(
    database,
    new StepExecutor(database, systems),
    new StepCompensation(database, systems),
  );
  return {
    drawPlan: (ref) => withPulse((pulse) => planning.drawPlan(ref, pulse)),
    lookForDrift: (task) => withPulse((pulse) => drift.lookForDrift(task, pulse)),
    drawDifference: (task) => withPulse((pulse) => drift.drawDifference(task, pulse)),
    workSteps: (task) => withPulse((pulse) => steps.workSteps(task, pulse)),
    remind: (task) => withPulse((pulse) => reminders.remind(task, pulse)),
    probeAccess: (task) => withPulse((pulse) => access.probeAccess(task, pulse)),
    tellApprovers: (task) => withPulse((pulse) => mails.tellApprovers(task, pulse)),
    tellOwners: (task) => withPulse((pulse) => alarms.tellOwners(task, pulse)),
    sendTicketMail: (ref) => withPulse((pulse) => ticketMails.sendTicketMail(ref, pulse)),
    sendInvitation: (task) => withPulse((pulse) => invitations.sendInvitation(task, pulse)),
  };
}

const RECORDS = [
  'beginRun',
  'readPosition',
  'settleDifference',
  'recordStatus',
  'recordSkipped',
  'recordAct',
  'settleCancelled',
  'endRun',
] as const satisfies readonly (keyof RecordActivities)[];

const WATCH = ['readDeadline', 'escalateApproval', 'recordMissedDeadlines', 'openManualStep'] as const;

const INVITATIONS = ['lookAtInvitation', 'expireInvitation'] as const;

const APPROVALS = ['lookAtApproval', 'recordReminder', 'escalateRound', 'expireRound'] as const;

/** Methods of an object, bound, so that Temporal can call them by name. */
function bound<T extends object, Name extends keyof T>(target: T, names: readonly Name[]): Pick<T, Name> {
  return Object.fromEntries(
    names.map((name) => [name, (target[name] as (...args: never[]) => unknown).bind(target)]),
  ) as Pick<T, Name>;
}

async function isPolling(worker: Worker): Promise<void> {
  if (worker.getState() !== 'RUNNING') throw new Error(`the worker is ${worker.getState()}`);
}

interface Parts {
  readonly workers: readonly Worker[];
  readonly running: readonly Promise<void>[];
  readonly health: HealthServer;
  readonly connection: NativeConnection;
  readonly temporal: { stop(): Promise<void> };
  readonly database: Database;
}

/** In reverse order of the start; workers drain first. */
async function stopAll({ workers, running, health, connection, temporal, database }: Parts): Promise<void> {
  for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  await Promise.allSettled(running);
  await health.stop();
  await connection.close();
  await temporal.stop();
  await database.destroy();
}
