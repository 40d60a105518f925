import { AppError, systemClock, type Json } from '#libs/kernel';
import { atPointer } from '#libs/connectors';
import { guardedFetch, type OutgoingGuards } from '#libs/platform/outgoing';
import type { VersionedSecrets } from '#libs/platform/secrets';
import type { ChannelRow } from '#libs/sla';
import { channelBody, type ChannelConfig, type ChannelKind, type ChannelWords, type TryOutcome } from '#libs/sla/model';
import { webhookHeaders } from '#libs/webhooks';

const WHOLE_MS = 10_000;
const ANSWER_BYTES = 64 * 1024;
const LONGEST_ID = 200;
const REFERENCE = /secret:\/\/[a-z0-9][a-z0-9-]{0,62}/g;

/** Sends one message by a channel of the MSP's. Secrets are resolved here and go nowhere else. */
export class ChannelSender {
  constructor(
    private readonly guards: OutgoingGuards,
    private readonly secrets: VersionedSecrets,
  ) {}

  /** Throws only the signal's reason. A repeat sends the same message with the same idempotency key. */
  async send(row: ChannelRow, words: ChannelWords, signal: AbortSignal): Promise<TryOutcome> {
    try {
      return await this.call(row, words, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AppError)) return { kind: 'again', code: 'escalation.channel_unreachable' };
      return { kind: error.retryable ? 'again' : 'never', code: error.code };
    }
  }

  private async call(row: ChannelRow, words: ChannelWords, signal: AbortSignal): Promise<TryOutcome> {
    const config = row.config as ChannelConfig;
    const kind = row.kind as ChannelKind;
    const body = JSON.stringify(channelBody(kind, config, words));
    const limits = { wholeMs: WHOLE_MS, responseBytes: ANSWER_BYTES, encryptedInPublic: true };
    const response = await guardedFetch(this.guards.of(row.tenant_id), limits)(
      await this.revealed(row.tenant_id, config.url),
      { method: config.method, headers: await this.headersOf(row, config, words.id, body), body, signal },
    );
    if (response.status >= 200 && response.status < 300)
      return { kind: 'sent', providerId: config.idAt === null ? null : idIn(await response.text(), config.idAt) };
    // too many, and their own trouble, may pass
    const mayPass = response.status === 408 || response.status === 429 || response.status >= 500;
    return { kind: mayPass ? 'again' : 'never', code: `channel.answered_${response.status}` };
  }

  private async headersOf(
    { tenant_id: tenant }: ChannelRow,
    { headers, secret }: ChannelConfig,
    id: string,
    body: string,
  ): Promise<Record<string, string>> {
    const own: Record<string, string> = { 'content-type': 'application/json', 'idempotency-key': id };
    for (const [name, text] of Object.entries(headers)) own[name] = await this.revealed(tenant, text);
    if (secret === null) return own;
    const timestamp = Math.floor(systemClock.now().getTime() / 1000);
    return { ...own, ...webhookHeaders({ id, timestamp, body }, [await this.secrets.resolve(tenant, secret)]) };
  }

  private async revealed(tenant: string, text: string): Promise<string> {
    let whole = text;
    for (const reference of new Set(text.match(REFERENCE) ?? []))
      whole = whole.replaceAll(reference, await this.secrets.resolve(tenant, reference));
    return whole;
  }
}

/** What a provider calls the message, as far as its answer says so. */
function idIn(text: string, pointer: string): string | null {
  try {
    const id = atPointer(JSON.parse(text) as Json, pointer);
    return typeof id === 'string' || typeof id === 'number' ? String(id).slice(0, LONGEST_ID) : null;
  } catch {
    return null;
  }
}
