import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import { json, type Row, type Transaction } from '#libs/platform/database';
import type { ChannelConfig, ChannelKind } from '../model/index.js';

export type ChannelRow = Row<'notification_channels'>;
export type EscalationSettingsRow = Row<'escalation_settings'>;

/** By name. */
export function listChannels(tx: Transaction, tenants: readonly string[], limit: number): Promise<ChannelRow[]> {
  return tx
    .selectFrom('notification_channels')
    .selectAll()
    .where('tenant_id', 'in', [...tenants, ''])
    .orderBy('name')
    .orderBy('id')
    .limit(limit)
    .execute();
}

export function findChannel(tx: Transaction, tenant: string, name: string): Promise<ChannelRow | undefined> {
  return tx
    .selectFrom('notification_channels')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('name', '=', name)
    .executeTakeFirst();
}

export function channelById(tx: Transaction, tenant: string, id: string): Promise<ChannelRow | undefined> {
  return tx
    .selectFrom('notification_channels')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** The one of a kind that people are reached by: the first by name. */
export function channelOfKind(tx: Transaction, tenant: string, kind: ChannelKind): Promise<ChannelRow | undefined> {
  return tx
    .selectFrom('notification_channels')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('kind', '=', kind)
    .orderBy('name')
    .executeTakeFirst();
}

export function saveChannel(
  tx: Transaction,
  tenant: string,
  { name, kind, config }: { readonly name: string; readonly kind: ChannelKind; readonly config: ChannelConfig },
  by: string,
): Promise<ChannelRow> {
  const values = { kind, config: json(config), set_by: by };
  return tx
    .insertInto('notification_channels')
    .values({ tenant_id: tenant, id: newId(), name, ...values })
    .onConflict((conflict) =>
      conflict.columns(['tenant_id', 'name']).doUpdateSet({ ...values, set_at: sql<Date>`now()` }),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Notes an answer of a provider's; false when the same one came before. */
export async function noteAnswer(
  tx: Transaction,
  { tenant_id, id: channel_id }: Pick<ChannelRow, 'tenant_id' | 'id'>,
  digest: Buffer,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('notification_answers')
    .values({ tenant_id, channel_id, digest })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export function settingsOf(tx: Transaction, tenant: string): Promise<EscalationSettingsRow | undefined> {
  return tx.selectFrom('escalation_settings').selectAll().where('tenant_id', '=', tenant).executeTakeFirst();
}

export interface EscalationSettings {
  readonly conferenceTemplate: string | null;
  readonly remindAfterDays: number | null;
  readonly closeAfterDays: number | null;
}

export async function saveSettings(
  tx: Transaction,
  tenant: string,
  { conferenceTemplate, remindAfterDays, closeAfterDays }: EscalationSettings,
  by: string,
): Promise<void> {
  const values = {
    conference_template: conferenceTemplate,
    remind_after_days: remindAfterDays,
    close_after_days: closeAfterDays,
    set_by: by,
  };
  await tx
    .insertInto('escalation_settings')
    .values({ tenant_id: tenant, ...values })
    .onConflict((conflict) => conflict.column('tenant_id').doUpdateSet({ ...values, set_at: sql<Date>`now()` }))
    .execute();
}

/** What holds for customers who set nothing of their own. */
export const USUAL_SETTINGS: EscalationSettings = {
  conferenceTemplate: null,
  remindAfterDays: 3,
  closeAfterDays: 5,
};
