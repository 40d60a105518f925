import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { newId } from '#libs/kernel';
import type { Config } from '#libs/platform/config';
import { openDatabase, tenantsMixed } from '#libs/platform/database';
import type { Logger, Stoppable } from '#libs/platform/observability';
import { Limits, LimitStore, SharedSignInLimits, usualLimits } from '#libs/platform/limits';
import { OutboxHint } from '#libs/platform/outbox';
import { machineMailDns, type MailDns } from '#libs/platform/outgoing';
import { FileSecrets, openKeyRing, PayloadKeys, SigningKeys, storedKey, storedMarkKey } from '#libs/platform/secrets';
import { MailAddresses, TICKET_MAIL_KEY } from '#libs/tickets';
import { Denials } from './access/denials.js';
import type { NoteRefusedLink } from './mailed-links/link-page.js';
import { ApiModule } from './api.module.js';
import type { ApiParts } from './feature.js';
import { CallLimits } from './limits/call-limits.js';
import { FairTurns } from './limits/fair-turns.js';
import { createHttpServer, type HttpServer } from './http/server.js';
import { MailboxSecrets } from './ticket-mail/mailbox-secrets.js';
import { MailIn } from './ticket-mail/mail-in.js';
import { letTemporalUiCall } from './temporal-codec/temporal-ui-calls.js';
import { ApiDocument } from './openapi/api-document.js';

const LIMITS_POOL = 2;

export interface RunningApi extends Stoppable {
  /** Where it listens, e.g. `http://127.0.0.1:20000`. */
  readonly url: string;
  /** Port of the SMTP receiver; null: there is none. */
  readonly mailPort: number | null;
  /** Rejects when the API must not go on; the owner then ends the process. */
  readonly failed: Promise<never>;
}

interface StartOptions {
  readonly logger: Logger;
  /** Draws its description before it listens, so that no call waits for that; else the first who asks for it does. */
  readonly drawsDocument?: boolean;
  /** What is asked about the senders of mails; this machine's name servers when left out. */
  readonly mailDns?: MailDns;
  /** How often it looks for mailboxes that nobody reads, in milliseconds; 10 s when left out. */
  readonly mailLookMs?: number;
}

/** Starts the API. Throws `SigningKeysMissing` or `SigningKeysInvalid` when the file that is set is no good. It also starts while PostgreSQL is away, and answers `503` until it is back. */
export async function startApi(
  config: Pick<
    Config,
    'database' | 'http' | 'kafka' | 'signingKeyFile' | 'masterKeys' | 'secretsFile' | 'publicUrl' | 'cores'
  > &
    Partial<Pick<Config, 'temporal' | 'temporalUiOrigin' | 'ticketMail'>>,
  { logger, drawsDocument = false, mailDns = machineMailDns(), mailLookMs }: StartOptions,
): Promise<RunningApi> {
  const { signingKeyFile, secretsFile, publicUrl } = config;
  const signingKeys = signingKeyFile === null ? null : SigningKeys.fromFile(signingKeyFile);
  const keys = openKeyRing(config.masterKeys);
  const database = openDatabase(config.database, 'stellwerk-api', { requireIsolation: true });
  const end = new AbortController();
  const failed = tenantsMixed(database, end.signal);
  failed.catch(() => undefined);
  const hint = new OutboxHint(database);
  // a pool of its own: what holds a flood back must not wait behind it
  const limitsDatabase = openDatabase({ ...config.database, poolSize: LIMITS_POOL }, 'stellwerk-api-limits', {
    requireIsolation: true,
  });
  const limits = new Limits(new LimitStore(limitsDatabase, newId()), usualLimits(config.cores), logger);
  const signInLimits = new SharedSignInLimits(database, storedMarkKey(database, keys));
  const server = createHttpServer(
    config.http,
    logger,
    new CallLimits(limits, FairTurns.forPool(config.database.poolSize)),
  );
  letTemporalUiCall(server.adapter.getInstance(), config.temporalUiOrigin ?? null);
  const denials = new Denials(database, logger);
  server.problems.tell((problem, request) => denials.note(problem, request));
  const payloads = { keys: new PayloadKeys(database, keys), namespace: config.temporal?.namespace ?? 'stellwerk' };
  const secrets = { keys, payloads, secretsFile, signingKeys };
  const noteRefusedLink: NoteRefusedLink = (link, code) => denials.noteLink(link, code);
  const links = { publicUrl, noteRefusedLink };
  const ticketMail = config.ticketMail ?? { address: null, receiver: null };
  const mailKey = storedKey(database, keys, TICKET_MAIL_KEY);
  const mailAddresses = new MailAddresses(mailKey, ticketMail.address, new URL(publicUrl).hostname);
  const parts = {
    database,
    hint,
    topicPrefix: config.kafka.prefix,
    limits,
    signInLimits,
    mailAddresses,
    ...links,
    ...secrets,
  };
  const app = await createApp(parts, server);
  if (drawsDocument) app.get(ApiDocument).get();
  limits.start();
  denials.start();
  await app.listen(config.http.port, config.http.host);
  const url = await app.getUrl();
  logger.info({ url }, 'listening');
  const secondSecrets = secretsFile === null ? null : new FileSecrets(secretsFile);
  const mailboxSecrets = new MailboxSecrets(database, keys, secondSecrets);
  const mailParts = { database, hint, key: mailKey, dns: mailDns, secrets: mailboxSecrets, logger };
  const mailIn = await MailIn.start(ticketMail, { ...mailParts, ...(mailLookMs && { lookEveryMs: mailLookMs }) });
  return { url, mailPort: mailIn.port, failed, stop: () => stop() };

  /** Takes no new calls, answers those under way, then lets go of PostgreSQL. */
  async function stop(): Promise<void> {
    end.abort();
    server.drain();
    await mailIn.stop();
    await app.close();
    hint.stop();
    await denials.stop();
    await limits.stop();
    await limitsDatabase.destroy();
    await database.destroy();
  }
}

/** The application, not yet listening. */
export async function createApp(
  parts: ApiParts,
  { adapter, problems, limits }: HttpServer,
): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(ApiModule.with(parts, limits), adapter, {
    logger: false,
    bodyParser: false,
    abortOnError: false,
  });
  app.useGlobalFilters(problems);
  app.get(ApiDocument).describe(app);
  return app;
}
