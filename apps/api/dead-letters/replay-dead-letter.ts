import { isId } from '#libs/kernel';
import { readerOf, type Reader } from '#libs/platform/access';
import { inTenants, type Database, type Row, type Transaction } from '#libs/platform/database';
import { insertRecordAsItIs, shardOf, type OutboxHint, type OutboxRecord } from '#libs/platform/outbox';
import type { FindTenant } from '../access/access.decorators.js';
import type { Writer } from '../access/caller.js';
import { DeadLetterAlreadyReplayed, DeadLetterNotFound } from './dead-letter.errors.js';
import { findLetterTenant, takeLetter } from './dead-letter.store.js';
import type { ReplayedView } from './dead-letter.view.js';

/**
 * Sends a dead letter again, through the outbox. Bytes, headers and key stay as they were, the event's id and its
 * `ce_sequence` among them: readers know it by its id, and one that is behind what was applied meanwhile is ignored as
 * any late event is. Only the outbox row takes its key's next number, to keep the relay's order.
 */
export class ReplayDeadLetter {
  constructor(
    private readonly database: Database,
    private readonly hint: OutboxHint,
    private readonly topicPrefix: string,
  ) {}

  /** Throws `DeadLetterNotFound` or `DeadLetterAlreadyReplayed`. */
  async execute({ actor, tenant }: Writer, id: string): Promise<ReplayedView> {
    const replayed = await inTenants(this.database, [tenant], async (tx) => {
      const letter = await takeLetter(tx, tenant, id, actor.subject);
      if (!letter) return this.refuse(tx, tenant, id, readerOf(actor));
      await insertRecordAsItIs(tx, this.recordOf(letter));
      return { id, replayedAt: letter.replayed_at!.toISOString(), replayedBy: actor.subject };
    });
    this.hint.give();
    return replayed;
  }

  private async refuse(tx: Transaction, tenant: string, id: string, reader: Reader): Promise<never> {
    await tenantOfLetter(tx, [tenant], id, reader);
    throw new DeadLetterAlreadyReplayed('If it came back, replay the new letter instead.');
  }

  private recordOf(letter: Row<'dead_letters'>): OutboxRecord {
    const { topic, headers } = letter;
    const key = textOf(letter.key) ?? `${letter.tenant_id}/dead-letter/${letter.id}`;
    const eventId = headers['ce_id'] ?? '';
    return {
      tenant_id: letter.tenant_id,
      event_id: isId(eventId) ? eventId : letter.id,
      shard: shardOf(key),
      topic: topic.startsWith(this.topicPrefix) ? topic.slice(this.topicPrefix.length) : topic,
      key,
      headers,
      value: letter.value ?? Buffer.alloc(0),
    };
  }
}

/** Whose a letter is. Throws `DeadLetterNotFound`. */
export const tenantOfLetter: FindTenant = async (tx, tenants, id) => {
  const tenant = await findLetterTenant(tx, tenants, id);
  if (tenant === undefined) throw new DeadLetterNotFound(`There is no dead letter ${id}, or you may not see it.`);
  return tenant;
};

/** A key as text. The outbox keeps keys as text, so one that is none (or missing) gets a key of its own. */
function textOf(key: Buffer | null): string | null {
  const text = key?.toString('utf8') ?? '';
  return text !== '' && !text.includes('\0') && Buffer.from(text).equals(key!) ? text : null;
}
