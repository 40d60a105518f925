import type { FieldProblem, Json } from '#libs/kernel';
import { findSchedule, findTeam, unknownPeople } from '#libs/oncall';
import type { Actor } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import {
  ChainInvalid,
  ChainNotFound,
  ChannelInvalid,
  ChannelNotFound,
  EscalationSettingsInvalid,
  findChain,
  findChannel,
  findTriggers,
  insertChain,
  insertTriggers,
  isZone,
  listChains,
  listChannels,
  saveChannel,
  saveSettings,
  settingsOf,
  TriggersInvalid,
  USUAL_SETTINGS,
} from '#libs/sla';
import { readChain, readChannel, readTriggers, type Chain, type Receiver } from '#libs/sla/model';
import { listedTenants, type Writer } from '../access/caller.js';
import { LARGEST_PAGE } from '../http/page.query.js';
import type { ChainDto, ChannelDto, SettingsDto, TriggersDto } from './escalation.dto.js';
import {
  chainView,
  channelView,
  triggersView,
  type ChainsView,
  type ChainView,
  type ChannelsView,
  type ChannelView,
  type TriggersView,
} from './escalation.view.js';

/** Chains, what starts them, and by which ways people are told: of the MSP for all, or of one customer. */
export class ChainDesk {
  constructor(private readonly database: Database) {}

  /** Throws `TenantNotFound`. */
  chains(actor: Actor, tenant: string | undefined): Promise<ChainsView> {
    const tenants = listedTenants(actor, tenant);
    return inTenants(this.database, tenants, async (tx) => ({
      items: (await listChains(tx, tenants, LARGEST_PAGE)).map(chainView),
    }));
  }

  /** Throws `ChainNotFound`. */
  chain({ tenant }: Writer, name: string): Promise<ChainView> {
    return inTenants(this.database, [tenant], async (tx) => {
      const row = await findChain(tx, tenant, name);
      if (!row)
        throw new ChainNotFound(`${tenant} has no chain ${name}. GET /v1/sla/chains lists those that there are.`);
      return chainView(row);
    });
  }

  /** Throws `ChainInvalid`. */
  async putChain({ actor, tenant }: Writer, name: string, body: ChainDto): Promise<ChainView> {
    const { chain, faults } = readChain({ ...body }, isZone);
    const unknown = faults.length > 0 ? [] : await this.unknownReceivers(actor.home, chain);
    refuse(ChainInvalid, [...faults, ...unknown]);
    return inTenants(this.database, [tenant], async (tx) => {
      const before = await findChain(tx, tenant, name);
      const row = await insertChain(tx, tenant, { name, chain }, actor.subject);
      const change = { before: (before?.chain ?? null) as Json, after: chain as unknown as Json };
      await onRecord(tx, tenant, actor, 'escalation_chain.changed', name, change);
      return chainView(row);
    });
  }

  triggers({ tenant }: Writer): Promise<TriggersView> {
    return inTenants(this.database, [tenant], async (tx) => triggersView(await findTriggers(tx, tenant)));
  }

  /** Throws `TriggersInvalid`. */
  async putTriggers({ actor, tenant }: Writer, body: TriggersDto): Promise<TriggersView> {
    const { triggers, faults } = readTriggers(body.triggers);
    const shared = await this.namesOf(actor.home);
    const own = await this.namesOf(tenant);
    const missing = triggers.flatMap(({ chain }, index) =>
      own.has(chain) || shared.has(chain) ? [] : [unknownAt(`triggers.${index}.chain`, `a chain ${chain}`)],
    );
    refuse(TriggersInvalid, [...faults, ...missing]);
    return inTenants(this.database, [tenant], async (tx) => {
      const before = await findTriggers(tx, tenant);
      const row = await insertTriggers(tx, tenant, triggers, actor.subject);
      const change = { before: (before?.triggers ?? null) as Json, after: triggers as unknown as Json };
      await onRecord(tx, tenant, actor, 'escalation_triggers.changed', tenant, change);
      return triggersView(row);
    });
  }

  /** Throws `TenantNotFound`. */
  channels(actor: Actor, tenant: string | undefined): Promise<ChannelsView> {
    const tenants = listedTenants(actor, tenant);
    return inTenants(this.database, tenants, async (tx) => ({
      items: (await listChannels(tx, tenants, LARGEST_PAGE)).map(channelView),
    }));
  }

  /** Throws `ChannelNotFound`. */
  channel({ tenant }: Writer, name: string): Promise<ChannelView> {
    return inTenants(this.database, [tenant], async (tx) => {
      const row = await findChannel(tx, tenant, name);
      if (!row)
        throw new ChannelNotFound(`${tenant} has no channel ${name}. GET /v1/notification-channels lists them.`);
      return channelView(row);
    });
  }

