import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { sql } from 'kysely';
import { atPointer } from '#libs/connectors';
import { isId, systemClock, type Json } from '#libs/kernel';
import { inTenants, type Database } from '#libs/platform/database';
import type { OutboxHint } from '#libs/platform/outbox';
import type { SecretSource } from '#libs/platform/secrets';
import {
  CallbackRefused,
  channelById,
  EscalationNotRunning,
  findNotification,
  noteAnswer,
  type ChannelRow,
} from '#libs/sla';
import type { CallbackConfig, ChannelConfig } from '#libs/sla/model';
import { parseBody } from '../http/body-parser.js';
import { acknowledgeEscalation } from './acknowledge.js';

/** How far a provider's clock may be from ours, and how old what it brings. */
const WINDOW_SECONDS = 300;

/** What a provider sends: the bytes that it signed, and the headers that it signed them with. */
export interface ProviderCall {
  readonly channelId: string;
  readonly bytes: Buffer;
  /** Seconds since 1970. */
  readonly timestamp: string;
  /** Hexadecimal HMAC-SHA256 over `<timestamp>.<body>`. */
  readonly signature: string;
}

/**
 * Takes what somebody answered to a short message or pressed in a call. Whatever is wrong with the call, it is told the same:
 * nobody learns here which channels, messages or people there are.
 */
export class ProviderAnswers {
  constructor(
    private readonly database: Database,
    private readonly secrets: SecretSource,
    private readonly hint: OutboxHint,
  ) {}

  /** Throws `CallbackRefused`. An answer that means nothing to us, or comes again, is taken and does nothing. */
  async take(call: ProviderCall): Promise<void> {
    const channel = await this.channelOf(call.channelId);
    const callback = (channel?.config as ChannelConfig | undefined)?.callback ?? null;
    if (!channel || callback === null) throw refused();
    await this.requireSignature(channel, callback, call);
    const isNew = await inTenants(this.database, [channel.tenant_id], (tx) => noteAnswer(tx, channel, digestOf(call)));
    if (!isNew) return;
    await this.act(channel, callback, parseBody(call.bytes) as Json);
    this.hint.give();
  }

  private async channelOf(id: string): Promise<ChannelRow | undefined> {
    if (!isId(id)) return undefined;
    const { rows } = await sql<{ tenant: string | null }>`SELECT tenant_of_channel(${id}) AS tenant`.execute(
      this.database,
    );
    const tenant = rows[0]?.tenant;
    return tenant ? inTenants(this.database, [tenant], (tx) => channelById(tx, tenant, id)) : undefined;
  }

  private async requireSignature(
    { tenant_id: tenant }: ChannelRow,
    { secret }: CallbackConfig,
    { bytes, timestamp, signature }: ProviderCall,
  ): Promise<void> {
    const seconds = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : NaN;
    const now = systemClock.now().getTime() / 1000;
    if (!(Math.abs(now - seconds) <= WINDOW_SECONDS)) throw refused();
    const key = await this.secrets.resolve(tenant, secret).catch(() => null);
    if (key === null) throw refused();
    const expected = createHmac('sha256', key).update(`${timestamp}.`).update(bytes).digest();
    const given = Buffer.from(/^[0-9a-f]{64}$/i.test(signature) ? signature : '', 'hex');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw refused();
  }

  private async act(channel: ChannelRow, { idAt, answerAt, accepts }: CallbackConfig, body: Json): Promise<void> {
    const [id, answer] = [textAt(body, idAt), textAt(body, answerAt)];
    const isAccepted = answer !== null && accepts.some((one) => one.toLowerCase() === answer.trim().toLowerCase());
    if (id === null || !isAccepted) return;
    const { rows } = await sql<{ tenant: string; id: string }>`
      SELECT tenant, id FROM notification_of_provider(${channel.kind}, ${id})`.execute(this.database);
    const [found] = rows;
    if (!found) return;
    await inTenants(this.database, [found.tenant], async (tx) => {
      const notification = await findNotification(tx, found.tenant, found.id);
      if (!notification) return;
      const by = { subject: notification.recipient, kind: 'msp' } as const;
      const place = { tenant: found.tenant, id: notification.escalation_id };
      await acknowledgeEscalation(tx, place, { by, via: channel.kind as 'sms' | 'voice' });
    }).catch((error: unknown) => {
      // somebody was first: the provider need not know
      if (!(error instanceof EscalationNotRunning)) throw error;
    });
  }
}

function digestOf({ timestamp, bytes }: ProviderCall): Buffer {
  return createHash('sha256').update(`${timestamp}.`).update(bytes).digest();
}

function textAt(body: Json, pointer: string): string | null {
  const value = atPointer(body, pointer);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

function refused(): CallbackRefused {
  return new CallbackRefused('Check the address, the clock and the signature.');
}