  /** Throws `ChannelInvalid`. */
  putChannel({ actor, tenant }: Writer, name: string, { kind, ...body }: ChannelDto): Promise<ChannelView> {
    const { config, faults } = readChannel(kind, body);
    refuse(ChannelInvalid, faults);
    return inTenants(this.database, [tenant], async (tx) => {
      const before = await findChannel(tx, tenant, name);
      const row = await saveChannel(tx, tenant, { name, kind, config }, actor.subject);
      const change = { before: (before?.config ?? null) as Json, after: config as unknown as Json };
      await onRecord(tx, tenant, actor, 'notification_channel.changed', name, change);
      return channelView(row);
    });
  }

  settings({ tenant }: Writer): Promise<SettingsDto> {
    return inTenants(this.database, [tenant], async (tx) => {
      const row = await settingsOf(tx, tenant);
      return {
        conferenceTemplate: row?.conference_template ?? null,
        remindAfterDays: row ? row.remind_after_days : USUAL_SETTINGS.remindAfterDays,
        closeAfterDays: row ? row.close_after_days : USUAL_SETTINGS.closeAfterDays,
      };
    });
  }

  /** Throws `EscalationSettingsInvalid`. */
  putSettings({ actor, tenant }: Writer, body: SettingsDto): Promise<SettingsDto> {
    const { conferenceTemplate = null, remindAfterDays = null, closeAfterDays = null } = body;
    if (conferenceTemplate !== null && !isConference(conferenceTemplate)) {
      const message = 'Write an https address with {ticket} in it, so that each ticket has a conference of its own.';
      refuse(EscalationSettingsInvalid, [{ path: 'conferenceTemplate', code: 'not_a_template', message }]);
    }
    const settings = { conferenceTemplate, remindAfterDays, closeAfterDays };
    return inTenants(this.database, [tenant], async (tx) => {
      await saveSettings(tx, tenant, settings, actor.subject);
      await onRecord(tx, tenant, actor, 'escalation_settings.changed', tenant, { after: settings });
      return settings;
    });
  }

  private namesOf(tenant: string): Promise<ReadonlySet<string>> {
    return inTenants(this.database, [tenant], async (tx) => {
      const rows = await listChains(tx, [tenant], 10_000);
      return new Set(rows.map(({ name }) => name));
    });
  }

  /** People, schedules, teams and channels are the MSP's. */
  private unknownReceivers(msp: string, { steps }: Chain): Promise<FieldProblem[]> {
    return inTenants(this.database, [msp], async (tx) => {
      const faults: FieldProblem[] = [];
      for (const [place, step] of steps.entries()) {
        if (step.kind !== 'notify') continue;
        for (const [index, receiver] of step.receivers.entries())
          if (!(await isKnown(tx, msp, receiver)))
            faults.push(unknownAt(`steps.${place}.receivers.${index}`, nameOf(receiver)));
      }
      return faults;
    });
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

async function isKnown(tx: Transaction, msp: string, receiver: Receiver): Promise<boolean> {
  switch (receiver.kind) {
    case 'person':
      return (await unknownPeople(tx, msp, [receiver.subject])).length === 0;
    case 'schedule':
      return UUID.test(receiver.id) && (await findSchedule(tx, [msp], receiver.id)) !== undefined;
    case 'team':
      return UUID.test(receiver.id) && (await findTeam(tx, [msp], receiver.id)) !== undefined;
    case 'channel':
      return (await findChannel(tx, msp, receiver.name)) !== undefined;
  }
}

function nameOf(receiver: Receiver): string {
  switch (receiver.kind) {
    case 'person':
      return `an active person ${receiver.subject}`;
    case 'channel':
      return `a channel ${receiver.name}`;
    case 'schedule':
    case 'team':
      return `a ${receiver.kind} ${receiver.id}`;
  }
}

function unknownAt(path: string, what: string): FieldProblem {
  return { path, code: 'unknown', message: `The MSP does not have ${what}.` };
}

function refuse(
  Refusal: new (message: string, options: { errors: readonly FieldProblem[] }) => Error,
  faults: readonly FieldProblem[],
): void {
  if (faults.length > 0) throw new Refusal(faults[0]!.message, { errors: faults });
}

function isConference(text: string): boolean {
  if (!text.includes('{ticket}')) return false;
  try {
    return new URL(text.replaceAll('{ticket}', 'x').replaceAll('{customer}', 'y')).protocol === 'https:';
  } catch {
    return false;
  }
}

async function onRecord(
  tx: Transaction,
  tenant: string,
  actor: Actor,
  action: string,
  id: string,
  change: { readonly before?: Json; readonly after: Json },
): Promise<void> {
  const kind = action.slice(0, action.indexOf('.'));
  await appendAudit(tx, tenant, { action, actor: actor.subject, object: { kind, id }, ...change });
}
